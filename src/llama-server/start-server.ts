import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type GptOssError, systemCodeOf } from "../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import { childEnvironment } from "../platform/child-environment.ts";
import { failureReason, ServerLog } from "./server-log.ts";

const STOP_GRACE_MS = 5_000;

export interface StartServerOptions {
  /** Path of the llama-server program. */
  readonly program: string;
  readonly settings: ServerSettings;
  /** Gets everything that the server writes. Each start begins a new file, and renames the one before to FILE.1. */
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What clients have to send; random when left out. */
  readonly apiKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called as soon as the program runs, long before its model is loaded. */
  readonly onSpawned?: (pid: number) => void;
  /** How far the model is loaded, 0 to 1. */
  readonly onLoading?: (fraction: number) => void;
}

/** How a llama-server ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why, in the words of its log; undefined when it gives no cause. */
  readonly reason: LocalizedText | undefined;
}

/** A llama-server that this process started and owns. */
export interface RunningServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  readonly apiKey: string;
  readonly pid: number;
  readonly logFile: string;
  /** The end of its log so far. */
  readonly logTail: () => string;
  /** Resolves when the server has ended, whatever the reason. */
  readonly ended: Promise<Ending>;
  stop(): Promise<void>;
}

/**
 * Starts llama-server with an API key and resolves when the model is loaded.
 * It ends with this process: on `stop()`, at a normal exit, and, if this process is killed, when its standard input closes.
 * @throws GptOssError `server-failed` with the log's own reason (its `cause` is the Ending), `server-missing` when the
 * program can't be run, `interrupted`
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { logFile, signal } = options;
  if (signal?.aborted) throw createError("interrupted", [errorDetail("startingServer")]);
  const apiKey = options.apiKey ?? randomBytes(24).toString("base64url");
  const log = new ServerLog(logFile);
  const child = spawnServer(options, apiKey);
  if (child.pid !== undefined) options.onSpawned?.(child.pid);
  const ended = watchEnd(child, log);
  const listening = watchOutput(child, log, options.onLoading);
  const stop = () => stopServer(child, ended);
  const cancelled = new Promise<"cancelled">((resolve) => {
    signal?.addEventListener("abort", () => resolve("cancelled"), { once: true });
  });
  const outcome = await Promise.race([listening, ended, cancelled]);
  if (typeof outcome === "string" && outcome !== "cancelled") {
    return { url: outcome, apiKey, pid: child.pid ?? 0, logFile, logTail: () => log.tail, ended, stop };
  }
  await stop();
  if (outcome === "cancelled") throw createError("interrupted", [errorDetail("startingServer")]);
  throw loadFailed(options, outcome);
}

function spawnServer({ program, settings, environment }: StartServerOptions, apiKey: string): ChildProcess {
  const child = spawn(program, [...serverArguments(settings)], {
    stdio: ["pipe", "pipe", "pipe"],
    // its own process group, so that Ctrl-C in the terminal reaches us alone
    detached: true,
    // with a router port in its environment llama-server ends when its standard input closes, that is, when we are gone
    env: childEnvironment("server", environment, {
      ...settings.variables,
      LLAMA_API_KEY: apiKey,
      LLAMA_SERVER_ROUTER_PORT: "1",
    }),
  });
  child.stdin?.on("error", () => undefined); // the server went first
  const killAtExit = () => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  child.once("exit", () => process.off("exit", killAtExit));
  return child;
}

function watchEnd(child: ChildProcess, log: ServerLog): Promise<Ending> {
  return new Promise((resolve) => {
    const settle = (status: number | null, signal: NodeJS.Signals | null, failure?: Error) => {
      log.close();
      const because =
        failure === undefined ? failureReason(log.tail) : errorDetail("notRunnable", systemCodeOf(failure) ?? "?");
      resolve({ status, signal, reason: because });
    };
    child.once("close", settle);
    child.once("error", (failure) => settle(null, null, failure));
  });
}

/** Keeps what the server says. @returns its address, once it has said that, which is when the model is loaded */
function watchOutput(child: ChildProcess, log: ServerLog, onLoading?: (fraction: number) => void): Promise<string> {
  return new Promise((resolve) => {
    let isListening = false;
    const onLine = (line: string) => {
      // a server that believes to have a router tells it its states; these lines are not for people
      if (line.startsWith("cmd_child_to_router:")) {
        // the two streams are read apart: on a busy machine the last of these lines arrives after the server is ready
        if (isListening) return;
        const fraction = /"value":([\d.]+)\}/.exec(line)?.[1];
        return fraction === undefined ? undefined : onLoading?.(Number(fraction));
      }
      log.writeLine(line);
      const [, host, port] = /listening on http:\/\/(\S+):(\d+)/.exec(line) ?? [];
      if (host === undefined || port === undefined) return;
      isListening = true;
      resolve(`http://${reachable(host)}:${port}`);
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
    }
  });
}

/** A server that listens on every address is reached at loopback. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return LOOPBACK;
  return host === "[::]" ? "[::1]" : host;
}

function loadFailed({ settings: { alias }, program, logFile }: StartServerOptions, ending: Ending): GptOssError {
  if (ending.status === null && ending.signal === null) {
    return createError("notStarted", [program, alias, ending.reason ?? ""], { cause: ending });
  }
  return createError("notLoaded", [alias, describeEnding(ending), logFile], { cause: ending });
}

/** In a few words; the system ends a program with SIGKILL when memory runs out. */
export function describeEnding({ status, signal, reason: because }: Ending): LocalizedText {
  if (because !== undefined) return because;
  if (signal === "SIGKILL") return errorDetail("killed");
  return signal === null ? errorDetail("endedWithStatus", String(status)) : errorDetail("endedBySignal", signal);
}

async function stopServer(child: ChildProcess, ended: Promise<Ending>): Promise<void> {
  if (child.pid === undefined) return;
  // it waits for the end of its standard input too, even after SIGTERM
  child.stdin?.destroy();
  child.kill("SIGTERM");
  const patience = new AbortController();
  const late = sleep(STOP_GRACE_MS, "late", { signal: patience.signal, ref: false }).catch(() => "cancelled");
  if ((await Promise.race([ended, late])) === "late") child.kill("SIGKILL");
  await ended;
  patience.abort();
}

/** What a llama-server is started with. */
export interface ServerSettings {
  /** Absolute path of the GGUF (of the first shard where there are several). */
  readonly modelPath: string;
  /** Name under which clients ask for it. */
  readonly alias: string;
  /** Tokens of all slots together. */
  readonly contextSize: number;
  /** Conversations at once; each has `contextSize / slots` tokens. */
  readonly slots: number;
  /** Chat template file; undefined for the one inside the model. */
  readonly templatePath?: string | undefined;
  /** Address to listen on; loopback by default. */
  readonly host?: string | undefined;
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** Threads of the CPU; by llama.cpp's own choice when left out. */
  readonly threads?: number | undefined;
  /** The most prompt tokens that are read at once; by llama.cpp's own choice when left out. */
  readonly batchSize?: number | undefined;
  /** MiB of host memory for prompts that left their slot. */
  readonly cacheMebibytes?: number | undefined;
  /** llama.cpp's verbosity; 4 shows which layers are on the GPU, 3 is its default. */
  readonly verbosity?: number | undefined;
  /** rpc-servers that take layers, `host:port,host:port`. */
  readonly rpc?: string | undefined;
  /** Environment variables that choose its devices and libraries. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

export const LOOPBACK = "127.0.0.1";

/**
 * The command line of llama-server. The API key is not on it: command lines are visible to every user of a machine.
 * Slots and context always go together, since without `-np` the server multiplies the context by four.
 */
export function serverArguments(settings: ServerSettings): readonly string[] {
  return [
    // first: what follows may name the devices that it adds
    ...(settings.rpc === undefined ? [] : ["--rpc", settings.rpc]),
    "--model",
    settings.modelPath,
    "--alias",
    settings.alias,
    "--host",
    settings.host ?? LOOPBACK,
    "--port",
    String(settings.port),
    "--parallel",
    String(settings.slots),
    "--ctx-size",
    String(settings.contextSize),
    // we parse harmony ourselves: llama-server answers HTTP 500 when a header deviates
    "--skip-chat-parsing",
    ...(settings.templatePath === undefined ? [] : ["--chat-template-file", settings.templatePath]),
    ...(settings.threads === undefined ? [] : ["--threads", String(settings.threads)]),
    ...batchArguments(settings.batchSize),
    ...(settings.cacheMebibytes === undefined ? [] : ["--cache-ram", String(settings.cacheMebibytes)]),
    ...(settings.verbosity === undefined ? [] : ["--log-verbosity", String(settings.verbosity)]),
    "--offline",
  ];
}

/** A physical batch has at most 512 tokens by default, and llama-server refuses one that is larger than the logical batch. */
function batchArguments(tokens: number | undefined): readonly string[] {
  if (tokens === undefined) return [];
  return ["--batch-size", String(tokens), "--ubatch-size", String(Math.min(tokens, 512))];
}
