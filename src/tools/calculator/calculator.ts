import { z } from "zod";
import { type AgentTool, defineTool } from "../define-tool.ts";
import { calculate } from "./evaluate.ts";

/** Computes an expression: exactly where that is possible, and says where it is not. */
export function calculator(): AgentTool {
  return defineTool({
    name: "calculator",
    description:
      "Calculates an expression with + - * / ^, parentheses, pi, e and functions such as sqrt, round, floor, abs, ln, log10, sin, min, max and mod(a, b).",
    schema: z.object({ expression: z.string().describe("for example (12 + 30) * 2 or sqrt(2)") }),
    run: ({ expression }) => calculate(expression),
  });
}
