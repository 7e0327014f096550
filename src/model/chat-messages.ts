import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { convertMessagesToCompletionsMessageParams } from "@langchain/openai";
import { callKey, pairCalls, strayResultsIn } from "../inference/call-pairing.ts";
import { parseWrittenCalls, withWrittenForm } from "../inference/call-header.ts";
import type { ChatMessage, ToolCall } from "../inference/messages.ts";
import { encodeArguments, type WireMessage } from "../inference/wire.ts";
import { CUT_MARK, getReasoning } from "./read-message.ts";
import { withFilesAsText } from "./text-files.ts";

/** LangChain's messages as `inference/` takes them. */
export function toChatMessages(messages: readonly BaseMessage[]): ChatMessage[] {
  return messages.flatMap(toChatMessage);
}

function toChatMessage(message: BaseMessage): ChatMessage[] {
  const isAnswer = AIMessage.isInstance(message);
  const toolCalls = isAnswer ? callsOf(message) : [];
  if (isAnswer && toolCalls.length > 0) {
    return [{ role: "assistant", content: message.text, reasoning: getReasoning(message), toolCalls }];
  }
  return convertMessagesToCompletionsMessageParams({ messages: [withFilesAsText(message)] }).map((param) => {
    const { role, content, name, tool_call_id: toolCallId } = param as WireMessage;
    return { role: role as ChatMessage["role"], content, name, toolCallId };
  });
}

/** All calls of a message, those with unreadable arguments last: they stay in the conversation. */
function callsOf(message: AIMessage): readonly ToolCall[] {
  const { tool_calls: valid = [], invalid_tool_calls: invalid = [] } = message;
  const written = parseWrittenCalls(message.response_metadata["written_calls"]);
  return [
    ...valid.map(({ id = "", name, args }) => ({ id, name, arguments: encodeArguments(args) })),
    ...invalid.map(({ id = "", name = "", args = "" }) => ({ id, name, arguments: withoutMark(args) })),
  ].map((call) =>
    withWrittenForm(
      call,
      written.find(({ id }) => id === call.id),
    ),
  );
}

function withoutMark(written: string): string {
  return written.endsWith(CUT_MARK) ? written.slice(0, -CUT_MARK.length) : written;
}

/** What pairing reads of each message, at the position that the message has in the list. */
function pairableMessages(messages: readonly BaseMessage[]): ChatMessage[] {
  return messages.map((message): ChatMessage => {
    if (AIMessage.isInstance(message)) return { role: "assistant", content: "", toolCalls: callsOf(message) };
    // a result from JavaScript may lack its id despite the types
    const { tool_call_id: toolCallId, name } = message as {
      readonly tool_call_id?: string | null;
      readonly name?: string;
    };
    return { role: message.type === "tool" ? "tool" : "user", content: "", name, toolCallId: toolCallId ?? "" };
  });
}

/** A conversation without the results that answer none of its calls, as a damaged session may have them. */
export function withoutStrayResults(messages: readonly BaseMessage[]): BaseMessage[] {
  const strays = strayResultsIn(pairableMessages(messages));
  return strays.size === 0 ? [...messages] : messages.filter((_, position) => !strays.has(position));
}

/** Of each call of a message whether one of the results answers it. Several calls may share an id. */
export function answeredCalls(calling: AIMessage, results: readonly BaseMessage[]): boolean[] {
  const messages = pairableMessages(withoutStrayResults([calling, ...results]));
  const pairs = pairCalls(messages);
  return callsOf(calling).map((_, number) => pairs.has(callKey(0, number)));
}
