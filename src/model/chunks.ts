import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import {
  convertOpenAICompletionsStream,
  type OpenAICompletionsDelta,
  type OpenAICompletionsStreamChunk,
} from "@langchain/core/language_models/openai_completions_stream";
import { AIMessage, AIMessageChunk, type AIMessageChunkFields, type UsageMetadata } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import type { MessagePiece } from "../inference/answer-reader.ts";
import type { WireUsage } from "../inference/wire.ts";
import type { AnswerPart } from "./answer.ts";
import { blockOf, PROVIDER } from "./read-message.ts";

/**
 * An answer as the chunks of LangChain's `stream`.
 *
 * @param asBlocks puts everything into the content, as LangChain's standard blocks (its output version "v1"). LangChain would do it
 * too, chunk by chunk, and make whole calls of pieces of their arguments.
 */
export async function* chunksOf(
  parts: AsyncIterable<AnswerPart>,
  asBlocks: boolean,
): AsyncGenerator<ChatGenerationChunk> {
  for await (const part of parts) {
    const chunk = chunkOf(part);
    if (asBlocks) {
      chunk.message.content = part.type === "piece" ? [blockOf(part.piece)] : [];
      chunk.message.response_metadata = { ...chunk.message.response_metadata, output_version: "v1" };
    }
    yield chunk;
  }
}

function chunkOf(part: AnswerPart): ChatGenerationChunk {
  const { id } = part;
  const response_metadata = { model_provider: PROVIDER };
  if (part.type === "piece") return generation({ id, ...pieceFields(part.piece), response_metadata });
  if (part.type === "logprobs") return generation({ id, response_metadata }, { logprobs: part.logprobs });
  const { metadata, usage } = part;
  // everything that LangChain would add up or string together stands on this chunk alone
  return generation({
    id,
    response_metadata: { ...metadata, ...(usage && { usage }) },
    ...(usage && { usage_metadata: usageMetadata(usage) }),
  });
}

function generation(
  { id, content: text = "", ...rest }: Omit<AIMessageChunkFields, "content"> & { readonly content?: string },
  generationInfo: Record<string, unknown> = {},
): ChatGenerationChunk {
  const message = new AIMessageChunk({ content: text, ...rest, ...(id && { id }) });
  return new ChatGenerationChunk({ text, message, generationInfo });
}

function pieceFields(piece: MessagePiece) {
  if (piece.type === "text") return { content: piece.text };
  if (piece.type === "reasoning") return { additional_kwargs: { reasoning_content: piece.text } };
  if (piece.type === "preamble") return { additional_kwargs: { preamble: piece.text } };
  const type = "tool_call_chunk" as const;
  const { index } = piece;
  if (piece.type === "arguments") return { tool_call_chunks: [{ type, index, args: piece.text }] };
  return { tool_call_chunks: [{ type, index, id: piece.id, name: piece.name, args: "" }] };
}

function usageMetadata(usage: WireUsage): UsageMetadata {
  const cached = usage.prompt_tokens_details?.cached_tokens;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens;
  return {
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    total_tokens: usage.total_tokens,
    ...(cached !== null && cached !== undefined && { input_token_details: { cache_read: cached } }),
    ...(reasoning !== null && reasoning !== undefined && { output_token_details: { reasoning } }),
  };
}

/** The chunks of an answer, joined, as a message. */
export function messageOf({ message }: ChatGenerationChunk): AIMessage {
  const { content, id, additional_kwargs, response_metadata } = message;
  const chunk = AIMessageChunk.isInstance(message) ? message : undefined;
  return new AIMessage({
    content,
    additional_kwargs,
    response_metadata,
    tool_calls: chunk?.tool_calls ?? [],
    invalid_tool_calls: chunk?.invalid_tool_calls ?? [],
    ...(id !== undefined && { id }),
    ...(chunk?.usage_metadata && { usage_metadata: chunk.usage_metadata }),
  });
}

/** An answer as the events of LangChain's `streamEvents`, version 3; preambles come as the provider's own event. */
export async function* eventsOf(parts: AsyncIterable<AnswerPart>): AsyncGenerator<ChatModelStreamEvent> {
  const preambles: string[] = [];
  let metadata: Record<string, unknown> = {};
  const source = async function* (): AsyncGenerator<OpenAICompletionsStreamChunk> {
    for await (const part of parts) {
      if (part.type === "end") metadata = { ...part.metadata, ...(part.usage && { usage: part.usage }) };
      if (part.type === "piece" && part.piece.type === "preamble") preambles.push(part.piece.text);
      yield wireChunk(part);
    }
  };
  let told = 0;
  for await (const event of convertOpenAICompletionsStream(source(), { provider: PROVIDER })) {
    for (; told < preambles.length; told++) {
      yield { event: "provider", provider: PROVIDER, name: "preamble", payload: { text: preambles[told] } };
    }
    if (event.event !== "message-finish") yield event;
    else {
      const preamble = preambles.join("");
      yield { ...event, responseMetadata: { ...metadata, ...(preamble !== "" && { preamble }) } };
    }
  }
}

/** Back in OpenAI's shape, which LangChain knows how to make events of. */
function wireChunk(part: AnswerPart): OpenAICompletionsStreamChunk {
  const { id } = part;
  if (part.type === "piece") return { id, choices: [{ delta: deltaOf(part.piece) }] };
  if (part.type === "logprobs") return { id, choices: [{ delta: {}, logprobs: part.logprobs }] };
  const reason = part.metadata.finish_reason;
  const finish_reason = reason === "length" || reason === "tool_calls" ? reason : "stop";
  const usage = part.usage && {
    prompt_tokens: part.usage.prompt_tokens,
    completion_tokens: part.usage.completion_tokens,
    total_tokens: part.usage.total_tokens,
    prompt_tokens_details: { cached_tokens: part.usage.prompt_tokens_details?.cached_tokens ?? 0 },
  };
  return { id, ...(usage && { usage }), choices: [{ delta: {}, finish_reason }] };
}

function deltaOf(piece: MessagePiece): OpenAICompletionsDelta {
  if (piece.type === "text") return { content: piece.text };
  if (piece.type === "reasoning") return { reasoning_content: piece.text };
  if (piece.type === "preamble") return {};
  const { index } = piece;
  if (piece.type === "arguments") return { tool_calls: [{ index, function: { arguments: piece.text } }] };
  return { tool_calls: [{ index, id: piece.id, function: { name: piece.name, arguments: "" } }] };
}
