import { pathToFileURL } from "node:url";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import { type CheckFunction, type Judged, failed } from "./check.ts";

const scoreSchema = z.union([
  z.boolean().transform((pass) => ({ pass, score: pass ? 1 : 0, why: pass ? "passed" : "failed" })),
  z.object({
    pass: z.boolean().nullable(),
    score: z.number().min(0).max(1).nullable(),
    why: z.string(),
  }),
]);

/**
 * Loads a user's module. Its default export gets what every check gets and gives a Score or true or false.
 * @throws Error when there is no such module or it exports no function
 */
export async function javascript(path: string): Promise<CheckFunction> {
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  if (typeof module.default !== "function") throw new Error("it has no function as its default export");
  return guard(module.default as (judged: Judged) => unknown);
}

/** Someone else's code: what it throws or returns can't break a run. */
export function guard(check: (judged: Judged) => unknown): CheckFunction {
  return async (judged) => {
    try {
      const score = scoreSchema.safeParse(await check(judged));
      return score.success ? score.data : failed("the check returned neither true, false nor {pass, score, why}");
    } catch (error) {
      return failed(`the check threw: ${messageOf(error)}`);
    }
  };
}
