import { on } from "node:events";
import { pathToFileURL } from "node:url";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { z } from "zod";
import { messageOf } from "../../errors/errors.ts";
import { runInWorker, WorkerStoppedError } from "../../platform/run-in-worker.ts";
import { CheckError, type CheckFunction, type Judged, type Score } from "./check.ts";

const scoreSchema = z.union([
  z.boolean().transform((pass) => ({ pass, score: pass ? 1 : 0, why: pass ? "passed" : "failed" })),
  z.object({
    pass: z.boolean().nullable(),
    score: z.number().min(0).max(1).nullable(),
    why: z.string(),
  }),
]);

/** A module that had to be stopped so often is not run on the other answers: thousands of them would take hours. */
const MOST_STOPS = 3;

/**
 * Loads a user's module. Its default export gets what every check gets and gives a Score or true or false.
 * @throws CheckError when the module can't be loaded or exports no function
 */
export async function javascript(path: string, limitMs: number): Promise<CheckFunction> {
  const thread = new CheckThread(pathToFileURL(path).href, limitMs);
  await thread.load();
  let stops = 0;
  return async (judged, signal) => {
    if (stops >= MOST_STOPS)
      throw new CheckError(`was not run: it had to be stopped ${stops} times`, { stopped: true });
    try {
      return readScore(await thread.judge(judged, signal));
    } catch (error) {
      if (error instanceof CheckError && error.stopped) stops++;
      throw error;
    }
  };
}

/** A function in code may ask another model, but it can't take for ever. It runs in this thread, where an endless loop can't be stopped. */
const FUNCTION_LIMIT_MS = 10 * 60_000;

/** Someone else's function: what it throws or returns can't break a run. */
export function guard(check: (judged: Judged) => unknown): CheckFunction {
  return async (judged, signal) => {
    const work = Promise.resolve(judged)
      .then(check)
      .catch((error: unknown) => {
        throw new CheckError(`threw: ${messageOf(error)}`, { cause: error });
      });
    return readScore(await withinLimit(work, FUNCTION_LIMIT_MS, signal));
  };
}

function readScore(output: unknown): Score {
  const score = scoreSchema.safeParse(output);
  if (score.success) return score.data;
  throw new CheckError("returned neither true, false nor {pass, score, why}");
}

const ENTRY = "src/experiment/checks/javascript-check.worker.ts";
/** The thread judges many answers, and each of them has a limit of its own. */
const NO_LIMIT_MS = 2 ** 31 - 1;
/** A thread loads our own code in a tenth of a second; on a machine that is swapping, later. */
const START_MS = 30_000;
/** A thread that nobody uses would keep the process from ending. */
const IDLE_MS = 200;

export type ModuleReply =
  | { readonly type: "begins" }
  | { readonly type: "loaded" }
  | { readonly type: "judged"; readonly output: unknown }
  | { readonly type: "threw"; readonly message: string };

interface OpenThread {
  readonly port: MessagePort;
  readonly replies: AsyncIterator<ModuleReply[]>;
  readonly controller: AbortController;
  /** Never resolves; rejects when the thread has ended. */
  readonly ended: Promise<never>;
}

/**
 * A user's module in a thread of its own, which can be stopped whatever it does; the next answer gets a new thread. It is not a sandbox: the
 * module has all the rights of this process. It judges one answer at a time.
 */
export class CheckThread {
  readonly #url: string;
  readonly #limitMs: number;
  #open: OpenThread | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(url: string, limitMs: number) {
    this.#url = url;
    this.#limitMs = limitMs;
  }

  /** @throws CheckError when the module can't be loaded in time or exports no function */
  async load(): Promise<void> {
    await this.#openThread(undefined);
    this.#closeWhenIdle();
  }

  /** What the module's function returns. @throws CheckError, or the reason of the signal */
  async judge({ text, answer, case: input }: Judged, signal?: AbortSignal): Promise<unknown> {
    const thread = await this.#openThread(signal);
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is not a window
      thread.port.postMessage({ text, answer, case: input });
      const reply = await this.#nextReply(thread, this.#limitMs, signal);
      if (reply.type === "judged") return reply.output;
      throw new CheckError(`threw: ${reply.type === "threw" ? reply.message : reply.type}`);
    } finally {
      this.#closeWhenIdle();
    }
  }

  async #openThread(signal: AbortSignal | undefined): Promise<OpenThread> {
    clearTimeout(this.#idle);
    if (this.#open) return this.#open;
    const { port1: port, port2 } = new MessageChannel();
    const controller = new AbortController();
    const work = runInWorker(
      ENTRY,
      { url: this.#url, port: port2 },
      { timeLimitMs: NO_LIMIT_MS, signal: controller.signal, transferList: [port2] },
    );
    const ended = work.then(
      () => {
        throw new CheckError("ended");
      },
      (error: unknown) => {
        throw new CheckError(describeEnd(error), { cause: error, stopped: error instanceof WorkerStoppedError });
      },
    );
    // who waits for a reply hears of it; at any other time it is no failure
    ended.catch(() => undefined);
    const replies = on(port, "message") as AsyncIterator<ModuleReply[]>;
    const thread = { port, replies, controller, ended };
    this.#open = thread;
    await this.#nextReply(thread, START_MS, signal);
    await this.#nextReply(thread, this.#limitMs, signal);
    return thread;
  }

  async #nextReply(thread: OpenThread, limitMs: number, signal: AbortSignal | undefined): Promise<ModuleReply> {
    try {
      const { value } = await withinLimit(Promise.race([thread.replies.next(), thread.ended]), limitMs, signal);
      const [reply] = value as readonly ModuleReply[];
      if (reply) return reply;
      throw new CheckError("gave no answer");
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  #closeWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#close(), IDLE_MS);
  }

  async #close(): Promise<void> {
    const thread = this.#open;
    this.#open = undefined;
    thread?.controller.abort();
    thread?.port.close();
    await thread?.ended.catch(() => undefined);
  }
}

/** Waits so long and no longer. @throws CheckError, or the reason of the signal */
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
        const late = new CheckError(`did not finish within ${limitMs / 1000} s`, { stopped: true });
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
