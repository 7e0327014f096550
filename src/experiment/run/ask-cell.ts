import { z } from "zod";
import type { GptOssError } from "../../errors/errors.ts";
import { parseHarmony, summarizeHarmony } from "../../harmony/index.ts";
import { breakLongRuns } from "../../harmony/sanitize.ts";
import { failed } from "../../i18n/error-messages.ts";
import type { LlamaServerClient } from "../../llama-server/client.ts";
import { ServerError } from "../../llama-server/server-report.ts";
import type { Answer } from "../answer.ts";
import { type SamplingSettings, promptFields, type PromptRequest } from "../plan/cell.ts";

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string(),
        message: z.object({
          content: z.string().nullish(),
          reasoning_content: z.string().nullish(),
          tool_calls: z.array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) })).nullish(),
        }),
      }),
    )
    .min(1),
  timings: z.object({
    cache_n: z.number(),
    prompt_n: z.number(),
    prompt_ms: z.number(),
    predicted_n: z.number(),
    predicted_ms: z.number(),
  }),
});

export interface CellRequest {
  readonly prompt: PromptRequest;
  readonly draw: SamplingSettings;
  /** Fields of the request that bind the answer to a form. */
  readonly constraint?: Record<string, unknown> | undefined;
  /** Whether what a slot holds may be used. */
  readonly useCache: boolean;
}

/** An answer whose channels have not been counted yet. */
export type Reply = Omit<Answer, "tokens"> & { readonly tokens: Omit<Answer["tokens"], "thinking" | "answer"> };

/**
 * Asks a llama-server for one cell. It reads raw harmony and servers that split the channels themselves. No slot is named: the server finds
 * the idle one whose cache begins most like the prompt, and version 0.5.0 swaps the cache of a slot that is named even while somebody
 * else's answer is being written in it, which then goes wrong or never ends.
 * @throws GptOssError when the server does not answer, or answers with an error
 */
export async function askCell(client: LlamaServerClient, request: CellRequest, signal?: AbortSignal): Promise<Reply> {
  const { draw, useCache } = request;
  const reply = await client.post(
    "/v1/chat/completions",
    {
      ...promptFields(request.prompt),
      ...request.constraint,
      max_tokens: draw.maxTokens,
      temperature: draw.temperature,
      top_p: draw.topP,
      top_k: draw.topK,
      min_p: draw.minP,
      seed: draw.seed,
      cache_prompt: useCache,
    },
    signal,
  );
  const completion = completionSchema.safeParse(reply);
  const choice = completion.data?.choices[0];
  if (!completion.data || !choice) throw notUnderstood(client.url, completion.error);
  const channels = readChannels(choice.message, request);
  const { timings } = completion.data;
  return {
    ...channels,
    finishReason:
      channels.toolCalls.length > 0 && choice.finish_reason === "stop" ? "tool_calls" : choice.finish_reason,
    tokens: {
      prompt: timings.cache_n + timings.prompt_n,
      cached: timings.cache_n,
      evaluated: timings.prompt_n,
      generated: timings.predicted_n,
    },
    promptMs: timings.prompt_ms,
    generationMs: timings.predicted_ms,
  };
}

/** Counts the channels of a reply; the server does that beside its slots, so that the next cell need not wait for it. */
export async function countChannels(client: LlamaServerClient, reply: Reply, signal?: AbortSignal): Promise<Answer> {
  const thinking = await countTokens(client, reply.analysis, signal);
  const answer = await countTokens(client, reply.final, signal);
  return { ...reply, tokens: { ...reply.tokens, thinking, answer } };
}

type Message = z.infer<typeof completionSchema>["choices"][number]["message"];

function readChannels(message: Message, { prompt }: CellRequest) {
  const tools = prompt.tools.map(({ name }) => name);
  const { final, reasoning, preamble, toolCalls } = summarizeHarmony(parseHarmony(message.content ?? "", { tools }));
  const split = message.tool_calls?.map((call) => ({ ...call.function })) ?? [];
  return {
    final,
    analysis: message.reasoning_content ?? reasoning,
    preamble,
    toolCalls: [...split, ...toolCalls],
  };
}

const tokensSchema = z.object({ tokens: z.array(z.unknown()) });

/** By the server's own vocabulary. */
export async function countTokens(client: LlamaServerClient, text: string, signal?: AbortSignal): Promise<number> {
  if (text === "") return 0;
  const reply = tokensSchema.safeParse(await client.post("/tokenize", { content: breakLongRuns(text) }, signal));
  if (!reply.success) throw notUnderstood(client.url, reply.error);
  return reply.data.tokens.length;
}

const promptSchema = z.object({ prompt: z.string() });

/** The text that the model reads, as the server's template writes it. */
export async function renderPrompt(
  client: LlamaServerClient,
  request: PromptRequest,
  signal?: AbortSignal,
): Promise<string> {
  const reply = promptSchema.safeParse(await client.post("/apply-template", promptFields(request), signal));
  if (!reply.success) throw notUnderstood(client.url, reply.error);
  return reply.data.prompt;
}

const readSchema = z.object({ timings: z.object({ prompt_n: z.number(), prompt_ms: z.number() }) });

/** What reading a beginning took. */
export interface ReadBeginning {
  readonly tokens: number;
  readonly milliseconds: number;
}

/** Has the server read the beginning that the next prompts share, and keep its state. */
export async function readBeginning(
  client: LlamaServerClient,
  beginning: string,
  signal?: AbortSignal,
): Promise<ReadBeginning> {
  const request = { prompt: beginning, n_predict: 0, cache_prompt: true };
  const reply = readSchema.safeParse(await client.post("/completion", request, signal));
  if (!reply.success) throw notUnderstood(client.url, reply.error);
  return { tokens: reply.data.timings.prompt_n, milliseconds: reply.data.timings.prompt_ms };
}

export function notUnderstood(url: string, cause: unknown): GptOssError {
  return failed("noLlamaServer", [url], { cause });
}

/** The HTTP status that a failure goes back to, if the server answered. */
export function httpStatusOf(error: unknown): number | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (cause instanceof ServerError) return cause.status;
  }
  return undefined;
}
