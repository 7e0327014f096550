import { createContext, Script } from "node:vm";
import type { CheckOf } from "../definition/check-schema.ts";
import { type CheckFunction, failed, passed, quote } from "./check.ts";

/** Some patterns take longer than the universe is old on some texts, and nothing else happens meanwhile, Ctrl-C included. */
const LONGEST_MS = 1_000;
const search = new Script("expression.exec(text)");

/** @throws SyntaxError for a pattern that is none */
export function regex({ pattern, flags }: CheckOf<"regex">): CheckFunction {
  const expression = new RegExp(pattern, flags);
  const scope = { expression, text: "" };
  const context = createContext(scope);
  return ({ text }) => {
    // a global expression remembers where it stopped in the last answer
    expression.lastIndex = 0;
    scope.text = text;
    try {
      const match = search.runInContext(context, { timeout: LONGEST_MS }) as RegExpExecArray | null;
      return match ? passed(`matches with ${quote(match[0])}`) : failed(`does not match /${pattern}/${flags}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      return failed(`/${pattern}/${flags} takes too long on this answer`);
    }
  };
}
