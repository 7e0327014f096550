import { z } from "zod";
import type { Effort } from "../../config/effort.ts";
import type { ChatMessage, ResponseFormat, ToolChoice } from "../../inference/messages.ts";
import { invalidRequest } from "../api-error.ts";
import { contentSchema, textOf } from "../content.ts";
import type { ModelRequest, RequestContext } from "../model-api.ts";
import { OfferedTools } from "../offered-tools.ts";
import { parseBody } from "../request-body.ts";
import {
  effortOf,
  maxTokensSchema,
  optionalInteger,
  optionalNumber,
  optionalText,
  samplingOf,
  stopSchema,
} from "../request-fields.ts";
import { messageSchema, messagesOf } from "./content-blocks.ts";
import { MessagesEncoder } from "./messages-encoder.ts";

const toolSchema = z.looseObject({
  /** Missing or `custom` for the client's own tools; Anthropic's own have others. */
  type: optionalText,
  name: z.string(),
  description: optionalText,
  input_schema: z.unknown().optional(),
});

const formatSchema = z.looseObject({ type: z.string(), schema: z.unknown().optional() }).nullish();

const requestSchema = z.looseObject({
  system: contentSchema,
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: z
    .looseObject({ type: z.string(), name: optionalText, disable_parallel_tool_use: z.boolean().nullish() })
    .nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: optionalNumber }).nullish(),
  output_config: z.looseObject({ effort: optionalText, format: formatSchema }).nullish(),
  output_format: formatSchema,
  max_tokens: maxTokensSchema,
  stop_sequences: stopSchema,
  temperature: optionalNumber,
  top_p: optionalNumber,
  top_k: optionalNumber,
  seed: optionalInteger,
});
type MessagesRequest = z.output<typeof requestSchema>;

export function readMessagesRequest(body: unknown, context: RequestContext): ModelRequest {
  const request = parseBody(requestSchema, body);
  const tools = offeredTools(request, context);
  const isSingleCall = request.tool_choice?.disable_parallel_tool_use === true;
  const toolChoice = toolChoiceOf(request.tool_choice, tools);
  const system = systemText(request.system);
  const { messages, prefill } = splitPrefill(messagesOf(request.messages, tools), context, toolChoice);
  return {
    inference: {
      model: context.model,
      messages: system === "" ? messages : [{ role: "system", content: system }, ...messages],
      tools: tools.definitions,
      toolChoice,
      parallelToolCalls: isSingleCall ? false : undefined,
      responseFormat: responseFormatOf(request.output_config?.format ?? request.output_format),
      sampling: samplingOf(request),
      seed: request.seed ?? undefined,
      maxTokens: request.max_tokens ?? undefined,
      stop: request.stop_sequences,
      effort: effortOf(request.output_config?.effort, "output_config.effort") ?? effortOfThinking(request.thinking),
      ...(prefill !== undefined && { resumeFrom: { channel: "final", text: prefill } }),
    },
    tools,
    isStream: request.stream === true,
    isSingleCall,
    createEncoder: () =>
      new MessagesEncoder({
        model: context.model,
        // a client that has not asked for thinking reads the first block as the answer
        showsThinking: request.thinking?.type === "enabled" || request.thinking?.type === "adaptive",
      }),
  };
}

/** Claude Code's first block changes with each version and session; the model server's cache would be lost. llama-server drops it too. */
const BILLING_HEADER = /^\s*x-anthropic-billing-header:/;

function systemText(system: MessagesRequest["system"]): string {
  const blocks = typeof system === "string" ? [{ type: "text", text: system }] : (system ?? []);
  const own = blocks.filter(({ text }) => typeof text !== "string" || !BILLING_HEADER.test(text));
  return textOf(own, { param: "system", separator: "\n" });
}

/** A last message of the assistant's is the beginning of the answer. */
function splitPrefill(
  messages: readonly ChatMessage[],
  { canResume }: RequestContext,
  toolChoice: ToolChoice | undefined,
) {
  const last = messages.at(-1);
  const isPrefill = last?.role === "assistant" && last.toolCalls === undefined && messages.length > 1;
  const mayCall = toolChoice === undefined || toolChoice === "none";
  if (!isPrefill || !canResume || !mayCall || last.content === "") return { messages };
  return { messages: messages.slice(0, -1), prefill: String(last.content) };
}

function offeredTools({ tools: given }: MessagesRequest, { leaveOut }: RequestContext): OfferedTools {
  const tools = new OfferedTools();
  for (const { type, name, description, input_schema: parameters } of given ?? []) {
    const isOwn = type === undefined || type === null || type === "custom";
    if (isOwn) tools.add({ kind: "function", name, description, parameters });
    else leaveOut(`tool ${type}`);
  }
  return tools;
}

function toolChoiceOf(choice: MessagesRequest["tool_choice"], tools: OfferedTools): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  switch (choice.type) {
    case "auto":
      return undefined;
    case "none":
      return "none";
    case "any":
      return tools.requiredChoice();
    case "tool":
      return tools.choiceOf(choice.name ?? "");
    default:
      throw invalidRequest(`Unknown tool choice: ${JSON.stringify(choice.type)}.`, "tool_choice.type");
  }
}

const MAX_LOW_BUDGET = 4_096;
const MAX_MEDIUM_BUDGET = 16_384;

/** The effort of clients that say how many tokens may be thought. */
function effortOfThinking(thinking: MessagesRequest["thinking"]): Effort | undefined {
  if (thinking?.type === "disabled") return "low";
  const budget = thinking?.budget_tokens;
  if (budget === undefined || budget === null) return undefined;
  return budget <= MAX_LOW_BUDGET ? "low" : budget <= MAX_MEDIUM_BUDGET ? "medium" : "high";
}

function responseFormatOf(format: MessagesRequest["output_format"]): ResponseFormat | undefined {
  if (format === undefined || format === null) return undefined;
  if (format.type === "json_schema") return { type: "json_schema", name: "response", schema: format.schema };
  throw invalidRequest(`Unknown output format: ${JSON.stringify(format.type)}.`, "output_config.format.type");
}
