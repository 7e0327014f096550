import { z } from "zod";
import type { ChatMessage, ToolCall } from "../../inference/messages.ts";
import { invalidRequest } from "../api-error.ts";
import { contentSchema, textOf } from "../content.ts";
import type { RequestContext } from "../model-api.ts";
import { customArguments, type OfferedTools } from "../offered-tools.ts";
import { optionalText } from "../request-fields.ts";

export const inputItemSchema = z.looseObject({
  type: optionalText,
  role: optionalText,
  content: contentSchema,
  /** Of a reasoning item. */
  summary: contentSchema,
  /** Of calls and results. */
  call_id: optionalText,
  name: optionalText,
  namespace: optionalText,
  arguments: z.unknown().optional(),
  input: optionalText,
  output: contentSchema.catch(undefined),
});
type InputItem = z.output<typeof inputItemSchema>;

const ROLES: ReadonlySet<string> = new Set(["system", "developer", "user", "assistant"]);

/** An assistant's message while its items are being collected. */
interface OpenAnswer {
  reasoning: string[];
  text: string[];
  calls: ToolCall[];
}

/**
 * The conversation of a request. The model's thinking, text and calls are items of their own here; those that follow each other are one
 * message, because thinking belongs to the call after it.
 */
export function messagesOf(
  input: string | readonly InputItem[],
  tools: OfferedTools,
  { leaveOut }: RequestContext,
): ChatMessage[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const messages: ChatMessage[] = [];
  let answer: OpenAnswer | undefined;
  const closeAnswer = (): void => {
    if (answer === undefined) return;
    const { reasoning, text, calls } = answer;
    answer = undefined;
    // thinking alone does not make a message
    if (text.length === 0 && calls.length === 0) return;
    messages.push({
      role: "assistant",
      content: text.join(""),
      ...(reasoning.length > 0 && { reasoning: reasoning.join("\n") }),
      ...(calls.length > 0 && { toolCalls: calls }),
    });
  };
  const openAnswer = (): OpenAnswer => (answer ??= { reasoning: [], text: [], calls: [] });

  for (const [index, item] of input.entries()) {
    const param = `input[${index}]`;
    switch (item.type ?? "message") {
      case "reasoning": {
        // thinking after text or calls begins another message
        if (answer !== undefined && answer.calls.length > 0) closeAnswer();
        const text = textOf(item.content ?? item.summary, { param, separator: "\n", replaceImages: true });
        if (text !== "") openAnswer().reasoning.push(text);
        break;
      }
      case "message":
        if (item.role === "assistant") {
          if (answer !== undefined && answer.calls.length > 0) closeAnswer();
          openAnswer().text.push(textOf(item.content, { param: `${param}.content`, separator: "" }));
        } else {
          closeAnswer();
          messages.push(plainMessage(item, param));
        }
        break;
      case "function_call":
      case "custom_tool_call":
        openAnswer().calls.push(callOf(item, param, tools));
        break;
      case "function_call_output":
      case "custom_tool_call_output":
        closeAnswer();
        messages.push({
          role: "tool",
          content: textOf(item.output, { param: `${param}.output`, separator: "\n", replaceImages: true }),
          toolCallId: item.call_id ?? undefined,
        });
        break;
      case "item_reference":
        throw invalidRequest("This server stores no items, so item_reference is not supported.", param);
      default:
        leaveOut(`input item ${item.type ?? ""}`);
    }
  }
  closeAnswer();
  return messages;
}

function plainMessage({ role, content }: InputItem, param: string): ChatMessage {
  if (role === undefined || role === null || !ROLES.has(role)) {
    throw invalidRequest(`Unknown role: ${JSON.stringify(role ?? null)}.`, `${param}.role`);
  }
  const text = textOf(content, { param: `${param}.content`, separator: "\n" });
  return { role: role as ChatMessage["role"], content: text };
}

function callOf(item: InputItem, param: string, tools: OfferedTools): ToolCall {
  const { name, namespace, call_id: id, arguments: given, input, type } = item;
  if (!name) throw invalidRequest("A call needs the name of its tool.", `${param}.name`);
  const written = typeof given === "string" ? given : JSON.stringify(given ?? {});
  return {
    id: id ?? "",
    name: tools.modelNameOf(name, namespace),
    arguments: type === "custom_tool_call" ? customArguments(input ?? "") : written,
  };
}
