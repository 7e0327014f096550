import { z } from "zod";
import { sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import { createError } from "../i18n/error-messages.ts";
import { headersById } from "./call-header.ts";
import type { KnownServer, ServerCapabilities } from "./capabilities.ts";
import { biasBesideGrammar, constraintOf, responseFormatText, shapeOf } from "./constraint.ts";
import type { InferenceRequest } from "./inference-request.ts";
import type { ChatMessage, ToolChoice } from "./messages.ts";
import { OfferedNativeTools } from "./native-tools.ts";
import type { WireMessage } from "./wire.ts";
import { wireMessages } from "./wire-messages.ts";

/** The body of a Chat Completions request, and what reading the answer depends on. */
export interface WireRequest {
  readonly body: Readonly<Record<string, unknown>>;
  /** Names of the functions that are offered. */
  readonly tools: readonly string[];
  readonly nativeTools: OfferedNativeTools;
  /** Ids of the calls in the conversation. */
  readonly usedIds: ReadonlySet<string>;
  /** Texts that end the visible answer. */
  readonly stop: readonly string[];
  /** How the prompt ends, when not after `<|start|>assistant`. */
  readonly promptEndsWith?: string;
}

/**
 * Builds the body of a request in the form that the server understands.
 * @throws GptOssError `usage` for a schema that cannot be used, a forced tool that is not offered, or a result without its call
 */
export function buildRequest(request: InferenceRequest, { capabilities, reasoningField }: KnownServer): WireRequest {
  const { messages, tools = [], toolChoice, responseFormat, stop = [], resumeFrom, extra = {} } = request;
  const names = tools.map(({ name }) => name);
  checkToolChoice(toolChoice, names);
  const nativeTools = new OfferedNativeTools(tools, capabilities);
  const shape = shapeOf(request, nativeTools);
  const constraint = constraintOf(shape, capabilities, {
    resumeFrom,
    toolGrammar: request.toolGrammar,
    hasNativeTools: nativeToolsSchema.safeParse(extra["chat_template_kwargs"]).success,
  });
  const body = {
    model: request.model,
    ...extra,
    ...samplingFields(request, capabilities),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...templateFields(request, nativeTools, capabilities),
    ...constraint,
    ...("grammar" in constraint && { logit_bias: biasBesideGrammar(extra["logit_bias"]) }),
    ...(capabilities.isLlamaServer && { return_progress: true }),
    messages: withInstructions(
      wireMessages(messages, { capabilities, reasoningField, nativeTools }),
      responseFormat && responseFormatText(shape),
    ),
    stream: true,
    stream_options: { include_usage: true },
  };
  return {
    body,
    tools: nativeTools.functions.map(({ name }) => name),
    nativeTools,
    usedIds: callIdsIn(messages),
    stop,
    ...(resumeFrom && { promptEndsWith: `<|start|>assistant<|channel|>${resumeFrom.channel}<|message|>` }),
  };
}

/** gpt-oss's own tools are written into the prompt by the template alone. */
const nativeToolsSchema = z.object({ builtin_tools: z.array(z.unknown()).min(1) });

/** The fields of a request that llama-server's /apply-template reads; it knows the effort only as a word of the template's own. */
export function templateRequest(request: InferenceRequest, known: KnownServer): Readonly<Record<string, unknown>> {
  const { body } = buildRequest(request, known);
  const { messages, tools, reasoning_effort, chat_template_kwargs } = body;
  return {
    messages,
    tools,
    reasoning_effort,
    chat_template_kwargs: { ...(chat_template_kwargs as object | undefined), reasoning_effort },
  };
}

/** How the answer is sampled and how long it may be. */
export function samplingFields(
  { sampling = {}, maxTokens, effort }: Pick<InferenceRequest, "sampling" | "maxTokens" | "effort">,
  { isLlamaServer }: ServerCapabilities,
) {
  return definedFields({
    max_tokens: maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    reasoning_effort: effort,
    // OpenAI's own API has no such fields, and some servers answer an error to them
    ...(isLlamaServer && { top_k: sampling.topK, min_p: sampling.minP }),
  });
}

/** Most servers would ignore a choice that no tool fits, and the answer would be empty. */
function checkToolChoice(choice: ToolChoice | undefined, names: readonly string[]): void {
  if (choice === undefined || choice === "auto" || choice === "none") return;
  const wanted = choice === "required" ? choice : choice.name;
  if (choice === "required" ? names.length > 0 : names.includes(wanted)) return;
  throw createError("toolChoiceNotOffered", [wanted, names.join(", ")]);
}

function callIdsIn(messages: readonly ChatMessage[]): ReadonlySet<string> {
  return new Set(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id }) => id).filter((id) => id !== "")));
}

function templateFields(
  { messages, currentDate, resumeFrom, extra = {} }: InferenceRequest,
  native: OfferedNativeTools,
  { hasOwnTemplate }: ServerCapabilities,
) {
  const calls = hasOwnTemplate ? messages.flatMap(({ toolCalls = [] }) => toolCalls) : [];
  const given = extra["chat_template_kwargs"] as object | undefined;
  const own = {
    current_date: currentDate,
    continue_from: resumeFrom,
    call_headers: headersById(calls),
    ...native.templateFields,
  };
  const kwargs = definedFields(own);
  if (Object.keys(kwargs).length === 0 && given === undefined) return {};
  return { chat_template_kwargs: sanitizeControlTokensIn({ ...kwargs, ...given }) };
}

/** Instructions that belong to a request, behind those of the conversation. */
function withInstructions(messages: readonly WireMessage[], text: string | undefined): readonly WireMessage[] {
  if (text === undefined) return messages;
  const [first, ...rest] = messages;
  if (first?.role !== "system" && first?.role !== "developer") return [{ role: "system", content: text }, ...messages];
  return [{ ...first, content: `${String(first.content)}\n\n${text}` }, ...rest];
}

function definedFields<Fields extends object>(given: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
