import type { CheckOf } from "../definition/check-schema.ts";
import { boundedWork, TOO_LONG } from "./bounded-work.ts";
import { type CheckFunction, failed, passed, quote } from "./check.ts";

/** @throws SyntaxError for a pattern that is none */
export function regex({ pattern, flags }: CheckOf<"regex">): CheckFunction {
  const expression = new RegExp(pattern, flags);
  return ({ text }) => {
    // a global expression remembers where it stopped in the last answer
    expression.lastIndex = 0;
    const match = boundedWork(() => expression.exec(text));
    if (match === TOO_LONG) return failed(`/${pattern}/${flags} takes too long on this answer`);
    return match ? passed(`matches with ${quote(match[0])}`) : failed(`does not match /${pattern}/${flags}`);
  };
}
