import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { convertMessagesToCompletionsMessageParams } from "@langchain/openai";
import { sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import { encodeArguments, encodeUnreadable, type WireMessage, type WireToolCall } from "../inference/wire.ts";
import { callKey, pairCalls } from "./call-pairing.ts";
import { reasoningOf } from "./read-message.ts";
import type { ReasoningField, ServerCapabilities } from "../inference/capabilities.ts";

export interface OutgoingOptions {
  readonly capabilities: ServerCapabilities;
  /** The field in which the server has sent its analysis; undefined when it has sent none yet. */
  readonly reasoningField?: ReasoningField | undefined;
}

/**
 * A conversation as it goes over the wire: every string made safe, system messages where the template writes them, one call a message
 * with its result after it, and the analysis of calls that no answer has followed yet.
 */
export function wireMessages(messages: readonly BaseMessage[], options: OutgoingOptions): WireMessage[] {
  const results = pairCalls(messages);
  const written = new Set(results.values());
  const lastAnswer = messages.findLastIndex(
    (message) => AIMessage.isInstance(message) && callsOf(message).length === 0,
  );
  const wire = messages.flatMap((message, position): WireMessage[] => {
    if (written.has(position)) return [];
    if (!AIMessage.isInstance(message) || callsOf(message).length === 0) return plainMessage(message);
    const thinking = position > lastAnswer ? analysisOf(message, options) : {};
    return callsOf(message).flatMap((call, number): WireMessage[] => {
      const key = callKey(position, number);
      const id = call.id === "" ? `call_${key}` : call.id;
      // only the first call was thought about: the others came of the same thinking
      const alone: WireMessage = { role: "assistant", content: "", tool_calls: [{ ...call, id }] };
      if (number === 0) Object.assign(alone, thinking);
      const result = messages[results.get(key) ?? -1];
      if (result === undefined) return [alone];
      return [alone].concat(plainMessage(result).map((plain) => Object.assign(plain, { tool_call_id: id })));
    });
  });
  const safe = wire.map((message) => sanitizeControlTokensIn(message) as WireMessage);
  return options.capabilities.hasOwnTemplate ? safe : mergeSystemMessages(safe);
}

/** Raw and parsing servers each render the analysis once: one takes it from `content`, the other from its own field. */
function analysisOf(message: AIMessage, { capabilities, reasoningField }: OutgoingOptions): Partial<WireMessage> {
  const reasoning = reasoningOf(message);
  if (reasoning === "") return capabilities.mode === "raw" ? { content: message.text } : {};
  if (capabilities.mode === "raw") return { content: reasoning, reasoning_content: reasoning };
  if (reasoningField !== undefined) return { [reasoningField]: reasoning };
  return capabilities.isLlamaServer ? { reasoning_content: reasoning } : { reasoning_content: reasoning, reasoning };
}

/** All calls of a message, those with unreadable arguments too: what was said stays said. */
function callsOf(message: AIMessage): readonly WireToolCall[] {
  const valid = message.tool_calls ?? [];
  const invalid = message.invalid_tool_calls ?? [];
  return [
    ...valid.map((call) => wireCall(call.id, call.name, encodeArguments(call.args))),
    ...invalid.map((call) => wireCall(call.id, call.name, encodeUnreadable(call.args ?? ""))),
  ];
}

function wireCall(id: string | undefined, name: string | undefined, encoded: string): WireToolCall {
  return { id: id ?? "", type: "function", function: { name: name ?? "", arguments: encoded } };
}

/** Any other message, as LangChain writes it; parts of text joined, since the template takes text and no parts. */
function plainMessage(message: BaseMessage): WireMessage[] {
  return convertMessagesToCompletionsMessageParams({ messages: [message] }).map((param) => {
    const { role, content, name, tool_call_id } = param as WireMessage;
    const plain: WireMessage = { role, content: joinText(content) };
    return Object.assign(plain, name !== undefined && { name }, tool_call_id !== undefined && { tool_call_id });
  });
}

function joinText(content: unknown): unknown {
  if (!Array.isArray(content)) return content ?? "";
  const parts = content as readonly { readonly type?: unknown; readonly text?: unknown }[];
  // an image stays: the server says better than we could that it takes none
  if (!parts.every(({ type, text }) => type === "text" && typeof text === "string")) return content;
  return parts.map(({ text }) => text).join("");
}

function isSystem({ role }: WireMessage): boolean {
  return role === "system" || role === "developer";
}

/** The models' own template writes a system message only when it comes first. */
function mergeSystemMessages(messages: readonly WireMessage[]): WireMessage[] {
  const [first, ...later] = messages.filter(isSystem);
  if (first === undefined) return [...messages];
  const content = [first, ...later].map((message) => message.content).join("\n\n");
  return [{ ...first, content }, ...messages.filter((message) => !isSystem(message))];
}
