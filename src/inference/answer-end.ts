import type { AnswerEnd, AnswerTimings, Truncation } from "./answer-part.ts";
import type { Attempt } from "./attempt.ts";
import type { ServerCapabilities } from "./capabilities.ts";
import type { AnswerTokens } from "./answer-part.ts";
import type { WireUsage } from "./wire.ts";

export interface AnswerEndOptions {
  /** The requests of the answer, of which the last counts. */
  readonly attempts: readonly Attempt[];
  readonly capabilities: ServerCapabilities;
  readonly milliseconds: { readonly total: number; readonly first: number | undefined };
}

/** Everything that is known only at an answer's end. */
export function answerEnd({ attempts, capabilities, milliseconds }: AnswerEndOptions): AnswerEnd {
  const last = attempts.at(-1);
  const usage = sumOfUsage(attempts);
  const tokens = usage && sumOfTokens(attempts);
  const truncated = truncationOf(last, capabilities);
  const writtenCalls = last?.writtenCalls ?? [];
  return {
    type: "end",
    finishReason: finishReasonOf(last),
    timings: timingsOf(last, milliseconds),
    ...(writtenCalls.length > 0 && { writtenCalls }),
    harmony: { raw: last?.reader.raw ?? "", messages: last?.reader.messages ?? [] },
    ...(last?.timings && { serverTimings: last.timings }),
    ...(usage && { usage: withReasoningTokens(usage, tokens) }),
    ...(tokens && { tokens }),
    ...(truncated && { truncated }),
    ...(last?.stopSequence !== undefined && { stopSequence: last.stopSequence }),
    ...(last?.isEmpty && { emptyAnswer: last.has.reasoning ? "analysis-only" : "nothing" }),
  };
}

function finishReasonOf(attempt: Attempt | undefined): string {
  if (attempt?.isRepeating) return "length";
  if (attempt?.stopSequence !== undefined) return "stop";
  const said = attempt?.finishReason ?? "stop";
  // a raw server cannot tell a call from an answer
  return attempt?.has.calls && (said === "stop" || said === "function_call") ? "tool_calls" : said;
}

function truncationOf(attempt: Attempt | undefined, { contextSize }: ServerCapabilities): Truncation | undefined {
  if (attempt?.isRepeating) return "repetition";
  if (attempt?.finishReason !== "length") return undefined;
  const isFull = contextSize !== undefined && (attempt.usage?.total_tokens ?? 0) >= contextSize - 1;
  return isFull ? "context-full" : "max-tokens";
}

function timingsOf(attempt: Attempt | undefined, { total, first }: AnswerEndOptions["milliseconds"]): AnswerTimings {
  const timings = attempt?.timings;
  return {
    duration: total,
    ...(first !== undefined && { timeToFirstToken: first }),
    ...(timings && {
      ...(timings.prompt_n !== undefined && {
        promptTokensRead: timings.prompt_n,
        promptTokensCached: timings.cache_n ?? 0,
      }),
      ...(timings.prompt_per_second && { promptTokensPerSecond: timings.prompt_per_second }),
      ...(timings.predicted_per_second && { answerTokensPerSecond: timings.predicted_per_second }),
    }),
  };
}

/** All requests of an answer have cost tokens. */
function sumOfUsage(attempts: readonly Attempt[]): WireUsage | undefined {
  const usages = attempts.flatMap(({ usage }) => usage ?? []);
  const [first, ...later] = usages;
  if (first === undefined || later.length === 0) return first;
  const sum = (count: (usage: WireUsage) => number) => usages.reduce((total, usage) => total + count(usage), 0);
  return {
    ...first,
    prompt_tokens: sum((usage) => usage.prompt_tokens),
    completion_tokens: sum((usage) => usage.completion_tokens),
    total_tokens: sum((usage) => usage.total_tokens),
    prompt_tokens_details: { cached_tokens: sum((usage) => usage.prompt_tokens_details?.cached_tokens ?? 0) },
  };
}

function sumOfTokens(attempts: readonly Attempt[]): AnswerTokens {
  const all = attempts.map(({ tokens }) => tokens);
  const sum = (kind: "reasoning" | "text" | "other") => all.reduce((total, tokens) => total + tokens[kind], 0);
  return {
    reasoning: sum("reasoning"),
    text: sum("text"),
    other: sum("other"),
    isExact: all.every(({ isExact }) => isExact),
  };
}

/** OpenAI's field for the tokens of the thinking, which llama-server leaves out. */
function withReasoningTokens(usage: WireUsage, tokens: AnswerTokens | undefined): WireUsage {
  const told = usage.completion_tokens_details?.reasoning_tokens;
  if (!tokens?.isExact || (told !== undefined && told !== null)) return usage;
  return {
    ...usage,
    completion_tokens_details: { ...usage.completion_tokens_details, reasoning_tokens: tokens.reasoning },
  };
}
