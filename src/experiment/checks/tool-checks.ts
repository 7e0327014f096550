import { isDeepStrictEqual } from "node:util";
import type { Answer } from "../answer.ts";
import type { CheckOf } from "../definition/check-schema.ts";
import { fillAll } from "./built-in-checks.ts";
import { type CheckFunction, failed, fillFrom, type Judged, passed } from "./check.ts";

type Call = Answer["toolCalls"][number];

/** The model called this tool in any step: with at least these arguments, this often, and after another tool. */
export function toolCalled(check: CheckOf<"tool_called">): CheckFunction {
  return (judged) => {
    const tool = fillFrom(check.tool, judged);
    const { toolCalls } = judged.answer;
    const calls = toolCalls.filter(({ name }) => name === tool);
    if (calls.length === 0) {
      const others = toolCalls.map(({ name }) => name).join(", ");
      return failed(others === "" ? "no tool was called" : `${others} was called instead of ${tool}`);
    }
    const fitting = calls.filter(argumentsFilter(check.arguments, judged));
    const shown = check.arguments === undefined ? "" : ` with ${calls.map((call) => call.arguments).join(" ")}`;
    if (fitting.length === 0) return failed(`${tool} was called${shown}`);
    if (check.count !== undefined && fitting.length !== check.count)
      return failed(`${tool} was called ${fitting.length} times${shown}, not ${check.count}`);
    if (check.after !== undefined) {
      const before = fillFrom(check.after, judged);
      const first = toolCalls.findIndex(({ name }) => name === before);
      if (first < 0) return failed(`${before} was not called before ${tool}`);
      if (toolCalls.findLastIndex((call) => fitting.includes(call)) < first)
        return failed(`${tool} was called before ${before}`);
    }
    return passed(`${tool} was called${shown}`);
  };
}

function argumentsFilter(
  wanted: CheckOf<"tool_called">["arguments"],
  { case: input }: Judged,
): (call: Call) => boolean {
  const filled = Object.entries(wanted ?? {}).map(([name, value]) => [name, fillAll(value, input)] as const);
  return (call) => {
    const given = parseObject(call.arguments);
    return filled.every(([name, value]) => isDeepStrictEqual(given?.[name], value));
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // the model did not write a JSON object, so the call has no arguments
    return undefined;
  }
}

/** The model did not call this tool, or any tool if none is named. */
export function toolNotCalled({ tool: template }: CheckOf<"tool_not_called">): CheckFunction {
  return (judged) => {
    const tool = template === undefined ? undefined : fillFrom(template, judged);
    const called = judged.answer.toolCalls.filter(({ name }) => tool === undefined || name === tool);
    if (called.length === 0) return passed(tool === undefined ? "no tool was called" : `${tool} was not called`);
    return failed(`${[...new Set(called.map(({ name }) => name))].join(", ")} was called`);
  };
}

/** The answer took at most this many model calls. */
export function maxSteps({ limit }: CheckOf<"max_steps">): CheckFunction {
  return ({ answer: { steps } }) => {
    const count = steps?.length ?? 1;
    return count > limit ? failed(`${count} steps, more than ${limit}`) : passed(`${count} of at most ${limit} steps`);
  };
}

/** The arguments of every call are JSON objects, and every tool is one that was offered. */
export function noInvalidCalls(offered: readonly string[] | undefined): CheckFunction {
  return ({ answer: { toolCalls } }) => {
    const unknown = offered && toolCalls.find(({ name }) => !offered.includes(name));
    if (unknown) return failed(`the tool ${unknown.name} was not offered`);
    const invalid = toolCalls.find((call) => parseObject(call.arguments) === undefined);
    if (invalid) return failed(`${invalid.name} was called with ${invalid.arguments}, which is not a JSON object`);
    return passed(`${toolCalls.length} valid calls`);
  };
}
