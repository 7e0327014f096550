import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { type Environment, packageFile } from "../platform/folders.ts";
import { serverSettings } from "../platform/child-environment.ts";
import { computingOf } from "./batch-size.ts";
import { ggufFactsOf } from "../gguf/gguf-facts.ts";
import type { LocalModel } from "./installed-models.ts";
import { readContextLimit, rememberContextLimit } from "./context-limit.ts";
import { Lease, type ServerNotice } from "./lease.ts";
import {
  chooseCacheMebibytes,
  chooseContextSize,
  type ContextRange,
  neededBytes,
  predictMemory,
} from "./memory-estimate.ts";
import type { Gateway, WantedServer } from "./protocol.ts";

/** How long a server waits for its next client: a model that is loaded in a blink need not. */
const IDLE_SECONDS = { large: 300, small: 10 };
const SMALL_BYTES = 500e6;
/** One thread does better than several below this size. */
const TINY_BYTES = 20e6;

export interface OpenServerOptions {
  /** Path of llama-server. */
  readonly program: string;
  readonly model: LocalModel;
  readonly cache: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Tokens of one conversation, exactly; by model and memory when left out. */
  readonly contextSize?: number | undefined;
  /** What the context is chosen from if no exact one is given. */
  readonly contextFor?: ContextRange | undefined;
  /** Conversations at once, each with its own context; 1, the default, is enough for a chat. */
  readonly slots?: number | undefined;
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  /** Loopback by default. */
  readonly host?: string | undefined;
  /** Random by default. */
  readonly apiKey?: string | undefined;
  /** rpc-servers that take layers, `host:port,host:port`. */
  readonly rpc?: string | undefined;
  /** How long the server lives on when nobody uses it any more; 0 for not at all. By size of the model when left out. */
  readonly idleSeconds?: number | undefined;
  readonly onLoading?: ((fraction: number) => void) | undefined;
  readonly onNotice?: ((notice: ServerNotice) => void) | undefined;
}

/** A server for this program and perhaps others, run by the supervisor. */
export interface OpenServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a path; the same for as long as this lease lasts. */
  readonly url: string;
  readonly apiKey: string;
  /** Of llama-server; another one after a restart. */
  readonly pid: number;
  readonly logFile: string;
  /** Tokens of one conversation. */
  readonly contextSize: number;
  /** Conversations at once. */
  readonly slots: number;
  /** Resolves when the server will not come back, or this lease was given up. */
  readonly ended: Promise<void>;
  /**
   * Resolves when the server can be asked: at once, or when its restart is done.
   * @throws GptOssError `server-failed` when it can't come back, `interrupted` when `signal` aborts
   */
  ready(signal?: AbortSignal): Promise<void>;
  /** Listens to what happens to the server. @returns a function that ends the listening */
  onNotice(listener: (notice: ServerNotice) => void): () => void;
  /** Lets the server stay without any client, until `gpt-oss serve stop`. */
  keep(): Promise<void>;
  /** Says that this program serves others, for `gpt-oss serve status`. */
  describeGateway(gateway: Gateway): void;
  /** Gives up this client's lease; the server goes when nobody else uses it for `idleSeconds`. */
  stop(): Promise<void>;
}

/**
 * Opens a server: one that runs already if it will do, else a new one. By default for one conversation: raw harmony, our
 * chat template, a context that fits this machine.
 * @throws GptOssError `server-failed` with the reason, `server-missing`, `interrupted`
 */
export async function openServer(options: OpenServerOptions): Promise<OpenServer> {
  const { cache, environment, signal, onLoading, onNotice } = options;
  const wanted = await describeWanted(options);
  const lease = await Lease.open({
    cache,
    environment,
    signal,
    wanted,
    idleSeconds: options.idleSeconds ?? (options.model.bytes < SMALL_BYTES ? IDLE_SECONDS.small : IDLE_SECONDS.large),
    onNotice: (notice) => {
      if (notice.kind === "loading") onLoading?.(notice.fraction);
      onNotice?.(notice);
    },
  });
  const { contextPerSlot, slots } = lease.server;
  if (!wanted.exactContext && contextPerSlot < wanted.contextPerSlot) {
    await rememberContextLimit(cache, wanted.identity, contextPerSlot * slots);
  }
  return {
    url: lease.server.url,
    apiKey: lease.server.apiKey,
    get pid() {
      return lease.server.serverPid;
    },
    logFile: lease.server.logFile,
    get contextSize() {
      return lease.server.contextPerSlot;
    },
    get slots() {
      return lease.server.slots;
    },
    ended: lease.ended,
    ready: (waiting) => lease.ready(waiting),
    onNotice: (listener) => lease.onNotice(listener),
    keep: () => lease.keep(),
    describeGateway: (gateway) => lease.describeGateway(gateway),
    stop: () => lease.stop(),
    [Symbol.asyncDispose]: () => lease.stop(),
  };
}

async function describeWanted(options: OpenServerOptions): Promise<WantedServer> {
  const { program, model, cache, contextSize, contextFor, slots = 1, port = 0, host, apiKey, rpc } = options;
  const totalMemory = totalmem();
  const variables = serverSettings(options.environment);
  const templatePath = packageFile("prompts/harmony.jinja");
  const computing = await computingOf(program, model, { cache, hasRpc: rpc !== undefined });
  const input = { facts: ggufFactsOf(model.path), slots, ...computing };
  const identity = identityOf([program, model.path, templatePath], [rpc ?? "", JSON.stringify(variables)]);
  const chosen = chooseContextSize({ ...input, totalMemory, range: contextFor });
  // so that it does not run out of memory each time, and a server that others use is not restarted larger
  const limit = (await readContextLimit(cache, identity)) ?? Number.POSITIVE_INFINITY;
  const contextPerSlot = contextSize ?? Math.min(chosen, Math.max(1, Math.floor(limit / slots)));
  const memory = predictMemory({ ...input, contextPerSlot });
  const needed = neededBytes(memory);
  return {
    identity,
    program,
    modelPath: model.path,
    alias: model.name,
    templatePath,
    rpc,
    variables,
    contextPerSlot,
    exactContext: contextSize !== undefined,
    slots,
    port,
    host,
    apiKey,
    threads: threadsFor(model.bytes),
    batchSize: computing.batchSize,
    cacheMebibytes: chooseCacheMebibytes(totalMemory, needed),
    weightBytes: needed - memory.perToken * contextPerSlot * slots,
    cacheBytesPerToken: memory.perToken,
    logFolder: join(cache, "logs"),
  };
}

/**
 * A token of a small model is computed faster than several threads agree on what each did of it, and while they wait for each other
 * they take the processors from everything else.
 */
function threadsFor(modelBytes: number): number | undefined {
  return modelBytes < TINY_BYTES ? 1 : undefined;
}

/** Files as they are now, so that a rebuilt server or an edited template is not taken for the old one. */
function identityOf(files: readonly string[], words: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of files) {
    const found = statSync(path, { throwIfNoEntry: false });
    hash.update(`${path}\0${found?.size}\0${found?.mtimeMs}\0`);
  }
  for (const word of words) hash.update(`${word}\0`);
  return hash.digest("hex");
}
