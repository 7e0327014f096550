import type { BaseMessage } from "@langchain/core/messages";
import { z } from "zod";
import { type Effort, nearestEffort } from "../config/effort.ts";
import { sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import type { ServerCapabilities } from "../inference/capabilities.ts";
import type { InferenceRequest } from "../inference/inference-request.ts";
import type { ResponseFormat } from "../inference/messages.ts";
import { nativeToolSchema } from "../inference/native-tools.ts";
import type { Sampling } from "../llama-server/model-catalogue.ts";
import type { ChatGptOssCallOptions } from "./call-options.ts";
import { toChatMessages } from "./chat-messages.ts";

/** What a chat model sends with every request. */
export interface RequestDefaults {
  readonly effort?: Effort | undefined;
  readonly maxTokens?: number | undefined;
  readonly sampling?: Sampling | undefined;
  /** `YYYY-MM-DD`. */
  readonly currentDate?: string | undefined;
  /** Where tools are offered, holds a raw llama-server to the format and to the tools' schemas by a grammar. Default: true. */
  readonly toolGrammar?: boolean | undefined;
}

/** The fields of LangChain's parameters that have a place of their own in a request. */
const paramsSchema = z.looseObject({
  model: z.string(),
  stop: z
    .union([z.string(), z.array(z.string())])
    .nullish()
    .catch(undefined),
  seed: z.number().nullish(),
  parallel_tool_calls: z.boolean().nullish().catch(undefined),
  tools: z
    .array(
      z.looseObject({
        type: z.literal("function"),
        function: z.object({
          name: z.string(),
          description: z.string().optional(),
          parameters: z.unknown().optional(),
          strict: z.boolean().optional().catch(undefined),
        }),
        native: nativeToolSchema.optional().catch(undefined),
      }),
    )
    .nullish()
    .catch(undefined),
  tool_choice: z
    .union([
      z.enum(["auto", "none", "required"]),
      z.literal("any").transform(() => "required" as const),
      z
        .looseObject({ function: z.looseObject({ name: z.string() }) })
        .transform(({ function: { name } }) => ({ name })),
      // the error names a choice of any other kind
      z.unknown().transform((given) => ({ name: typeof given === "string" ? given : JSON.stringify(given) })),
    ])
    .nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.looseObject({ type: z.literal("text") }),
      z.looseObject({ type: z.literal("json_object") }),
      z.looseObject({
        type: z.literal("json_schema"),
        json_schema: z.object({
          name: z.string(),
          description: z.string().optional(),
          schema: z.unknown().optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    ])
    .nullish()
    .catch(undefined),
});

export interface RequestSource {
  /** As LangChain makes them of its own options. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly messages: readonly BaseMessage[];
  readonly call: ChatGptOssCallOptions;
  readonly defaults: RequestDefaults;
  readonly capabilities: ServerCapabilities;
}

/** A request as `inference/` takes it. @throws GptOssError `usage` for an unknown effort */
export function toInferenceRequest({
  params,
  messages,
  call,
  defaults,
  capabilities,
}: RequestSource): InferenceRequest {
  const { model, stop, seed, tools, tool_choice, parallel_tool_calls, response_format, ...extra } =
    paramsSchema.parse(params);
  return {
    model,
    messages: toChatMessages(messages),
    tools: tools?.map((tool) => ({ ...tool.function, ...(tool.native && { native: tool.native }) })),
    toolChoice: tool_choice ?? undefined,
    parallelToolCalls: parallel_tool_calls ?? undefined,
    responseFormat: responseFormatOf(response_format ?? undefined),
    stop: typeof stop === "string" ? [stop] : (stop ?? []),
    seed: seed ?? undefined,
    ...requestSettings(call, defaults),
    // other templates write a date of their own, or none
    currentDate: (capabilities.hasOwnTemplate ? call.currentDate : undefined) ?? defaults.currentDate,
    resumeFrom: call.resumeFrom,
    toolGrammar: defaults.toolGrammar,
    extra: {
      // what is neither a function nor a known format is not looked into: the server says what it thinks of it
      ...(tools === undefined && (sanitizeControlTokensIn({ tools: params["tools"] }) as object)),
      ...(response_format === undefined &&
        (sanitizeControlTokensIn({ response_format: params["response_format"] }) as object)),
      ...extra,
    },
  };
}

/** The settings that a call may change; our own names and ChatOpenAI's both count. */
export function requestSettings(call: Partial<ChatGptOssCallOptions>, defaults: RequestDefaults) {
  const { reasoningEffort, reasoning_effort } = call as { reasoningEffort?: unknown; reasoning_effort?: unknown };
  return {
    sampling: { ...defaults.sampling, ...call.sampling },
    maxTokens: call.maxTokens ?? defaults.maxTokens,
    effort: nearestEffort(
      call.effort ?? call.reasoning?.effort ?? reasoningEffort ?? reasoning_effort ?? defaults.effort,
    ),
  };
}

function responseFormatOf(format: z.infer<typeof paramsSchema>["response_format"]): ResponseFormat | undefined {
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json_object" };
  const { strict, ...json } = format.json_schema;
  return { type: "json_schema", ...json, ...(typeof strict === "boolean" && { strict }) };
}
