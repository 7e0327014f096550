import type { HarmonyMessage } from "../harmony/index.ts";
import type { WrittenCall } from "./call-header.ts";
import type { WireTimings, WireUsage } from "./wire.ts";

/** The channels that a reader sees: thinking, what is said before a call, and the answer. */
export type Channel = "analysis" | "commentary" | "final";

/** One part of an answer while it streams. */
export type AnswerPart =
  /** Comes before any content; `id` is unique among the answers of a server. */
  | { readonly type: "start"; readonly id: string; readonly model: string }
  | ({ readonly type: "progress" } & PromptProgress)
  | ContentPart
  | { readonly type: "logprobs"; readonly logprobs: unknown }
  /** The model gave neither text nor a call and is asked once more (policy `retryEmptyAnswer`). */
  | { readonly type: "retry"; readonly reason: "empty-answer" }
  /** The last part. It does not come after an abort. */
  | AnswerEnd;

/** What a model writes. */
export type ContentPart =
  | { readonly type: "text"; readonly channel: Channel; readonly text: string }
  /** A call begins; `index` counts the calls of the answer from 0. */
  | { readonly type: "tool-call"; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: "tool-arguments"; readonly index: number; readonly text: string };

/** How far a server has processed the prompt. */
export interface PromptProgress {
  /** Tokens of the whole prompt. */
  readonly total: number;
  /** Tokens of it that were in the server's cache. */
  readonly cached: number;
  /** Tokens processed so far, those from the cache included. */
  readonly processed: number;
  /** Since the server began with the prompt. */
  readonly milliseconds: number;
}

/** Why an answer ended before the model ended it. */
export type Truncation = "max-tokens" | "context-full" | "repetition";

/** What is known at the end of an answer. */
export interface AnswerEnd {
  readonly type: "end";
  /** `stop`, `length`, `tool_calls`, or another word of the server's. */
  readonly finishReason: string;
  readonly truncated?: Truncation;
  /** The user's stop sequence that ended the answer; it is not part of the answer. */
  readonly stopSequence?: string;
  /** The model gave neither text nor a call. */
  readonly emptyAnswer?: "nothing" | "analysis-only";
  /** The counts of all requests of the answer; undefined where the server does not say. */
  readonly usage?: WireUsage;
  readonly tokens?: AnswerTokens;
  readonly timings: AnswerTimings;
  /** llama-server's own measurements of the last request. */
  readonly serverTimings?: WireTimings;
  /** The calls by their index, as the model wrote them; undefined where the server does not pass on how that was. */
  readonly writtenCalls?: readonly WrittenCall[];
  /** What the server sent, and how it was read. */
  readonly harmony: { readonly raw: string; readonly messages: readonly HarmonyMessage[] };
}

/** How fast an answer came. Rates are the server's own where it tells them. */
export interface AnswerTimings {
  /** Milliseconds from the request to the first piece of thinking, text or call. */
  readonly timeToFirstToken?: number;
  /** Milliseconds from the request to the end of the answer. */
  readonly duration: number;
  /** Prompt tokens processed per second. */
  readonly promptTokensPerSecond?: number;
  /** Tokens generated per second. */
  readonly answerTokensPerSecond?: number;
  /** Prompt tokens that were processed, and those that the server's cache had. */
  readonly promptTokensRead?: number;
  readonly promptTokensCached?: number;
}

/** What an answer's tokens were spent on. */
export interface AnswerTokens {
  /** Tokens of the analysis. */
  readonly reasoning: number;
  /** Tokens of the final channel. */
  readonly text: number;
  /** Tokens of preambles and calls. */
  readonly other: number;
  /** False when the server has sent several tokens in one piece, so that the three are too low. */
  readonly isExact: boolean;
}
