import type { AnswerEnd } from "../inference/answer-part.ts";

export interface TokenCounts {
  readonly prompt: number;
  /** Tokens of the prompt that the model server's cache had. */
  readonly cached: number;
  readonly answer: number;
  /** Tokens of the answer that were thinking. */
  readonly reasoning: number;
}

/** What an answer cost; zeros where the model server does not say. */
export function tokenCounts({ usage, tokens, timings }: AnswerEnd): TokenCounts {
  return {
    prompt: usage?.prompt_tokens ?? 0,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? timings.promptTokensCached ?? 0,
    answer: usage?.completion_tokens ?? 0,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? tokens?.reasoning ?? 0,
  };
}
