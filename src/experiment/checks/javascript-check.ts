import { once } from "node:events";
import { z } from "zod";
import { messageOf } from "../../errors/errors.ts";
import { ModuleThread, StopCounter, UserCodeError, withinLimit } from "../module-thread.ts";
import type { CheckFunction, Judged, Score } from "./check.ts";

const scoreSchema = z.union([
  z.boolean().transform((pass) => ({ pass, score: pass ? 1 : 0, why: pass ? "passed" : "failed" })),
  z.object({
    pass: z.boolean().nullable(),
    score: z.number().min(0).max(1).nullable(),
    why: z.string(),
  }),
]);

/**
 * Loads a user's module. Its default export gets what every check gets and returns a Score or true or false.
 * @throws UserCodeError when the module cannot be loaded or exports no function
 */
export async function javascript(path: string, limitMs: number): Promise<CheckFunction> {
  const module = new CheckModule(path, limitMs);
  await module.load();
  const stops = new StopCounter();
  return async (judged, signal) => readScore(await stops.run(() => module.judge(judged, signal)));
}

/** A function in code may ask another model, but it can't take for ever. It runs in this thread, where an endless loop can't be stopped. */
const FUNCTION_LIMIT_MS = 10 * 60_000;

/** Someone else's function: what it throws or returns can't break a run. */
export function guard(check: (judged: Judged) => unknown): CheckFunction {
  return async (judged, signal) => {
    const work = Promise.resolve(judged)
      .then(check)
      .catch((error: unknown) => {
        throw new UserCodeError(`threw: ${messageOf(error)}`, { cause: error });
      });
    return readScore(await withinLimit(work, FUNCTION_LIMIT_MS, signal));
  };
}

function readScore(output: unknown): Score {
  const score = scoreSchema.safeParse(output);
  if (score.success) return score.data;
  throw new UserCodeError("returned neither true, false nor {pass, score, why}");
}

/** A thread loads our own code in a tenth of a second; on a machine that is swapping, later. */
const START_MS = 30_000;
/** A thread that nobody uses would keep the process from ending. */
const IDLE_MS = 200;

export type CheckReply =
  { readonly type: "judged"; readonly output: unknown } | { readonly type: "threw"; readonly message: string };

/** A user's module, which judges one answer at a time. After a failure the next answer gets a new thread. */
class CheckModule {
  readonly #path: string;
  readonly #limitMs: number;
  #thread: Promise<ModuleThread<unknown, CheckReply>> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(path: string, limitMs: number) {
    this.#path = path;
    this.#limitMs = limitMs;
  }

  /** @throws UserCodeError when the module cannot be loaded in time or exports no function */
  async load(): Promise<void> {
    await this.#openThread(undefined);
    this.#closeWhenIdle();
  }

  /** What the module's function returns. @throws UserCodeError, or the reason of the signal */
  async judge({ text, answer, case: input }: Judged, signal?: AbortSignal): Promise<unknown> {
    const thread = await this.#openThread(signal);
    try {
      const replied = once(thread.port, "message");
      thread.send({ text, answer, case: input });
      const [reply] = (await withinLimit(Promise.race([replied, thread.ended]), this.#limitMs, signal)) as [CheckReply];
      if (reply.type === "judged") return reply.output;
      throw new UserCodeError(`threw: ${reply.message}`);
    } catch (error) {
      if (thread.isUnusableAfter(error)) await this.#close();
      throw error;
    } finally {
      this.#closeWhenIdle();
    }
  }

  async #openThread(signal: AbortSignal | undefined): Promise<ModuleThread<unknown, CheckReply>> {
    clearTimeout(this.#idle);
    const entry = "src/experiment/checks/javascript-check.worker.ts";
    const options = { entry, path: this.#path, startMs: START_MS, loadMs: this.#limitMs };
    this.#thread ??= ModuleThread.open<unknown, CheckReply>(options, signal);
    try {
      return await this.#thread;
    } catch (error) {
      this.#thread = undefined;
      throw error;
    }
  }

  #closeWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#close(), IDLE_MS);
  }

  async #close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await (await thread)?.close();
  }
}
