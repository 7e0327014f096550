import { z } from "zod";
import type { ChatMessage, ToolCall } from "../../inference/messages.ts";
import { type Content, contentSchema, textOf } from "../content.ts";
import { invalidRequest } from "../api-error.ts";
import type { OfferedTools } from "../offered-tools.ts";

export const messageSchema = z.looseObject({
  /** `system` comes in the middle of a conversation since 2026. */
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: contentSchema,
});
type MessagesMessage = z.output<typeof messageSchema>;
type Block = Exclude<Content, string | null | undefined>[number];

const toolUseSchema = z.looseObject({ id: z.string(), name: z.string(), input: z.unknown().optional() });
const toolResultSchema = z.looseObject({
  tool_use_id: z.string(),
  content: contentSchema,
  is_error: z.boolean().nullish(),
});
const thinkingSchema = z.looseObject({ thinking: z.string() });

/** The conversation of a request. A message of a user is several here when it contains results of tools. */
export function messagesOf(messages: readonly MessagesMessage[], tools: OfferedTools): ChatMessage[] {
  return messages.flatMap((message, index) => {
    const param = `messages[${index}].content`;
    const { role, content } = message;
    if (role === "assistant") return [assistantMessage(blocksOf(content), param, tools)];
    if (role === "user") return userMessages(blocksOf(content), param);
    return [{ role, content: textOf(content, { param, separator: "\n" }) }];
  });
}

function blocksOf(content: Content): readonly Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
}

function userMessages(blocks: readonly Block[], param: string): ChatMessage[] {
  const results: ChatMessage[] = [];
  const rest: Block[] = [];
  for (const [index, block] of blocks.entries()) {
    if (block.type === "tool_result") results.push(resultMessage(block, `${param}[${index}]`));
    else rest.push(block);
  }
  if (rest.length === 0 && results.length > 0) return results;
  return [...results, { role: "user", content: textOf(rest, { param, separator: "\n" }) }];
}

function resultMessage(block: Block, param: string): ChatMessage {
  const { tool_use_id: toolCallId, content, is_error } = checked(toolResultSchema, block, param);
  const text = textOf(content, { param: `${param}.content`, separator: "\n", replaceImages: true });
  return { role: "tool", content: text === "" && is_error === true ? "Error" : text, toolCallId };
}

function assistantMessage(blocks: readonly Block[], param: string, tools: OfferedTools): ChatMessage {
  const reasoning: string[] = [];
  const text: Block[] = [];
  const calls: ToolCall[] = [];
  for (const [index, block] of blocks.entries()) {
    const place = `${param}[${index}]`;
    switch (block.type) {
      case "thinking":
        reasoning.push(checked(thinkingSchema, block, place).thinking);
        break;
      case "tool_use": {
        const { id, name, input } = checked(toolUseSchema, block, place);
        calls.push({ id, name: tools.modelNameOf(name), arguments: JSON.stringify(input ?? {}) });
        break;
      }
      // those of Anthropic's own servers
      case "redacted_thinking":
      case "server_tool_use":
      case "web_search_tool_result":
        break;
      default:
        text.push(block);
    }
  }
  const thinking = reasoning.filter((part) => part !== "").join("\n");
  return {
    role: "assistant",
    content: textOf(text, { param, separator: "" }),
    ...(thinking !== "" && { reasoning: thinking }),
    ...(calls.length > 0 && { toolCalls: calls }),
  };
}

function checked<Schema extends z.ZodType>(schema: Schema, block: Block, param: string): z.output<Schema> {
  const { success, data } = schema.safeParse(block);
  if (success) return data;
  throw invalidRequest(`A block of type ${block.type} does not have the expected form.`, param);
}
