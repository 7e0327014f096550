import { pathToFileURL } from "node:url";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import { CheckThread, withinLimit } from "./check-thread.ts";
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
