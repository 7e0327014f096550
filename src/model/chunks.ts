import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import {
  convertOpenAICompletionsStream,
  type OpenAICompletionsDelta,
  type OpenAICompletionsStreamChunk,
} from "@langchain/core/language_models/openai_completions_stream";
import { AIMessage, AIMessageChunk, type AIMessageChunkFields, type UsageMetadata } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import type { AnswerEnd, AnswerPart, ContentPart } from "../inference/answer-part.ts";
import { isArguments, type WireUsage } from "../inference/wire.ts";
import { blockOf, CUT_MARK, type GptOssMetadata, PROVIDER } from "./read-message.ts";

export interface ChunkOptions {
  /**
   * Puts everything into the content, as LangChain's standard blocks (its output version "v1"). LangChain would do it too, chunk by chunk,
   * and make whole calls of parts of their arguments.
   */
  readonly asBlocks?: boolean;
  /** Adds the harmony messages to the metadata. */
  readonly harmony?: boolean | undefined;
}

/** An answer as the chunks of LangChain's `stream`. */
export async function* chunksOf(
  parts: AsyncIterable<AnswerPart>,
  { asBlocks, harmony }: ChunkOptions = {},
): AsyncGenerator<ChatGenerationChunk> {
  let origin = { id: "", model: "" };
  for await (const part of markUnreadableArguments(parts)) {
    if (part.type === "start") {
      origin = part;
      continue;
    }
    const chunk = chunkOf(part, origin, harmony);
    if (chunk === undefined) continue;
    if (asBlocks) {
      chunk.message.content = isContent(part) ? [blockOf(part)] : [];
      chunk.message.response_metadata = { ...chunk.message.response_metadata, output_version: "v1" };
    }
    yield chunk;
  }
}

function chunkOf(
  part: AnswerPart,
  { id, model }: { readonly id: string; readonly model: string },
  harmony: boolean | undefined,
): ChatGenerationChunk | undefined {
  const response_metadata = { model_provider: PROVIDER };
  if (isContent(part)) return generation({ id, ...contentFields(part), response_metadata });
  if (part.type === "logprobs") return generation({ id, response_metadata }, { logprobs: part.logprobs });
  if (part.type !== "end") return undefined;
  const { usage } = part;
  // everything that LangChain would add up or string together stands on this chunk alone
  return generation({
    id,
    response_metadata: { ...metadataOf(part, model, harmony), ...(usage && { usage }) },
    ...(usage && { usage_metadata: usageMetadata(usage) }),
  });
}

function isContent(part: AnswerPart): part is ContentPart {
  return part.type === "text" || part.type === "tool-call" || part.type === "tool-arguments";
}

/** What ChatGptOss adds to a message's `response_metadata`. */
function metadataOf(end: AnswerEnd, model: string, harmony: boolean | undefined): GptOssMetadata {
  const { finishReason, timings, tokens, truncated, stopSequence, emptyAnswer, writtenCalls } = end;
  return {
    model_provider: PROVIDER,
    model_name: model,
    model,
    finish_reason: finishReason,
    timings,
    ...(tokens && { tokens }),
    ...(truncated && { cut: truncated }),
    ...(stopSequence !== undefined && { stop_sequence: stopSequence }),
    ...(emptyAnswer && { empty_answer: emptyAnswer }),
    ...(writtenCalls && { written_calls: writtenCalls }),
    ...(harmony && { harmony: end.harmony }),
  };
}

/** Marks the end of each call whose arguments are not JSON, so that LangChain does not complete them. */
async function* markUnreadableArguments(parts: AsyncIterable<AnswerPart>): AsyncGenerator<AnswerPart> {
  const calls: string[] = [];
  const marks = (): AnswerPart[] =>
    calls
      .splice(0)
      .flatMap((written, index): AnswerPart[] =>
        isArguments(written) ? [] : [{ type: "tool-arguments", index, text: CUT_MARK }],
      );
  try {
    for await (const part of parts) {
      if (part.type === "tool-call") calls[part.index] = "";
      if (part.type === "tool-arguments") calls[part.index] += part.text;
      if (part.type === "end") yield* marks();
      yield part;
    }
  } catch (thrown) {
    yield* marks();
    throw thrown;
  }
  yield* marks();
}

function generation(
  { id, content: text = "", ...rest }: Omit<AIMessageChunkFields, "content"> & { readonly content?: string },
  generationInfo: Record<string, unknown> = {},
): ChatGenerationChunk {
  const message = new AIMessageChunk({ content: text, ...rest, ...(id && { id }) });
  return new ChatGenerationChunk({ text, message, generationInfo });
}

function contentFields(part: ContentPart) {
  const type = "tool_call_chunk" as const;
  if (part.type === "tool-arguments") return { tool_call_chunks: [{ type, index: part.index, args: part.text }] };
  if (part.type === "tool-call") {
    return { tool_call_chunks: [{ type, index: part.index, id: part.id, name: part.name, args: "" }] };
  }
  const { channel, text } = part;
  if (channel === "final") return { content: text };
  return { additional_kwargs: channel === "analysis" ? { reasoning_content: text } : { preamble: text } };
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

/** An answer as the events of LangChain's `streamEvents`, version 3; preambles arrive as the provider's own event. */
export async function* eventsOf(
  parts: AsyncIterable<AnswerPart>,
  harmony?: boolean,
): AsyncGenerator<ChatModelStreamEvent> {
  const preambles: string[] = [];
  let metadata: Record<string, unknown> = {};
  const source = async function* (): AsyncGenerator<OpenAICompletionsStreamChunk> {
    let origin = { id: "", model: "" };
    for await (const part of markUnreadableArguments(parts)) {
      if (part.type === "start") origin = part;
      if (part.type === "end") {
        metadata = { ...metadataOf(part, origin.model, harmony), ...(part.usage && { usage: part.usage }) };
      }
      if (part.type === "text" && part.channel === "commentary") preambles.push(part.text);
      yield* toOpenAIChunk(part, origin.id);
    }
  };
  let reported = 0;
  for await (const event of convertOpenAICompletionsStream(source(), { provider: PROVIDER })) {
    for (; reported < preambles.length; reported++) {
      yield { event: "provider", provider: PROVIDER, name: "preamble", payload: { text: preambles[reported] } };
    }
    if (event.event !== "message-finish") yield event;
    else {
      const preamble = preambles.join("");
      yield { ...event, responseMetadata: { ...metadata, ...(preamble !== "" && { preamble }) } };
    }
  }
}

/** A part in OpenAI's shape, which LangChain knows how to make events of. */
function* toOpenAIChunk(part: AnswerPart, id: string): Generator<OpenAICompletionsStreamChunk> {
  if (isContent(part)) yield { id, choices: [{ delta: deltaOf(part) }] };
  else if (part.type === "logprobs") yield { id, choices: [{ delta: {}, logprobs: part.logprobs }] };
  else if (part.type === "end") {
    const { finishReason, usage } = part;
    const finish_reason = finishReason === "length" || finishReason === "tool_calls" ? finishReason : "stop";
    yield {
      id,
      ...(usage && {
        usage: {
          prompt_tokens: usage.prompt_tokens,
          completion_tokens: usage.completion_tokens,
          total_tokens: usage.total_tokens,
          prompt_tokens_details: { cached_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0 },
        },
      }),
      choices: [{ delta: {}, finish_reason }],
    };
  }
}

function deltaOf(part: ContentPart): OpenAICompletionsDelta {
  if (part.type === "tool-arguments") {
    return { tool_calls: [{ index: part.index, function: { arguments: part.text } }] };
  }
  if (part.type === "tool-call") {
    return { tool_calls: [{ index: part.index, id: part.id, function: { name: part.name, arguments: "" } }] };
  }
  if (part.channel === "final") return { content: part.text };
  return part.channel === "analysis" ? { reasoning_content: part.text } : {};
}
