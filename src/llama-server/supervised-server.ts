import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { GptOssError, messageOf } from "../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import { childEnvironment } from "../platform/child-environment.ts";
import type { WantedServer } from "./protocol.ts";
import { reduceMemory } from "./memory-estimate.ts";
import { type ServerSettings, describeEnding, type Ending, type RunningServer, startServer } from "./start-server.ts";
import { readOffload } from "./verify.ts";

/** Waits before each restart; after the last one the server is given up. */
const BACKOFF_MS = [100, 500, 2_000, 5_000] as const;
/** How often it is looked whether the process is stopped, and how long it may be. */
const LOOK_MS = 2_000;
const FROZEN_MS = 20_000;
/** A server that ran this long has not been crashing in a row. */
const STABLE_MS = 60_000;
/** The system does not kill a smaller server for the memory that it takes. */
const LARGE_BYTES = 1e9;

export type ServerState =
  | { readonly kind: "loading"; readonly fraction: number }
  | { readonly kind: "ready"; readonly url: string; readonly pid: number }
  /** Something has stopped the process, and it answers nothing. */
  | { readonly kind: "frozen"; readonly pid: number; readonly url?: string }
  | { readonly kind: "restarting"; readonly reason: LocalizedText }
  | { readonly kind: "failed"; readonly error: GptOssError }
  | { readonly kind: "stopped" };

export interface SupervisedServerOptions {
  readonly wanted: WantedServer;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** After every change of `state`. */
  readonly onChange: () => void;
}

/** One llama-server that is started again, on the same port and with the same key, whenever it ends by itself. */
export class SupervisedServer {
  readonly logFile: string;
  readonly apiKey: string;
  readonly startedAt = new Date();
  readonly #options: SupervisedServerOptions;
  readonly #stopping = new AbortController();
  #wanted: WantedServer;
  #state: ServerState = { kind: "loading", fraction: 0 };
  #port: number;
  #running: RunningServer | undefined;
  #layers: ReturnType<typeof readOffload>;
  #contextPerSlot: number | undefined;
  #restarts = 0;
  #crashesInARow = 0;
  #resizing = false;
  #endedFrozen = false;
  #isReduced = false;
  #wasReady = false;
  readonly #finished: Promise<void>;

  constructor(options: SupervisedServerOptions) {
    this.#options = options;
    this.#wanted = options.wanted;
    this.#port = options.wanted.port;
    this.logFile = options.logFile;
    this.apiKey = options.wanted.apiKey ?? randomBytes(24).toString("base64url");
    this.#finished = this.#keepRunning();
  }

  get state(): ServerState {
    return this.#state;
  }

  /** What it is, with its present size. */
  get wanted(): WantedServer {
    return this.#wanted;
  }

  /** Whether it has less than was wanted, because loading ran out of memory. */
  get isReduced(): boolean {
    return this.#isReduced;
  }

  get port(): number {
    return this.#port;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Tokens of one conversation, as the server says; llama-server caps what it was started with at what the model has. */
  get contextPerSlot(): number {
    return this.#contextPerSlot ?? this.#wanted.contextPerSlot;
  }

  /** Layers on the GPU and in all, if its log has told when it was loaded. */
  get layers(): ReturnType<typeof readOffload> {
    return this.#layers;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running?.stop();
    await this.#finished;
  }

  /** Restarts it with another size, on the same address; its clients see it restarting. */
  async resize(size: Pick<WantedServer, "contextPerSlot" | "slots">): Promise<void> {
    this.#wanted = { ...this.#wanted, ...size };
    this.#resizing = true;
    this.#change({ kind: "restarting", reason: errorDetail("serverResized", size.slots, size.contextPerSlot) });
    await this.#running?.stop();
  }

  async #keepRunning(): Promise<void> {
    let why = await this.#runOnce();
    while (why !== undefined) {
      if (!this.#resizing) {
        const pause = BACKOFF_MS[this.#crashesInARow];
        if (pause === undefined) return this.#fail(this.#gaveUp(why));
        this.#crashesInARow++;
        this.#change({ kind: "restarting", reason: why });
        await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
      this.#restarts++;
      why = await this.#runOnce();
    }
    if (this.#state.kind !== "failed") this.#change({ kind: "stopped" });
  }

  /** @returns why it ended, if it is to be started again */
  async #runOnce(): Promise<LocalizedText | undefined> {
    this.#resizing = false;
    this.#endedFrozen = false;
    let watch: Disposable | undefined;
    try {
      this.#running = await this.#start((pid) => {
        watch = this.#watchForFreeze(pid);
      });
    } catch (error) {
      watch?.[Symbol.dispose]();
      return this.#judgeFailedStart(error);
    }
    this.#port = Number(new URL(this.#running.url).port);
    const log = this.#running.logTail();
    this.#layers = readOffload(log);
    this.#contextPerSlot = readContextPerSlot(log);
    this.#wasReady = true;
    const readyAt = performance.now();
    // a resize that came while it was loading stops it now
    if (this.#resizing) await this.#running.stop();
    else this.#change({ kind: "ready", url: this.#running.url, pid: this.#running.pid });
    const ending = await this.#running.ended;
    watch?.[Symbol.dispose]();
    this.#running = undefined;
    if (performance.now() - readyAt > STABLE_MS) this.#crashesInARow = 0;
    if (this.#stopping.signal.aborted) return undefined;
    return this.#endedFrozen ? errorDetail("wasFrozen") : describeEnding(ending);
  }

  /**
   * A server that is stopped from outside, even while it loads, would make all clients wait forever. They get a notice, and after a while
   * the server is restarted.
   */
  #watchForFreeze(pid: number): Disposable {
    let frozenSince: number | undefined;
    let before = this.#state;
    const look = async () => {
      const isFrozen = await isProcessStopped(pid);
      if (isFrozen && this.#state.kind !== "frozen") {
        before = this.#state;
        this.#change({ kind: "frozen", pid, ...(before.kind === "ready" && { url: before.url }) });
      } else if (!isFrozen && this.#state.kind === "frozen") {
        this.#change(before);
      }
      frozenSince = isFrozen ? (frozenSince ?? performance.now()) : undefined;
      if (frozenSince !== undefined && performance.now() - frozenSince > FROZEN_MS) {
        this.#endedFrozen = true;
        process.kill(pid, "SIGKILL");
      }
    };
    const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  async #start(onSpawned: (pid: number) => void): Promise<RunningServer> {
    const { environment, logFile, wanted } = this.#options;
    return await startServer({
      program: wanted.program,
      settings: settingsOf(this.#wanted, this.#port),
      logFile,
      environment,
      apiKey: this.apiKey,
      signal: this.#stopping.signal,
      onSpawned,
      onLoading: (fraction) => {
        if (!this.#resizing) this.#change({ kind: "loading", fraction });
      },
    });
  }

  /**
   * A start that runs out of memory is tried once with less. One is tried again when the server was killed, or when it has run before: its port may not be free yet, an rpc-server not be
   * back. A server that ends itself at its first start, by a signal of its own too, would do so each time.
   */
  #judgeFailedStart(error: unknown): LocalizedText | undefined {
    if (this.#stopping.signal.aborted) return undefined;
    const ending = GptOssError.isInstance(error) ? (error.cause as Ending | undefined) : undefined;
    if (this.#endedFrozen) return errorDetail("wasFrozen");
    const isShort = ranOutOfMemory(ending, this.#wanted);
    const smaller = this.#isReduced || !isShort ? undefined : reduceMemory(this.#wanted);
    if (smaller !== undefined) {
      this.#isReduced = true;
      this.#wanted = smaller;
      return errorDetail("memoryReduced", smaller.contextPerSlot, smaller.cacheMebibytes ?? 0);
    }
    // less was not enough either
    const isHopeless = isShort && this.#isReduced && !this.#wasReady;
    const mayRetry = ending?.signal === "SIGKILL" || (ending !== undefined && this.#restarts > 0);
    if (ending && mayRetry && !isHopeless) return describeEnding(ending);
    this.#fail(
      GptOssError.isInstance(error) ? error : createError("serverError", [messageOf(error)], { cause: error }),
    );
    return undefined;
  }

  #gaveUp(why: LocalizedText): GptOssError {
    return createError("endedAgain", [this.#wanted.alias, this.#crashesInARow + 1, why, this.logFile]);
  }

  #fail(error: GptOssError): void {
    this.#change({ kind: "failed", error });
  }

  #change(state: ServerState): void {
    this.#state = state;
    this.#options.onChange();
  }
}

/** By its log, or by the system, which kills a program that takes too much. */
function ranOutOfMemory(ending: Ending | undefined, { weightBytes }: WantedServer): boolean {
  const { reason } = ending ?? {};
  return (
    (ending?.signal === "SIGKILL" && weightBytes > LARGE_BYTES) ||
    (typeof reason === "object" && reason.reason === "outOfMemory")
  );
}

/** Reads `n_slots = 1, n_ctx_slot = 8192` of llama-server's log. */
function readContextPerSlot(log: string): number | undefined {
  const found = /n_ctx_slot = (\d+)/.exec(log)?.[1];
  return found === undefined ? undefined : Number(found);
}

function settingsOf(wanted: WantedServer, port: number): ServerSettings {
  const { contextPerSlot, slots } = wanted;
  return {
    modelPath: wanted.modelPath,
    alias: wanted.alias,
    templatePath: wanted.templatePath,
    rpc: wanted.rpc,
    variables: wanted.variables,
    threads: wanted.threads,
    batchSize: wanted.batchSize,
    host: wanted.host,
    port,
    contextSize: contextPerSlot * slots,
    slots,
    cacheMebibytes: wanted.cacheMebibytes,
    // the lines that tell how many layers are on the GPU
    verbosity: 4,
  };
}

const run = promisify(execFile);

/** Whether a process was stopped by SIGSTOP or a terminal, and so does nothing; one in a debugger is not meant. */
export async function isProcessStopped(pid: number): Promise<boolean> {
  return (await processState(pid)).startsWith("T");
}

/** As `ps` writes it; empty for a process that is gone. */
export async function processState(pid: number): Promise<string> {
  try {
    if (process.platform !== "linux") {
      const env = childEnvironment("build", { PATH: "/usr/bin:/bin" });
      return (await run("ps", ["-o", "state=", "-p", String(pid)], { env })).stdout.trim();
    }
    // the program's name comes before the state, in parentheses, and may hold some itself
    const line = await readFile(`/proc/${pid}/stat`, "utf8");
    return line.slice(line.lastIndexOf(")") + 2);
  } catch {
    return "";
  }
}
