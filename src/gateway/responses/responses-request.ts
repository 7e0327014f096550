import { z } from "zod";
import type { ResponseFormat, ToolChoice } from "../../inference/messages.ts";
import { invalidRequest } from "../api-error.ts";
import { grammarOf } from "../offered-tools.ts";
import type { ModelRequest, RequestContext } from "../model-api.ts";
import { OfferedTools } from "../offered-tools.ts";
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
import { inputItemSchema, messagesOf } from "./input-items.ts";
import { ResponsesEncoder } from "./responses-encoder.ts";

interface ToolInput {
  readonly type: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly parameters?: unknown;
  readonly format?: unknown;
  readonly tools?: readonly ToolInput[] | null | undefined;
}

const toolSchema: z.ZodType<ToolInput> = z.looseObject({
  type: z.string(),
  name: optionalText,
  description: optionalText,
  parameters: z.unknown().optional(),
  format: z.unknown().optional(),
  /** Of a namespace. */
  get tools() {
    return z.array(toolSchema).nullish();
  },
});

const requestSchema = z.looseObject({
  input: z.union([z.string(), z.array(inputItemSchema)]),
  instructions: optionalText,
  stream: z.boolean().nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: z
    .union([
      z.string(),
      z.looseObject({
        type: z.string(),
        name: optionalText,
        mode: optionalText,
        tools: z.array(z.looseObject({ name: optionalText })).nullish(),
      }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z.looseObject({ effort: optionalText, summary: z.unknown().optional() }).nullish(),
  text: z
    .looseObject({
      format: z
        .looseObject({
          type: z.string(),
          name: optionalText,
          description: optionalText,
          schema: z.unknown().optional(),
        })
        .nullish(),
    })
    .nullish(),
  max_output_tokens: maxTokensSchema,
  temperature: optionalNumber,
  top_p: optionalNumber,
  top_k: optionalNumber,
  min_p: optionalNumber,
  seed: optionalInteger,
  stop: stopSchema,
  frequency_penalty: optionalNumber,
  presence_penalty: optionalNumber,
  previous_response_id: optionalText,
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  background: z.boolean().nullish(),
  metadata: z.unknown().optional(),
  user: optionalText,
});
export type ResponsesRequest = z.output<typeof requestSchema>;

export function readResponsesRequest(body: unknown, context: RequestContext): ModelRequest {
  const request = parseBody(requestSchema, body);
  refuseStoredState(request);
  const tools = offeredTools(request.tools ?? [], context);
  const isSingleCall = request.parallel_tool_calls === false;
  const toolChoice = toolChoiceOf(request.tool_choice, tools);
  const responseFormat = responseFormatOf(request.text?.format);
  const input = messagesOf(request.input, tools, context);
  const messages = request.instructions
    ? [{ role: "system" as const, content: request.instructions }, ...input]
    : input;
  if (messages.length === 0) throw invalidRequest("The input contains no message.", "input");
  return {
    inference: {
      model: context.model,
      messages,
      tools: tools.definitions,
      toolChoice,
      parallelToolCalls: isSingleCall ? false : undefined,
      responseFormat,
      sampling: samplingOf(request),
      seed: request.seed ?? undefined,
      maxTokens: request.max_output_tokens ?? undefined,
      stop: request.stop,
      effort: effortOf(request.reasoning?.effort, "reasoning.effort"),
      extra: definedFields({
        frequency_penalty: request.frequency_penalty,
        presence_penalty: request.presence_penalty,
      }),
    },
    tools,
    isStream: request.stream === true,
    isSingleCall,
    createEncoder: () =>
      new ResponsesEncoder({ model: context.model, request, isStructured: responseFormat !== undefined }),
  };
}

/** Nothing is stored here: the whole conversation comes with each request. */
function refuseStoredState({ previous_response_id, conversation, prompt, background }: ResponsesRequest): void {
  const remedy = "Send the whole conversation in input.";
  if (previous_response_id) {
    throw invalidRequest(
      `This server stores no responses, so previous_response_id is not supported. ${remedy}`,
      "previous_response_id",
    );
  }
  if (conversation !== undefined && conversation !== null) {
    throw invalidRequest(`This server stores no conversations. ${remedy}`, "conversation");
  }
  if (prompt !== undefined && prompt !== null) {
    throw invalidRequest("This server stores no prompts. Send the text of the prompt in instructions.", "prompt");
  }
  if (background === true) throw invalidRequest("This server does not run requests in the background.", "background");
}

function offeredTools(given: readonly ToolInput[], { leaveOut }: RequestContext): OfferedTools {
  const offered = new OfferedTools();
  const addAll = (tools: readonly ToolInput[], namespace?: string): void => {
    for (const { type, name, description, parameters, format, tools: inner } of tools) {
      if (type === "function" && name) offered.add({ kind: "function", name, namespace, description, parameters });
      else if (type === "custom" && name) {
        offered.add({ kind: "custom", name, namespace, description, inputForm: grammarOf(format) });
      } else if (type === "namespace" && name) addAll(inner ?? [], name);
      else leaveOut(`tool ${type}`);
    }
  };
  addAll(given);
  return offered;
}

function toolChoiceOf(choice: ResponsesRequest["tool_choice"], tools: OfferedTools): ToolChoice | undefined {
  if (choice === undefined || choice === null || choice === "auto") return undefined;
  if (choice === "none") return "none";
  if (choice === "required") return tools.requiredChoice();
  if (typeof choice === "string")
    throw invalidRequest(`Unknown tool choice: ${JSON.stringify(choice)}.`, "tool_choice");
  if (choice.type === "allowed_tools") {
    tools.keepOnly(new Set((choice.tools ?? []).flatMap(({ name }) => name ?? [])));
    return choice.mode === "required" ? tools.requiredChoice() : undefined;
  }
  if (choice.name) return tools.choiceOf(choice.name);
  throw invalidRequest(`The model cannot call a tool of type ${JSON.stringify(choice.type)}.`, "tool_choice");
}

type TextFormat = NonNullable<NonNullable<ResponsesRequest["text"]>["format"]>;

function responseFormatOf(format: TextFormat | null | undefined): ResponseFormat | undefined {
  if (format === undefined || format === null || format.type === "text") return undefined;
  const { type, name, description, schema } = format;
  if (type === "json_object") return { type };
  if (type === "json_schema") {
    return { type, name: name ?? "response", description: description ?? undefined, schema };
  }
  throw invalidRequest(`Unknown response format: ${JSON.stringify(type)}.`, "text.format.type");
}
