import { createError } from "../i18n/error-messages.ts";
import type { ChatMessage } from "./messages.ts";

/** A call in a conversation: the position of its message, its number in it, and what both sides say of it. */
interface Call {
  readonly position: number;
  readonly number: number;
  readonly id: string;
  /** Empty where it is not known. */
  readonly name: string;
}

/** The calls of one message, those without a result yet. */
type OpenCalls = Set<Call>;

/** The position of each call's result, by the call's own position: `${message}:${number}`. */
export type PairedResults = ReadonlyMap<string, number>;

/** Where a call stands, for `PairedResults`. Calls with unreadable arguments are numbered after the others. */
export function callKey(position: number, number: number): string {
  return `${position}:${number}`;
}

/**
 * Pairs calls with their results by position. An id tells which of the calls before a result it answers, and no more: servers that
 * number the calls of each answer give `call_0` to all of them, and others send no ids at all.
 * @throws GptOssError `usage` for a result that answers none of the calls before it
 */
export function pairCalls(messages: readonly ChatMessage[]): PairedResults {
  return pairAll(messages, (stray) => {
    const { id, name = "" } = describeResult(messages[stray]);
    throw createError("strayToolResult", [id, name]);
  });
}

/** Positions of the results that answer none of the calls before them, as a damaged session may have them. */
export function strayResultsIn(messages: readonly ChatMessage[]): ReadonlySet<number> {
  const strays = new Set<number>();
  pairAll(messages, (stray) => strays.add(stray));
  return strays;
}

function pairAll(messages: readonly ChatMessage[], onStray: (position: number) => void): PairedResults {
  const results = new Map<string, number>();
  const steps: OpenCalls[] = [];
  let block: number[] = [];
  const pairBlock = () => {
    const left = new Set(block);
    for (const [call, result] of pairsIn(block, steps, messages)) {
      results.set(callKey(call.position, call.number), result);
      left.delete(result);
    }
    for (const stray of left) onStray(stray);
    block = [];
  };
  for (const [position, message] of messages.entries()) {
    if (message.role === "tool") block.push(position);
    else if (block.length > 0) pairBlock();
    const calls = callsOf(message, position);
    if (calls.length > 0) steps.push(new Set(calls));
  }
  pairBlock();
  return results;
}

function callsOf({ toolCalls = [] }: ChatMessage, position: number): Call[] {
  return toolCalls.map(({ id, name }, number) => ({ position, number, id, name }));
}

/** The pairs of results that stand together: by their ids first, then by their order. */
function* pairsIn(
  block: readonly number[],
  steps: readonly OpenCalls[],
  messages: readonly ChatMessage[],
): Generator<[Call, number]> {
  const left = new Map(block.map((position) => [position, describeResult(messages[position])]));
  for (const id of new Set([...left.values()].map((result) => result.id))) {
    if (id === "") continue;
    const same = [...left].filter(([, result]) => result.id === id);
    const calls = latestCalls(steps, id, same.length);
    for (const [position, { name }] of same) {
      const call = calls.find((candidate) => name !== undefined && candidate.name === name) ?? calls[0];
      if (call === undefined) break;
      calls.splice(calls.indexOf(call), 1);
      for (const step of steps) step.delete(call);
      left.delete(position);
      yield [call, position];
    }
  }
  const last = steps.at(-1) ?? new Set();
  for (const [position, result] of left) {
    const call = callInOrder([...last], result, left.size);
    if (call === undefined) continue;
    last.delete(call);
    left.delete(position);
    yield [call, position];
  }
}

function describeResult(message: ChatMessage | undefined): { readonly id: string; readonly name: string | undefined } {
  return { id: message?.toolCallId ?? "", name: message?.name };
}

/** Open calls with an id, in their order: those of the last message, and of as many before it as it takes for all results. */
function latestCalls(steps: readonly OpenCalls[], id: string, results: number): Call[] {
  const calls: Call[] = [];
  for (const step of steps.toReversed()) {
    calls.unshift(...[...step].filter((call) => call.id === id));
    if (calls.length >= results) break;
  }
  return calls;
}

/** A result without an id, or with one that no call has, answers one of the calls that are left. */
function callInOrder(
  calls: readonly Call[],
  { id, name }: { readonly id: string; readonly name: string | undefined },
  resultsLeft: number,
): Call | undefined {
  // which one of more calls than results an unknown id means can't be told
  const isAmbiguous = id !== "" && calls.length > resultsLeft;
  const candidates = isAmbiguous ? calls.filter((call) => call.id === "") : calls;
  return name === undefined ? candidates[0] : candidates.find((call) => call.name === "" || call.name === name);
}
