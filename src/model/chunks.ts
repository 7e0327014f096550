import { AIMessage, AIMessageChunk, type AIMessageChunkFields, type UsageMetadata } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import type { AnswerPart } from "./answer.ts";
import { blockOf } from "./content-blocks.ts";
import type { MessagePiece } from "./message-piece.ts";
import { PROVIDER } from "./read-message.ts";
import type { WireUsage } from "./wire.ts";

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
