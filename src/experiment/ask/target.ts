import { z } from "zod";
import { cacheFolder, type Environment } from "../../../setup/folders.ts";
import { thisMachine } from "../../../setup/platform.ts";
import { lookAtServer } from "../../model/look-at-server.ts";
import type { ServerTraits } from "../../model/server-traits.ts";
import { openServer } from "../../server/open-server.ts";
import { requireProgram } from "../../server/require-program.ts";
import { notUnderstood } from "./ask-cell.ts";
import { localModelFacts, type ModelFacts, samplingOf } from "./model-facts.ts";
import { serverModelHash } from "./model-hash.ts";
import { ServerClient } from "./server-client.ts";

/** Slots of a server that is started for an experiment; more share the memory's bandwidth without being faster. */
const DEFAULT_SLOTS = 4;

export interface TargetOptions {
  /** A server that is there already, with or without /v1; one is started when undefined. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Of a server that is started, and the most that are used of any. */
  readonly slots?: number | undefined;
  /** Tokens of one cell's context. */
  readonly context?: number | undefined;
  readonly llamaServer?: string | undefined;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** A llama-server with one model. */
export interface Target extends AsyncDisposable {
  readonly client: ServerClient;
  readonly model: ModelFacts;
  /** llama.cpp's own words: `b6097-abc1234`. */
  readonly build: string;
  readonly slots: number;
  /** Tokens of one slot. */
  readonly contextSize: number;
  /** How it takes a schema; a server that is not ours is tried. */
  traits(): Promise<ServerTraits>;
  /** Resolves when the server can be asked again, if it is one that is restarted for us. */
  ready(): Promise<void>;
}

const propsSchema = z.object({
  total_slots: z.int().min(1),
  build_info: z.string(),
  model_path: z.string().optional(),
  model_alias: z.string().nullish(),
  default_generation_settings: z.object({ n_ctx: z.number() }),
});

export function cacheOf(environment: Environment): string {
  return cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
}

/**
 * Opens the server at `baseUrl`, or starts one with as many slots as asked for, which ends with the target.
 * @param model a catalogue name or a .gguf file; the best one installed when undefined
 * @throws GptOssError `server-missing`, `server-unreachable`, `model-missing` or `server-failed`
 */
export async function openTarget(model: string | undefined, options: TargetOptions): Promise<Target> {
  return options.baseUrl === undefined
    ? await startTarget(model, options)
    : await attachTarget(model, options, options.baseUrl);
}

async function startTarget(model: string | undefined, options: TargetOptions): Promise<Target> {
  const { environment, signal, slots = DEFAULT_SLOTS, context } = options;
  const cache = cacheOf(environment);
  const machine = thisMachine(environment);
  const program = await requireProgram({ machine, cache, named: options.llamaServer, signal });
  const facts = await localModelFacts(model, { cache, environment, signal });
  const server = await openServer({
    program,
    model: facts.local,
    cache,
    environment,
    signal,
    slots,
    contextSize: context,
  });
  const client = new ServerClient({ url: server.url, apiKey: server.apiKey });
  const close = async () => {
    await client[Symbol.asyncDispose]();
    await server.stop();
  };
  try {
    const { build, slots: all, contextSize } = await factsOf(client, signal);
    return {
      client,
      model: facts,
      build,
      // another client may have wanted more of the same server
      slots: Math.min(slots, all),
      contextSize,
      traits: () => Promise.resolve({ mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize }),
      ready: () => server.ready(signal),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function attachTarget(model: string | undefined, options: TargetOptions, baseUrl: string): Promise<Target> {
  const { apiKey, signal, environment } = options;
  const client = new ServerClient({ url: baseUrl.replace(/\/+$/, "").replace(/\/v1$/, ""), apiKey });
  const { props, build, slots, contextSize } = await factsOf(client, signal);
  const { model_path: modelPath, model_alias: alias } = props;
  const description = withoutClock(await client.get("/v1/models", signal));
  let traits: Promise<ServerTraits> | undefined;
  const hash = await serverModelHash(
    { modelPath, isLocal: isLoopback(client.url), description },
    cacheOf(environment),
    signal,
  );
  return {
    client,
    build,
    slots: Math.min(slots, options.slots ?? slots),
    contextSize,
    traits: () => (traits ??= lookAtServer({ baseUrl: client.url, apiKey, signal })),
    // whoever started it restarts it
    ready: () => Promise.resolve(),
    model: { name: model ?? alias ?? "unnamed", hash, sampling: samplingOf(hash) },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Whether a server at this address runs on this machine. */
function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string(), meta: z.json().optional() })) });

/** /v1/models tells the time too. */
function withoutClock(models: unknown): unknown {
  return modelsSchema.safeParse(models).data;
}

async function factsOf(client: ServerClient, signal: AbortSignal | undefined) {
  const props = propsSchema.safeParse(await client.get("/props", signal));
  if (!props.success) throw notUnderstood(client.url, props.error);
  return {
    props: props.data,
    build: props.data.build_info,
    slots: props.data.total_slots,
    contextSize: props.data.default_generation_settings.n_ctx,
  };
}
