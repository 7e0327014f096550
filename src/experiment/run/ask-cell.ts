import { z } from "zod";
import { failed } from "../../i18n/error-messages.ts";
import type { InferenceClient } from "../../inference/client.ts";
import type { LlamaServerClient } from "../../llama-server/client.ts";
import { ServerError } from "../../llama-server/server-report.ts";
import type { Answer } from "../answer.ts";
import { type SamplingSettings, type PromptRequest, requestOf } from "../plan/cell.ts";

/** The measurements of llama-server, without which a cell cannot be compared with others. */
const timingsSchema = z.object({
  cache_n: z.number(),
  prompt_n: z.number(),
  prompt_ms: z.number(),
  predicted_n: z.number(),
  predicted_ms: z.number(),
});

export interface CellRequest {
  readonly prompt: PromptRequest;
  readonly draw: SamplingSettings;
  /** Whether the server may reuse the prompt that a slot holds. */
  readonly useCache: boolean;
}

/** An answer whose channels have not been counted yet. */
export type Reply = Omit<Answer, "tokens"> & { readonly tokens: Omit<Answer["tokens"], "thinking" | "answer"> };

/**
 * Asks a llama-server for one cell, in one response. The answer is what the model wrote: nothing is asked again or cut short.
 * @throws GptOssError when the server does not answer, or answers with an error
 */
export async function askCell(
  inference: InferenceClient,
  { prompt, draw, useCache }: CellRequest,
  signal?: AbortSignal,
): Promise<Reply> {
  const answer = await inference.complete(requestOf(prompt, draw), { useCache, signal });
  const timings = timingsSchema.safeParse(answer.serverTimings);
  if (!timings.success) throw failed("noLlamaServer", [inference.baseUrl], { cause: timings.error });
  const { cache_n, prompt_n, prompt_ms, predicted_n, predicted_ms } = timings.data;
  return {
    final: answer.final,
    analysis: answer.analysis,
    preamble: answer.commentary,
    toolCalls: answer.toolCalls.map(({ name, arguments: written }) => ({ name, arguments: written })),
    finishReason: answer.finishReason,
    tokens: { prompt: cache_n + prompt_n, cached: cache_n, evaluated: prompt_n, generated: predicted_n },
    promptMs: prompt_ms,
    generationMs: predicted_ms,
  };
}

/** Counts the channels of a reply. The server does that beside its slots, so that the next cell does not wait for it. */
export async function countChannels(client: LlamaServerClient, reply: Reply, signal?: AbortSignal): Promise<Answer> {
  const thinking = await client.countTokens(reply.analysis, signal);
  const answer = await client.countTokens(reply.final, signal);
  return { ...reply, tokens: { ...reply.tokens, thinking, answer } };
}

/** The HTTP status that a failure goes back to, if the server answered. */
export function httpStatusOf(error: unknown): number | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (cause instanceof ServerError) return cause.status;
  }
  return undefined;
}
