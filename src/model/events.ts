import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import {
  convertOpenAICompletionsStream,
  type OpenAICompletionsDelta,
  type OpenAICompletionsStreamChunk,
} from "@langchain/core/language_models/openai_completions_stream";
import type { AnswerPart } from "./answer.ts";
import type { MessagePiece } from "./message-piece.ts";
import { PROVIDER } from "./read-message.ts";

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
