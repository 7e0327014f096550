import type { BaseMessage } from "@langchain/core/messages";
import type { ChatGptOssCallOptions } from "./call-options.ts";
import type { Attempt } from "../inference/attempt.ts";
import type { AnswerTokens } from "../inference/token-count.ts";
import type { MessagePiece } from "../inference/answer-reader.ts";
import { reason } from "../i18n/error-messages.ts";
import { type ModelNotice, noticeOf } from "../inference/notice.ts";
import { type AnswerTimings, type Cut, type GptOssMetadata, PROVIDER } from "./read-message.ts";
import type { ServerCapabilities } from "../inference/capabilities.ts";
import type { WireUsage } from "../inference/wire.ts";

/** One part of an answer, before it takes the shape of one of LangChain's streams. */
export type AnswerPart =
  | { readonly type: "piece"; readonly id: string; readonly piece: MessagePiece }
  | { readonly type: "logprobs"; readonly id: string; readonly logprobs: unknown }
  | { readonly type: "end"; readonly id: string; readonly usage?: WireUsage; readonly metadata: GptOssMetadata };

/** The question that an answer belongs to. */
export interface Question {
  readonly messages: readonly BaseMessage[];
  readonly call: ChatGptOssCallOptions;
}

export interface EndOptions {
  readonly attempts: readonly Attempt[];
  readonly model: string;
  readonly capabilities: ServerCapabilities;
  readonly withHarmony: boolean;
  readonly milliseconds: { readonly total: number; readonly first: number | undefined };
}

/** Everything that is known only at an answer's end. */
export function endOfAnswer({ attempts, model, capabilities, withHarmony, milliseconds }: EndOptions) {
  const last = attempts.at(-1);
  const usage = sumOfUsage(attempts);
  const tokens = usage && sumOfTokens(attempts);
  const cut = cutOf(last, capabilities);
  const metadata: GptOssMetadata = {
    model_provider: PROVIDER,
    model_name: model,
    finish_reason: finishReason(last),
    timings: timingsOf(last, milliseconds),
    ...(tokens && { tokens }),
    ...(cut && { cut }),
    ...(last?.stopSequence !== undefined && { stop_sequence: last.stopSequence }),
    ...(last?.isEmpty && { empty_answer: last.has.reasoning ? ("analysis-only" as const) : ("nothing" as const) }),
    ...(withHarmony && last && { harmony: { raw: last.reader.raw, messages: last.reader.messages } }),
  };
  return { ...(usage && { usage: withReasoning(usage, tokens) }), metadata };
}

function finishReason(attempt: Attempt | undefined): string {
  if (attempt?.isRepeating) return "length";
  if (attempt?.stopSequence !== undefined) return "stop";
  const said = attempt?.finishReason ?? "stop";
  // a raw server can't tell a call from an answer
  return attempt?.has.calls && (said === "stop" || said === "function_call") ? "tool_calls" : said;
}

function cutOf(attempt: Attempt | undefined, { contextSize }: ServerCapabilities): Cut | undefined {
  if (attempt?.isRepeating) return "repetition";
  if (attempt?.finishReason !== "length") return undefined;
  const isFull = contextSize !== undefined && (attempt.usage?.total_tokens ?? 0) >= contextSize - 1;
  return isFull ? "context-full" : "max-tokens";
}

function timingsOf(attempt: Attempt | undefined, { total, first }: EndOptions["milliseconds"]): AnswerTimings {
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
function withReasoning(usage: WireUsage, tokens: AnswerTokens | undefined): WireUsage {
  const told = usage.completion_tokens_details?.reasoning_tokens;
  if (!tokens?.isExact || (told !== undefined && told !== null)) return usage;
  return {
    ...usage,
    completion_tokens_details: { ...usage.completion_tokens_details, reasoning_tokens: tokens.reasoning },
  };
}

/** What the user should hear of at an answer's end. */
export function noticeOfEnd({ cut, empty_answer: empty }: GptOssMetadata): ModelNotice | undefined {
  switch (cut) {
    case "max-tokens":
      return noticeOf("max-tokens", reason("cutByMaxTokens"));
    case "context-full":
      return noticeOf("context-full", reason("cutByContext"));
    case "repetition":
      return noticeOf("repetition", reason("stoppedRepetition"));
    case undefined:
  }
  if (empty === "analysis-only") return noticeOf("empty-answer", reason("thoughtTwice"));
  return empty === "nothing" ? noticeOf("empty-answer", reason("askedTwice")) : undefined;
}
