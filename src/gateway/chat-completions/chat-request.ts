import { z } from "zod";
import type { ChatMessage, ResponseFormat, ToolCall, ToolChoice } from "../../inference/messages.ts";
import { invalidRequest } from "../api-error.ts";
import { contentSchema, textOf } from "../content.ts";
import type { ModelRequest, RequestContext } from "../model-api.ts";
import { customArguments, grammarOf, OfferedTools } from "../offered-tools.ts";
import { parseBody } from "../request-body.ts";
import {
  definedFields,
  effortOf,
  maxTokensSchema,
  optionalInteger,
  optionalNumber,
  optionalText,
  samplingOf,
  stopSchema,
} from "../request-fields.ts";
import { ChatEncoder } from "./chat-encoder.ts";
import { AnswerLogprobs } from "./logprobs.ts";

const callSchema = z.looseObject({
  id: optionalText,
  function: z.looseObject({ name: z.string(), arguments: z.unknown().optional() }).nullish(),
  custom: z.looseObject({ name: z.string(), input: z.string() }).nullish(),
});

const messageSchema = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: contentSchema,
  name: optionalText,
  reasoning: z.unknown().optional(),
  reasoning_content: z.unknown().optional(),
  tool_calls: z.array(callSchema).nullish(),
  function_call: z.looseObject({ name: z.string(), arguments: z.unknown().optional() }).nullish(),
  tool_call_id: optionalText,
});

const functionSchema = z.looseObject({
  name: z.string().min(1),
  description: optionalText,
  parameters: z.unknown().optional(),
});
const toolSchema = z.looseObject({
  type: z.string(),
  function: functionSchema.nullish(),
  custom: z
    .looseObject({ name: z.string().min(1), description: optionalText, format: z.unknown().optional() })
    .nullish(),
});

const namedChoiceSchema = z.looseObject({
  type: optionalText,
  function: z.looseObject({ name: z.string() }).nullish(),
  custom: z.looseObject({ name: z.string() }).nullish(),
  allowed_tools: z
    .looseObject({
      mode: optionalText,
      tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }).nullish() })),
    })
    .nullish(),
});

const requestSchema = z.looseObject({
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(toolSchema).nullish(),
  functions: z.array(functionSchema).nullish(),
  tool_choice: z.union([z.string(), namedChoiceSchema]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .looseObject({
      type: z.string(),
      json_schema: z
        .looseObject({ name: optionalText, description: optionalText, schema: z.unknown().optional() })
        .nullish(),
    })
    .nullish(),
  reasoning_effort: optionalText,
  reasoning: z.looseObject({ effort: optionalText }).nullish(),
  chat_template_kwargs: z.looseObject({ reasoning_effort: optionalText }).nullish(),
  max_tokens: maxTokensSchema,
  max_completion_tokens: maxTokensSchema,
  temperature: optionalNumber,
  top_p: optionalNumber,
  top_k: optionalNumber,
  min_p: optionalNumber,
  seed: optionalInteger,
  stop: stopSchema,
  n: optionalInteger,
  logprobs: z.boolean().nullish(),
  top_logprobs: optionalInteger,
  frequency_penalty: optionalNumber,
  presence_penalty: optionalNumber,
  logit_bias: z.record(z.string(), z.number()).nullish(),
});
type ChatRequest = z.output<typeof requestSchema>;
type ChatRequestMessage = ChatRequest["messages"][number];

export function readChatRequest(body: unknown, context: RequestContext): ModelRequest {
  const request = parseBody(requestSchema, body);
  const tools = offeredTools(request, context);
  const isSingleCall = request.parallel_tool_calls === false;
  const toolChoice = toolChoiceOf(request.tool_choice, tools);
  const isStream = request.stream === true;
  const responseFormat = responseFormatOf(request.response_format);
  if ((request.n ?? 1) !== 1) throw invalidRequest("This server gives one answer to each request.", "n");
  if (isStream && request.logprobs && !tools.isEmpty) {
    throw invalidRequest("Log probabilities cannot be streamed together with tools.", "logprobs");
  }
  const { logprobs, top_logprobs, frequency_penalty, presence_penalty, logit_bias } = request;
  return {
    inference: {
      model: context.model,
      messages: request.messages.map((message, index) => chatMessage(message, `messages[${index}]`, tools)),
      tools: tools.definitions,
      toolChoice,
      parallelToolCalls: isSingleCall ? false : undefined,
      responseFormat,
      sampling: samplingOf(request),
      seed: request.seed ?? undefined,
      maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
      stop: request.stop,
      effort: effortOf(
        request.reasoning_effort ?? request.reasoning?.effort ?? request.chat_template_kwargs?.reasoning_effort,
        "reasoning_effort",
      ),
      extra: definedFields({
        logprobs: logprobs === true ? true : undefined,
        top_logprobs: logprobs === true ? (top_logprobs ?? undefined) : undefined,
        frequency_penalty,
        presence_penalty,
        logit_bias,
      }),
    },
    tools,
    isStream,
    isSingleCall,
    createEncoder: () =>
      new ChatEncoder({
        model: context.model,
        includeUsage: request.stream_options?.include_usage === true,
        isStructured: responseFormat !== undefined,
        logprobs: logprobs === true ? new AnswerLogprobs() : undefined,
      }),
  };
}

function chatMessage(message: ChatRequestMessage, param: string, tools: OfferedTools): ChatMessage {
  const { role, content, name, tool_call_id, reasoning, reasoning_content } = message;
  const isResult = role === "tool" || role === "function";
  const text = textOf(content, {
    param: `${param}.content`,
    separator: role === "assistant" ? "" : "\n",
    replaceImages: isResult,
  });
  if (isResult) return { role: "tool", content: text, name: name ?? undefined, toolCallId: tool_call_id ?? undefined };
  if (role !== "assistant") return { role, content: text, name: name ?? undefined };
  const legacy = message.function_call ? [{ function: message.function_call }] : [];
  const calls = [...(message.tool_calls ?? []), ...legacy].map((call) => toolCall(call, tools));
  const thinking = [reasoning_content, reasoning].find((given) => typeof given === "string" && given !== "");
  return {
    role,
    content: text,
    name: name ?? undefined,
    ...(typeof thinking === "string" && { reasoning: thinking }),
    ...(calls.length > 0 && { toolCalls: calls }),
  };
}

function toolCall(call: z.input<typeof callSchema>, tools: OfferedTools): ToolCall {
  const id = call.id ?? "";
  if (call.custom) {
    return { id, name: tools.modelNameOf(call.custom.name), arguments: customArguments(call.custom.input) };
  }
  const { name = "", arguments: given } = call.function ?? {};
  const written = typeof given === "string" ? given : JSON.stringify(given ?? {});
  return { id, name: tools.modelNameOf(name), arguments: written };
}

function offeredTools({ tools: given, functions }: ChatRequest, { leaveOut }: RequestContext): OfferedTools {
  const tools = new OfferedTools();
  for (const tool of given ?? []) {
    if (tool.type === "function" && tool.function) tools.add({ kind: "function", ...tool.function });
    else if (tool.type === "custom" && tool.custom) {
      tools.add({ kind: "custom", ...tool.custom, inputForm: grammarOf(tool.custom.format) });
    } else leaveOut(`tool ${tool.type}`);
  }
  for (const legacy of functions ?? []) tools.add({ kind: "function", ...legacy });
  return tools;
}

function toolChoiceOf(choice: ChatRequest["tool_choice"], tools: OfferedTools): ToolChoice | undefined {
  if (choice === undefined || choice === null || choice === "auto") return undefined;
  if (choice === "none") return "none";
  if (choice === "required" || choice === "any") return tools.requiredChoice();
  if (typeof choice === "string")
    throw invalidRequest(`Unknown tool choice: ${JSON.stringify(choice)}.`, "tool_choice");
  if (choice.allowed_tools) {
    tools.keepOnly(new Set(choice.allowed_tools.tools.flatMap((tool) => tool.function?.name ?? [])));
    return choice.allowed_tools.mode === "required" ? tools.requiredChoice() : undefined;
  }
  const name = choice.function?.name ?? choice.custom?.name;
  if (name === undefined) throw invalidRequest("The tool choice names no function.", "tool_choice");
  return tools.choiceOf(name);
}

function responseFormatOf(format: ChatRequest["response_format"]): ResponseFormat | undefined {
  if (format === undefined || format === null || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json_object" };
  if (format.type === "json_schema" && format.json_schema) {
    const { name, description, schema } = format.json_schema;
    return { type: "json_schema", name: name ?? "response", description: description ?? undefined, schema };
  }
  throw invalidRequest(`Unknown response format: ${JSON.stringify(format.type)}.`, "response_format.type");
}
