import Formula from "fparser";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { type AgentTool, defineTool } from "./define-tool.ts";
import { ToolFailure } from "./failure.ts";

/** Longer ones are no sums, and deep nesting would overflow the parser's stack. */
const MOST_CHARACTERS = 500;
/** Digits that a double holds for certain: 0.1 + 0.2 is 0.3. */
const DIGITS = 15;

const CONSTANTS = { pi: Math.PI, e: Math.E };

/** Computes an expression; numbers, `+ - * / ^`, parentheses and the functions of `Math`. */
export function calculator(): AgentTool {
  return defineTool({
    name: "calculator",
    description:
      "Calculates an expression with + - * / ^, parentheses, pi, e and functions such as sqrt, round, floor, abs, ln, log10, sin, min, max and mod(a, b).",
    schema: z.object({ expression: z.string().describe("for example (12 + 30) * 2 or sqrt(2)") }),
    run: ({ expression }) => String(calculate(expression)),
  });
}

/** @throws ToolFailure when it is no expression, or has no finite value */
export function calculate(expression: string): number {
  if (expression.length > MOST_CHARACTERS) {
    throw new ToolFailure(`The expression has more than ${MOST_CHARACTERS} characters.`);
  }
  const value = evaluate(normalize(expression));
  if (typeof value !== "number") throw new ToolFailure("The expression does not give a number.");
  if (!Number.isFinite(value)) throw new ToolFailure(`The result is ${value}: no finite number.`);
  return Number(value.toPrecision(DIGITS));
}

function evaluate(expression: string): unknown {
  // without a prototype, so that no name leads anywhere else
  const names = Object.assign(Object.create(null) as object, CONSTANTS, { mod: remainder, ln: Math.log });
  try {
    return new Formula(expression).evaluate(names);
  } catch (error) {
    throw new ToolFailure(`This is no expression that can be calculated: ${messageOf(error)}.`, { cause: error });
  }
}

function remainder(dividend: number, divisor: number): number {
  return dividend % divisor;
}

/** Full-width digits and the signs that people write. */
function normalize(expression: string): string {
  return expression
    .normalize("NFKC")
    .replaceAll(/[×⋅]/g, "*")
    .replaceAll("÷", "/")
    .replaceAll("−", "-")
    .replaceAll("**", "^")
    .replaceAll("π", "pi");
}
