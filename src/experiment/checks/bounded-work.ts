import { createContext, Script } from "node:vm";

/** Some patterns take longer than the universe is old on some texts, and nothing else happens in the meantime, Ctrl-C included. */
const LONGEST_MS = 1_000;
const call = new Script("work()");
const scope = { work: (): unknown => undefined };
// one for all: making one takes longer than most patterns
const context = createContext(scope);

/** The result of work that takes too long. */
export const TOO_LONG = Symbol("too long");

/** Runs synchronous work that matches someone's pattern, and stops it after a second. */
export function boundedWork<Result>(work: () => Result): Result | typeof TOO_LONG {
  scope.work = work;
  try {
    return call.runInContext(context, { timeout: LONGEST_MS }) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return TOO_LONG;
  }
}
