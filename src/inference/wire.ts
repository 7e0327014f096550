import { z } from "zod";
import { encodeJsonBody } from "../llama-server/http.ts";

/*
 * The stream of a Chat Completions server, as far as it is read here: OpenAI's chunks with what llama-server, vLLM and SGLang add.
 * Each chunk is checked once, when it arrives, and leniently: a field that an answer does not depend on never fails it.
 */

/** A count or a measurement; anything else counts as unknown. */
const measureSchema = z
  .preprocess(
    (given) => (typeof given === "string" && given.trim() !== "" ? Number(given) : given),
    z.number().nonnegative(),
  )
  .optional()
  .catch(undefined);
const textSchema = z.string().nullish().catch(undefined);
const textPartSchema = z.looseObject({ text: z.string() });

/** Text, or parts with text in them, as Mistral's servers send it. */
const contentSchema = z
  .union([
    z.string(),
    z
      .array(z.unknown())
      .transform((parts) => parts.map((part) => textPartSchema.safeParse(part).data?.text ?? "").join("")),
  ])
  .nullish()
  .catch(undefined);

const functionSchema = z.looseObject({ name: textSchema, arguments: z.unknown().optional() });
const callSchema = z
  .looseObject({
    index: measureSchema,
    id: textSchema,
    function: functionSchema.nullish().catch(undefined),
    name: textSchema,
    arguments: z.unknown().optional(),
  })
  .transform(({ index, id, function: inner, name, arguments: given }): WireCallPart => {
    return {
      index,
      id: id ?? "",
      name: inner?.name ?? name ?? "",
      arguments: argumentsText(inner?.arguments ?? given),
    };
  });

/** One entry of `tool_calls`: a whole call, or any part of one. */
export interface WireCallPart {
  readonly index?: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** OpenAI's arguments are JSON text; some servers send the value itself. */
function argumentsText(given: unknown): string {
  if (given === undefined || given === null) return "";
  return typeof given === "string" ? given : JSON.stringify(given);
}

const callsSchema = z
  // one call may come without the array around it
  .preprocess(
    (given) => (given === undefined || given === null || Array.isArray(given) ? given : [given]),
    z.array(callSchema.nullable().catch(null)).nullish(),
  )
  .transform((calls) => calls?.filter((call) => call !== null))
  .catch(undefined)
  .optional();

const wireDeltaSchema = z.object({
  content: contentSchema,
  /** What OpenAI's models say in place of an answer. */
  refusal: textSchema,
  /** llama-server, SGLang */
  reasoning_content: textSchema,
  /** vLLM */
  reasoning: textSchema,
  tool_calls: callsSchema,
  /** The form before `tool_calls`. */
  function_call: callSchema.nullish().catch(undefined),
});

const detailSchema = z
  .looseObject({ cached_tokens: measureSchema, reasoning_tokens: measureSchema })
  .nullish()
  .catch(undefined);
const wireUsageSchema = z.looseObject({
  prompt_tokens: measureSchema,
  completion_tokens: measureSchema,
  total_tokens: measureSchema,
  prompt_tokens_details: detailSchema,
  completion_tokens_details: detailSchema,
});

/** llama-server's own measurements. */
const wireTimingsSchema = z.object({
  cache_n: measureSchema,
  prompt_n: measureSchema,
  prompt_ms: measureSchema,
  prompt_per_second: measureSchema,
  predicted_n: measureSchema,
  predicted_ms: measureSchema,
  predicted_per_second: measureSchema,
});

/** Tokens, and the milliseconds since the server began with the prompt. */
const wireProgressSchema = z.object({
  total: z.number(),
  cache: measureSchema,
  processed: z.number(),
  time_ms: measureSchema,
});

/** Other names for the limit of tokens: those of TGI, Mistral, Anthropic and Google. */
const LENGTH_REASONS = /^(?:max_(?:new_|output_)?tokens|max_length|model_length)$/i;

/** Why an answer ended; any value says at least that it has. */
const finishReasonSchema = z
  .unknown()
  .transform((given): string | undefined => {
    if (given === undefined || given === null || given === false) return undefined;
    if (typeof given !== "string") return "stop";
    return LENGTH_REASONS.test(given) ? "length" : given;
  })
  .optional();

const wireChoiceSchema = z.object({
  index: measureSchema,
  delta: wireDeltaSchema.nullish().catch(undefined),
  /** In place of `delta`: in a reply that is not a stream, and in the stream of some servers. */
  message: wireDeltaSchema.nullish().catch(undefined),
  finish_reason: finishReasonSchema,
  logprobs: z.unknown().optional(),
});

export const wireChunkSchema = z.object({
  id: textSchema,
  model: textSchema,
  // an empty object comes from servers that have nothing to add
  choices: z
    .union([z.array(wireChoiceSchema.nullable().catch(null)), z.strictObject({}).transform(() => undefined)])
    .nullish(),
  usage: wireUsageSchema.nullish().catch(undefined),
  timings: wireTimingsSchema.nullish().catch(undefined),
  prompt_progress: wireProgressSchema.nullish().catch(undefined),
});

export type WireChunk = z.infer<typeof wireChunkSchema>;
export type WireDelta = z.infer<typeof wireDeltaSchema>;
/** As far as it was told: any of the counts may be missing. */
export type PartialUsage = z.infer<typeof wireUsageSchema>;
export type WireTimings = z.infer<typeof wireTimingsSchema>;

/** The counts of an answer, each of them there. */
export interface WireUsage extends PartialUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** What two chunks say of the same answer; what is said later, and is said at all, counts. */
export function mergeUsage(earlier: PartialUsage | undefined, later: PartialUsage): PartialUsage {
  const told = Object.entries(later).filter(([, value]) => value !== undefined && value !== null);
  return { ...earlier, ...Object.fromEntries(told) };
}

/** A usage with its missing counts, as far as they follow from the others; undefined where no count is known. */
export function completeUsage(usage: PartialUsage | undefined): WireUsage | undefined {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage ?? {};
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;
  const rest = (other: number | undefined) => Math.max(0, (total ?? 0) - (other ?? 0));
  const prompt_tokens = prompt ?? (completion === undefined ? 0 : rest(completion));
  const completion_tokens = completion ?? (prompt === undefined ? 0 : rest(prompt));
  return { ...usage, prompt_tokens, completion_tokens, total_tokens: total ?? prompt_tokens + completion_tokens };
}

/** One message of a request. */
export interface WireMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly name?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly WireToolCall[];
  /** The name that llama-server and SGLang give to the analysis. */
  readonly reasoning_content?: string;
  /** The name that vLLM gives to it. */
  readonly reasoning?: string;
}

export interface WireToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

/** Arguments as the wire expects them. They are JSON inside the JSON of the body, and llama-server decodes both. */
export function encodeArguments(values: unknown): string {
  return encodeJsonBody(values);
}

/** Unreadable arguments as a JSON string, since llama-server answers a history that holds no JSON with an error. */
export function encodeUnreadable(written: string): string {
  return encodeJsonBody(written);
}

/** Whether text is a JSON object. A call without arguments may leave them out. */
export function isArguments(written: string): boolean {
  if (written.trim() === "") return true;
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false; // which is what was asked
  }
}
