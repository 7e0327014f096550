import { z } from "zod";

/*
 * The stream of a Chat Completions server, as far as it is read here: OpenAI's chunks with what llama-server, vLLM and SGLang add.
 * Each chunk is checked once, when it arrives.
 */

const wireToolCallSchema = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

const wireDeltaSchema = z.object({
  content: z.string().nullish(),
  /** llama-server, SGLang */
  reasoning_content: z.string().nullish(),
  /** vLLM */
  reasoning: z.string().nullish(),
  tool_calls: z.array(wireToolCallSchema).nullish(),
});

const wireUsageSchema = z.looseObject({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  total_tokens: z.number(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.number().nullish() }).nullish(),
});

/** llama-server's own measurements. */
const wireTimingsSchema = z.object({
  cache_n: z.number().optional(),
  prompt_n: z.number(),
  prompt_per_second: z.number().nullish(),
  predicted_n: z.number(),
  predicted_per_second: z.number().nullish(),
});

/** Tokens, and the milliseconds since the prompt was begun. */
const wireProgressSchema = z.object({
  total: z.number(),
  cache: z.number(),
  processed: z.number(),
  time_ms: z.number(),
});

export const wireChunkSchema = z.object({
  id: z.string().nullish(),
  model: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
  choices: z
    .array(
      z.object({
        delta: wireDeltaSchema.nullish(),
        finish_reason: z.string().nullish(),
        logprobs: z.unknown().optional(),
      }),
    )
    .nullish(),
  usage: wireUsageSchema.nullish(),
  timings: wireTimingsSchema.nullish(),
  prompt_progress: wireProgressSchema.nullish(),
});

export type WireChunk = z.infer<typeof wireChunkSchema>;
export type WireDelta = z.infer<typeof wireDeltaSchema>;
export type WireUsage = z.infer<typeof wireUsageSchema>;
export type WireTimings = z.infer<typeof wireTimingsSchema>;

/** One message of a request. */
export interface WireMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly name?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly WireToolCall[];
  /** The name that llama-server and SGLang give to the analysis. */
  readonly reasoning_content?: string;
  /** The name that vLLM gives to it. */
  readonly reasoning?: string;
}

export interface WireToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}
