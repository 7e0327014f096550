import { sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import { callKey, pairCalls } from "./call-pairing.ts";
import type { ReasoningField, ServerCapabilities } from "./capabilities.ts";
import type { ChatMessage, ToolCall } from "./messages.ts";
import type { OfferedNativeTools } from "./native-tools.ts";
import { encodeUnreadable, isArguments, type WireMessage, type WireToolCall } from "./wire.ts";

export interface WireMessageOptions {
  readonly capabilities: ServerCapabilities;
  /** The field in which the server has sent its analysis; undefined when it has sent none yet. */
  readonly reasoningField?: ReasoningField | undefined;
  /** Decides how their past calls are written. */
  readonly nativeTools?: OfferedNativeTools | undefined;
}

/**
 * Converts a conversation to its wire form. Every string is sanitized, system messages are where the template writes them, each call has
 * its own message with its result after it, and the analysis of calls is sent until an answer follows them.
 * @throws GptOssError `usage` for a result that answers none of the calls before it
 */
export function wireMessages(messages: readonly ChatMessage[], options: WireMessageOptions): WireMessage[] {
  const results = pairCalls(messages);
  const written = new Set(results.values());
  const lastAnswer = messages.findLastIndex(
    ({ role, toolCalls = [] }) => role === "assistant" && toolCalls.length === 0,
  );
  const wire = messages.flatMap((message, position): WireMessage[] => {
    if (written.has(position)) return [];
    const { toolCalls = [] } = message;
    if (toolCalls.length === 0) return [plainMessage(message)];
    const thinking = position > lastAnswer ? analysisFields(message, options) : {};
    return toolCalls.flatMap((call, number): WireMessage[] => {
      const key = callKey(position, number);
      const id = call.id === "" ? `call_${key}` : call.id;
      // the thinking belongs to the first call: the others came of the same thinking
      const alone: WireMessage = {
        role: "assistant",
        content: "",
        tool_calls: [wireCall(call, id, options)],
      };
      if (number === 0) Object.assign(alone, thinking);
      const result = messages[results.get(key) ?? -1];
      return result === undefined ? [alone] : [alone, { ...plainMessage(result), tool_call_id: id }];
    });
  });
  const safe = wire.map((message) => sanitizeControlTokensIn(message) as WireMessage);
  return options.capabilities.hasOwnTemplate ? safe : mergeSystemMessages(safe);
}

/** Raw and parsing servers each render the analysis once: one takes it from `content`, the other from its own field. */
function analysisFields(
  { content, reasoning = "" }: ChatMessage,
  { capabilities, reasoningField }: WireMessageOptions,
): Partial<WireMessage> {
  if (reasoning === "") return capabilities.mode === "raw" ? { content } : {};
  if (capabilities.mode === "raw") return { content: reasoning, reasoning_content: reasoning };
  if (reasoningField !== undefined) return { [reasoningField]: reasoning };
  return capabilities.isLlamaServer ? { reasoning_content: reasoning } : { reasoning_content: reasoning, reasoning };
}

function wireCall(
  { name, arguments: given, header }: ToolCall,
  id: string,
  { capabilities, nativeTools }: WireMessageOptions,
): WireToolCall {
  const text = nativeTools?.writtenText(name, given);
  if (text !== undefined) return { id, type: "function", function: { name, arguments: encodeUnreadable(text) } };
  // a call without arguments may leave them out
  const written = given.trim() === "" ? "{}" : given;
  // a template of ours writes a string as it is, and so what the model wrote
  const isWritten = header !== undefined && capabilities.hasOwnTemplate;
  const encoded = isArguments(written) && !isWritten ? written : encodeUnreadable(written);
  return { id, type: "function", function: { name, arguments: encoded } };
}

function plainMessage({ role, content, name, toolCallId }: ChatMessage): WireMessage {
  return {
    role,
    content: joinText(content),
    ...(name !== undefined && { name }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  };
}

/** Parts of text are joined, since the template takes text and no parts. */
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
