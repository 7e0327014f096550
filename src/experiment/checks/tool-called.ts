import { isDeepStrictEqual } from "node:util";
import type { CheckOf } from "../definition/check-schema.ts";
import { type CheckFunction, failed, passed } from "./check.ts";
import { fillAll } from "./templates.ts";
import { fillFrom } from "./text.ts";

/** The model has called this tool, with these arguments among its own. */
export function toolCalled({ tool: template, arguments: wanted }: CheckOf<"tool_called">): CheckFunction {
  return (judged) => {
    const tool = fillFrom(template, judged);
    const { toolCalls } = judged.answer;
    const calls = toolCalls.filter(({ name }) => name === tool);
    if (calls.length === 0) {
      const others = toolCalls.map(({ name }) => name).join(", ");
      return failed(others === "" ? `no tool was called` : `${others} was called instead of ${tool}`);
    }
    if (wanted === undefined) return passed(`${tool} was called`);
    const filled = Object.entries(wanted).map(([name, value]) => [name, fillAll(value, judged.case)] as const);
    const fits = calls.some((call) => {
      const given = parseObject(call.arguments);
      return filled.every(([name, value]) => isDeepStrictEqual(given?.[name], value));
    });
    const shown = calls.map((call) => call.arguments).join(" ");
    return fits ? passed(`${tool} was called with ${shown}`) : failed(`${tool} was called with ${shown}`);
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // what the model wrote is no JSON, so it has no arguments
    return undefined;
  }
}
