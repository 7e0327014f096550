import { isDeepStrictEqual } from "node:util";
import type { Answer } from "../answer.ts";
import type { CheckOf } from "../definition/check-schema.ts";
import { fillAll } from "./built-in-checks.ts";
import { type CheckFunction, failed, fillFrom, type Judged, passed } from "./check.ts";
import { reasonOf } from "./check-reason.ts";

type Call = Answer["toolCalls"][number];

/** The model called this tool in any step: with at least these arguments, this often, and after another tool. */
export function toolCalled(check: CheckOf<"tool_called">): CheckFunction {
  return (judged) => {
    const tool = fillFrom(check.tool, judged);
    const { toolCalls } = judged.answer;
    const calls = toolCalls.filter(({ name }) => name === tool);
    if (calls.length === 0) {
      const others = toolCalls.map(({ name }) => name).join(", ");
      return failed(others === "" ? reasonOf("noToolCalled") : reasonOf("otherToolCalled", others, tool));
    }
    const fitting = calls.filter(argumentsFilter(check.arguments, judged));
    const called =
      check.arguments === undefined
        ? reasonOf("toolCalled", tool)
        : reasonOf("toolCalledWith", tool, calls.map((call) => call.arguments).join(" "));
    if (fitting.length === 0) return failed(called);
    if (check.count !== undefined && fitting.length !== check.count)
      return failed(reasonOf("toolCount", tool, fitting.length, check.count));
    if (check.after !== undefined) {
      const before = fillFrom(check.after, judged);
      const first = toolCalls.findIndex(({ name }) => name === before);
      if (first < 0) return failed(reasonOf("toolNotBefore", before, tool));
      if (toolCalls.findLastIndex((call) => fitting.includes(call)) < first)
        return failed(reasonOf("toolTooEarly", tool, before));
    }
    return passed(called);
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
    if (called.length === 0)
      return passed(tool === undefined ? reasonOf("noToolCalled") : reasonOf("toolNotCalled", tool));
    return failed(reasonOf("toolCalled", [...new Set(called.map(({ name }) => name))].join(", ")));
  };
}

/** The answer took at most this many model calls. */
export function maxSteps({ limit }: CheckOf<"max_steps">): CheckFunction {
  return ({ answer: { steps } }) => {
    const count = steps?.length ?? 1;
    return count > limit ? failed(reasonOf("tooManySteps", count, limit)) : passed(reasonOf("steps", count, limit));
  };
}

/** The arguments of every call are JSON objects, and every tool is one that was offered. */
export function noInvalidCalls(offered: readonly string[] | undefined): CheckFunction {
  return ({ answer: { toolCalls } }) => {
    const unknown = offered && toolCalls.find(({ name }) => !offered.includes(name));
    if (unknown) return failed(reasonOf("toolNotOffered", unknown.name));
    const invalid = toolCalls.find((call) => parseObject(call.arguments) === undefined);
    if (invalid) return failed(reasonOf("notArguments", invalid.name, invalid.arguments));
    return passed(reasonOf("validCalls", toolCalls.length));
  };
}
