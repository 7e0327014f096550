import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { z } from "zod";
import type { Sampling } from "../llama-server/model-catalogue.ts";
import { type Effort, EFFORTS } from "../config/effort.ts";
import { failed } from "../i18n/error-messages.ts";
import { sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import type { ChatGptOssCallOptions } from "./call-options.ts";
import { biasBesideGrammar, constraintOf, responseFormatText, shapeOf } from "../inference/constraint.ts";
import { wireMessages } from "./wire-messages.ts";
import type { KnownServer, ServerCapabilities } from "../inference/capabilities.ts";
import type { InferenceRequest } from "../inference/inference-request.ts";
import type { WireMessage } from "../inference/wire.ts";

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

export interface RequestOptions {
  /** As LangChain makes it of its own options. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly messages: readonly BaseMessage[];
  readonly defaults: RequestDefaults;
  readonly call: ChatGptOssCallOptions;
  readonly knownServer: KnownServer;
}

/** The body of a request, and what reading the answer depends on. */
export interface WireRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly tools: readonly string[];
  /** Ids of the calls in the conversation. */
  readonly callIds: ReadonlySet<string>;
  /** Texts that end the visible answer; the server is not told, as it would find them in the thinking too. */
  readonly stop: readonly string[] | string | undefined;
  /** How the prompt ends, when not after `<|start|>assistant`. */
  readonly promptEndsWith?: string;
}

export function buildRequest({ params, messages, defaults, call, knownServer }: RequestOptions): WireRequest {
  const { capabilities, reasoningField } = knownServer;
  const shape = shapeOf(neutralShape(params));
  // what is no function and no schema is not looked into, and made safe as it is
  const safe = sanitizeControlTokensIn({
    tools: params["tools"],
    tool_choice: params["tool_choice"],
    response_format: params["response_format"],
  }) as Record<string, unknown>;
  const tools = shape.tools.map(({ name }) => name);
  checkToolChoice(params["tool_choice"], tools);
  const { resumeFrom } = call;
  const constraint = constraintOf(shape, capabilities, {
    resumeFrom,
    toolGrammar: defaults.toolGrammar,
    hasNativeTools: offersNativeTools(params["chat_template_kwargs"]),
  });
  const { stop, ...rest } = params;
  const body = {
    ...rest,
    ...safe,
    ...samplingFields(defaults, call, capabilities),
    ...templateFields(call, dateOf(defaults, call, capabilities), params["chat_template_kwargs"]),
    ...constraint,
    ...("grammar" in constraint && { logit_bias: biasBesideGrammar(params["logit_bias"]) }),
    ...(capabilities.isLlamaServer && { return_progress: true }),
    messages: withInstructions(wireMessages(messages, { capabilities, reasoningField }), responseFormatText(shape)),
    stream: true,
    stream_options: { include_usage: true },
  };
  return {
    body,
    tools,
    callIds: callIdsOf(messages),
    stop: stop as WireRequest["stop"],
    ...(resumeFrom && { promptEndsWith: `<|start|>assistant<|channel|>${resumeFrom.channel}<|message|>` }),
  };
}

const toolSchema = z
  .object({
    type: z.literal("function"),
    function: z.object({
      name: z.string(),
      description: z.string().optional().catch(undefined),
      parameters: z.unknown().optional(),
      strict: z.boolean().optional().catch(undefined),
    }),
  })
  .transform(({ function: { name, description, parameters, strict } }) => ({
    name,
    ...fields({ description, parameters, strict }),
  }));

const toolChoiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.literal("any").transform(() => "required" as const),
  z.object({ function: z.object({ name: z.string() }) }).transform(({ function: { name } }) => ({ name })),
]);

const responseFormatSchema = z.union([
  z.object({ type: z.literal("json_object") }),
  z
    .object({
      type: z.literal("json_schema"),
      json_schema: z.object({
        name: z.string(),
        description: z.string().optional(),
        schema: z.unknown().optional(),
        strict: z.boolean().optional().catch(undefined),
      }),
    })
    .transform(({ type, json_schema: { name, ...rest } }) => ({ type, name, ...fields(rest) })),
]);

/** What LangChain makes for the wire, as far as it says what the answer has to be. */
const paramsSchema = z.object({
  tools: z.array(toolSchema).optional().catch(undefined),
  tool_choice: toolChoiceSchema.optional().catch(undefined),
  response_format: responseFormatSchema.optional().catch(undefined),
  parallel_tool_calls: z.boolean().optional().catch(undefined),
});

function neutralShape(
  params: unknown,
): Pick<InferenceRequest, "tools" | "toolChoice" | "responseFormat" | "parallelToolCalls"> {
  const { tools, tool_choice, response_format, parallel_tool_calls } = paramsSchema.parse(params);
  return { tools, toolChoice: tool_choice, responseFormat: response_format, parallelToolCalls: parallel_tool_calls };
}

/** How the answer is drawn, as every request says it. */
export function samplingFields(
  defaults: RequestDefaults,
  call: ChatGptOssCallOptions,
  capabilities: ServerCapabilities,
) {
  const sampling = { ...defaults.sampling, ...call.sampling };
  return {
    ...fields({
      max_tokens: call.maxTokens ?? defaults.maxTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      reasoning_effort: effortOf(call, defaults),
    }),
    // OpenAI's own API has no such fields, and some servers answer an error to them
    ...(capabilities.isLlamaServer && fields({ top_k: sampling.topK, min_p: sampling.minP })),
  };
}

/** OpenAI's other efforts, as the nearest that gpt-oss was trained with. */
const NEAREST_EFFORT: ReadonlyMap<unknown, Effort> = new Map([
  ...EFFORTS.map((effort) => [effort, effort] as const),
  ["none", "low"],
  ["minimal", "low"],
  ["xhigh", "high"],
  ["max", "high"],
]);

/** By our own name, or by one of ChatOpenAI's. */
function effortOf(call: ChatGptOssCallOptions, defaults: RequestDefaults): Effort | undefined {
  const { reasoningEffort, reasoning_effort } = call as { reasoningEffort?: unknown; reasoning_effort?: unknown };
  const given: unknown =
    call.effort ?? call.reasoning?.effort ?? reasoningEffort ?? reasoning_effort ?? defaults.effort;
  if (given === undefined || given === null) return undefined;
  const effort = NEAREST_EFFORT.get(given);
  if (effort !== undefined) return effort;
  throw failed("unknownEffort", [typeof given === "string" ? given : JSON.stringify(given), EFFORTS.join(", ")]);
}

/** A choice that no tool fits would be ignored by most servers, and the answer would be empty. */
function checkToolChoice(choice: unknown, tools: readonly string[]): void {
  if (choice === undefined || choice === null || choice === "auto" || choice === "none") return;
  const name = (choice as { readonly function?: { readonly name?: unknown } }).function?.name;
  const isForced = choice === "required" || choice === "any";
  if (isForced ? tools.length > 0 : tools.some((tool) => tool === name)) return;
  const said = typeof name === "string" ? name : typeof choice === "string" ? choice : JSON.stringify(choice);
  throw failed("toolChoiceNotOffered", [said, tools.join(", ")]);
}

function callIdsOf(messages: readonly BaseMessage[]): ReadonlySet<string> {
  const calls = messages.flatMap((message) =>
    AIMessage.isInstance(message) ? [...(message.tool_calls ?? []), ...(message.invalid_tool_calls ?? [])] : [],
  );
  return new Set(calls.flatMap(({ id }) => id ?? []));
}

/** Other templates write a date of their own, or none. */
function dateOf(defaults: RequestDefaults, call: ChatGptOssCallOptions, { hasOwnTemplate }: ServerCapabilities) {
  return (hasOwnTemplate ? call.currentDate : undefined) ?? defaults.currentDate;
}

function templateFields({ resumeFrom }: ChatGptOssCallOptions, currentDate: string | undefined, given: unknown) {
  if (currentDate === undefined && resumeFrom === undefined && given === undefined) return {};
  const kwargs = fields({ current_date: currentDate, continue_from: resumeFrom });
  return { chat_template_kwargs: sanitizeControlTokensIn({ ...kwargs, ...(given as object | undefined) }) };
}

const nativeToolsSchema = z.object({ builtin_tools: z.array(z.unknown()).min(1) });

/** gpt-oss's own tools are written into the prompt by the template alone. */
function offersNativeTools(kwargs: unknown): boolean {
  return nativeToolsSchema.safeParse(kwargs).success;
}

/** Instructions that belong to a request, behind those of the conversation. */
function withInstructions(messages: readonly WireMessage[], text: string | undefined): readonly WireMessage[] {
  if (text === undefined) return messages;
  const [first, ...rest] = messages;
  if (first?.role !== "system" && first?.role !== "developer") return [{ role: "system", content: text }, ...messages];
  return [{ ...first, content: `${String(first.content)}\n\n${text}` }, ...rest];
}

function fields<Fields extends object>(given: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
