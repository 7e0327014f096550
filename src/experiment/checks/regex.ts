import type { CheckOf } from "../definition/check-schema.ts";
import type { Case } from "../definition/read-cases.ts";
import { boundedWork, TOO_LONG } from "./bounded-work.ts";
import { type CheckFunction, failed, passed, quote } from "./check.ts";
import { variablesWithin } from "./templates.ts";
import { fillFrom } from "./text.ts";

/** A pattern with `{{…}}` is another one for each case. @throws SyntaxError for a pattern that is not valid in one of them */
export function regex(
  { pattern, flags }: CheckOf<"regex">,
  cases: readonly Pick<Case, "variables" | "expected">[] = [],
): CheckFunction {
  const compiled = new Map<string, RegExp>();
  const expressionFor = (input: Pick<Case, "variables" | "expected">) => {
    const source = fillFrom(pattern, { case: input });
    const expression = compiled.get(source) ?? new RegExp(source, flags);
    compiled.set(source, expression);
    return expression;
  };
  for (const input of variablesWithin(pattern).length === 0 ? [NOTHING] : cases) expressionFor(input);
  return ({ text, case: input }) => {
    const expression = expressionFor(input);
    // a global expression remembers where it stopped in the last answer
    expression.lastIndex = 0;
    const match = boundedWork(() => expression.exec(text));
    if (match === TOO_LONG) return failed(`${String(expression)} takes too long on this answer`);
    return match ? passed(`matches with ${quote(match[0])}`) : failed(`does not match ${String(expression)}`);
  };
}

const NOTHING = { variables: {}, expected: undefined };
