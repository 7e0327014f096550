import { type MessagePort, MessageChannel } from "node:worker_threads";
import { on } from "node:events";
import { pathToFileURL } from "node:url";
import { messageOf } from "../errors/errors.ts";
import { answerInWorker } from "../platform/answer-in-worker.ts";
import { runInWorker, WorkerStoppedError } from "../platform/run-in-worker.ts";

/** The user's code failed, so it gave no answer or verdict. The message completes "the check NAME …" or "the program …". */
export class UserCodeError extends Error {
  override readonly name = "UserCodeError";
  /** It had to be stopped. */
  readonly stopped: boolean;

  constructor(
    message: string,
    { cause, stopped = false }: { readonly cause?: unknown; readonly stopped?: boolean } = {},
  ) {
    super(message, { cause });
    this.stopped = stopped;
  }
}

/** A module that had to be stopped so often is not run again: thousands of results would take hours. */
const MOST_STOPS = 3;

/** Counts how often the code of one module had to be stopped. */
export class StopCounter {
  #stops = 0;

  /** Runs the code. @throws UserCodeError when it was stopped too often before; otherwise what the work throws */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#stops >= MOST_STOPS) {
      throw new UserCodeError(`was not run: it had to be stopped ${this.#stops} times`, { stopped: true });
    }
    try {
      return await work();
    } catch (error) {
      if (error instanceof UserCodeError && error.stopped) this.#stops++;
      throw error;
    }
  }
}

/** The thread works for many results, and each of them has its own limit. */
const NO_LIMIT_MS = 2 ** 31 - 1;

export interface ModuleThreadOptions {
  /** The worker, from the package's root on. It calls `serveModule`. */
  readonly entry: string;
  /** Absolute path of the user's module. */
  readonly path: string;
  /** How long the worker's own code may take to load. */
  readonly startMs: number;
  /** How long the user's module may take to load. */
  readonly loadMs: number;
}

/** What a worker sends before the messages of its own kind. */
type Handshake = { readonly type: "begins" } | { readonly type: "loaded" };

/**
 * A user's module in a thread, which can be stopped whatever the module does. It is not a sandbox: the module has all the rights of this
 * process.
 */
export class ModuleThread<Sent, Received> {
  readonly port: MessagePort;
  /** Never resolves; rejects with a `UserCodeError` when the thread has ended. */
  readonly ended: Promise<never>;
  readonly #controller = new AbortController();
  #isOver = false;

  private constructor({ entry, path }: ModuleThreadOptions) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const input = { url: pathToFileURL(path).href, port: port2 };
    const limits = { timeLimitMs: NO_LIMIT_MS, signal: this.#controller.signal, transferList: [port2] };
    this.ended = runInWorker(entry, input, limits).then(
      () => {
        throw new UserCodeError("ended");
      },
      (error: unknown) => {
        throw new UserCodeError(describeEnd(error), { cause: error, stopped: error instanceof WorkerStoppedError });
      },
    );
    // a caller that waits for a message sees it; at any other time it is not a failure
    this.ended.catch(() => {
      this.#isOver = true;
    });
  }

  /** Whether the next result needs a new thread after this error: the thread has ended, or it still works on the failed one. */
  isUnusableAfter(error: unknown): boolean {
    return this.#isOver || !(error instanceof UserCodeError) || error.stopped;
  }

  /** @throws UserCodeError when the module cannot be loaded in time, or the reason of the signal */
  static async open<Sent, Received>(
    options: ModuleThreadOptions,
    signal: AbortSignal | undefined,
  ): Promise<ModuleThread<Sent, Received>> {
    const thread = new ModuleThread<Sent, Received>(options);
    const handshake = on(thread.port, "message") as AsyncIterator<readonly [Handshake]>;
    try {
      for (const limitMs of [options.startMs, options.loadMs]) {
        await withinLimit(Promise.race([handshake.next(), thread.ended]), limitMs, signal);
      }
      await handshake.return?.();
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  send(message: Sent): void {
    postTo(this.port, message);
  }

  /** Calls the listener for every message, until the function that it returns is called. */
  listen(listener: (message: Received) => void): () => void {
    this.port.on("message", listener);
    return () => this.port.off("message", listener);
  }

  async close(): Promise<void> {
    this.#controller.abort();
    this.port.close();
    await this.ended.catch(() => undefined);
  }
}

function postTo(port: MessagePort, message: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is not a window
  port.postMessage(message);
}

/** Waits no longer than the limit. @throws UserCodeError, or the reason of the signal */
export async function withinLimit<Value>(
  work: Promise<Value>,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Value> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        const late = new UserCodeError(`did not finish within ${limitMs / 1000} s`, { stopped: true });
        timer = setTimeout(reject, limitMs, late);
        stop = () => {
          reject(signal?.reason as Error);
        };
        signal?.addEventListener("abort", stop, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (stop) signal?.removeEventListener("abort", stop);
  }
}

function describeEnd(error: unknown): string {
  if (!(error instanceof WorkerStoppedError)) return `failed: ${messageOf(error)}`;
  return error.reason === "out-of-memory" ? "used too much memory" : "ended its thread without an answer";
}

interface Input {
  /** Of the user's module. */
  readonly url: string;
  readonly port: MessagePort;
}

/**
 * The whole of a worker that `ModuleThread` names: loads a user's module and handles one message after the other, until the port is closed.
 * @param start gets the module's default export and a function that sends a message. It throws for an export that it cannot use, and returns
 *   the function that handles messages.
 */
export async function serveModule(
  start: (exported: unknown, send: (message: unknown) => void) => (message: never) => void,
): Promise<void> {
  await answerInWorker(async ({ url, port }: Input) => {
    const closed = new Promise<void>((resolve) => {
      port.on("close", resolve);
    });
    postTo(port, { type: "begins" });
    const { default: exported } = (await import(url)) as { readonly default?: unknown };
    const handle = start(exported, (message) => postTo(port, message));
    port.on("message", (message: unknown) => handle(message as never));
    postTo(port, { type: "loaded" });
    await closed;
  });
}
