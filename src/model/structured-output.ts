import type { BaseLanguageModelInput, StructuredOutputMethodOptions } from "@langchain/core/language_models/base";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  coerceMessageLikeToMessage,
  HumanMessage,
} from "@langchain/core/messages";
import { parsePartialJson } from "@langchain/core/output_parsers";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import {
  type InteropZodType,
  interopSafeParseAsync,
  interopZodTransformInputSchema,
  isInteropZodSchema,
} from "@langchain/core/utils/types";
import { z } from "zod";
import { messageOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { readSchema } from "../inference/schema/read-schema.ts";
import { ANSWER_SCHEMA } from "../inference/schema/schema.ts";
import { SchemaValidator } from "../inference/schema/validator.ts";
import type { ChatGptOssCallOptions } from "./call-options.ts";
import type { GptOssMetadata } from "./read-message.ts";
import { StreamingRunnable } from "./streaming-runnable.ts";

/** What `withStructuredOutput` takes: a zod schema, another library's that speaks Standard Schema, or JSON Schema. */
export type OutputSchema<Output> =
  // what a schema reads may differ from what it makes of that, as with `.transform`
  InteropZodType<Output, unknown> | SerializableSchema<unknown, Output> | Record<string, unknown>;

export type CheckedOutput<Output> =
  | { readonly isValid: true; readonly output: Output }
  /** What is wrong, as half a sentence. */
  | { readonly isValid: false; readonly problem: string };

const issuesSchema = z.object({
  issues: z.array(z.object({ path: z.array(z.unknown()).optional(), message: z.string() })),
});

/** Reads a model's JSON and checks it with the schema that was asked for, which may say more than a grammar can. */
export async function checkOutput<Output>(schema: OutputSchema<Output>, text: string): Promise<CheckedOutput<Output>> {
  let value: unknown;
  try {
    value = JSON.parse(jsonIn(text));
  } catch (error) {
    return { isValid: false, problem: `it is not valid JSON (${messageOf(error)})` };
  }
  if (isInteropZodSchema(schema)) {
    const result = await interopSafeParseAsync(schema as InteropZodType<Output>, value);
    return result.success ? valid(result.data) : { isValid: false, problem: firstIssue(result.error) };
  }
  if ("~standard" in schema) {
    const result = await (schema as SerializableSchema<Output>)["~standard"].validate(value);
    return result.issues === undefined ? valid(result.value) : { isValid: false, problem: firstIssue(result) };
  }
  const problem = new SchemaValidator(readSchema(schema, ANSWER_SCHEMA)).problemOf(value);
  return problem === undefined ? valid(value as Output) : { isValid: false, problem };
}

/** The JSON of an answer. Servers without a grammar often put a fence of Markdown or a sentence around it. */
export function jsonIn(text: string): string {
  if (isJson(text)) return text;
  for (const [, fenced = ""] of text.matchAll(FENCE)) if (isJson(fenced)) return fenced.trim();
  const bare = text.slice(text.search(/[[{]/), Math.max(text.lastIndexOf("}"), text.lastIndexOf("]")) + 1);
  if (isJson(bare)) return bare;
  // a sentence may have brackets of its own, and what is asked for is the longest
  return bracketedIn(text).reduce((longest, part) => (part.length > longest.length ? part : longest), "") || text;
}

const FENCE = /```[ \t]*(?:json\w*)?[ \t]*\r?\n?([\s\S]*?)(?:```|$)/gi;
/** Each beginning is read to its end, so that many that have none would take long. */
const MOST_BEGINNINGS = 200;

/** The objects and arrays in a text, without those inside of others. */
function bracketedIn(text: string): string[] {
  const found: string[] = [];
  const beginning = /[[{]/g;
  for (let tries = 0; tries < MOST_BEGINNINGS; tries++) {
    const match = beginning.exec(text);
    if (match === null) break;
    const part = text.slice(match.index, endOfBrackets(text, match.index));
    if (!isJson(part)) continue;
    found.push(part);
    beginning.lastIndex = match.index + part.length;
  }
  return found;
}

/** Where the bracket at a position is closed. Brackets in strings do not count. */
function endOfBrackets(text: string, start: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === "{" || match[0] === "[") depth++;
    else if (match[0] === "}" || match[0] === "]") depth--;
    if (depth === 0) return token.lastIndex;
  }
  return text.length;
}

/** The same of an answer that is still being written: what stands behind the fence so far. */
export function growingJsonIn(text: string): string {
  return text.replace(/^\s*```[ \t]*(?:json\w*)?[ \t]*\r?\n?/i, "").replace(/`{1,3}\s*$/, "");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // which is what was asked
  }
}

function valid<Output>(output: Output): CheckedOutput<Output> {
  return { isValid: true, output };
}

function firstIssue(error: unknown): string {
  const issue = issuesSchema.safeParse(error).data?.issues[0];
  if (issue === undefined) return messageOf(error);
  const path = (issue.path ?? []).map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

/** How often a model gets the problem and is asked again. */
const MOST_CORRECTIONS = 2;
/** A partial object is given once the text has grown by so much, since each is read from the beginning. */
const GROWTH = 1.02;

/** LangSmith's names of the methods. */
const TRACED_METHODS: Readonly<Record<string, string>> = {
  functionCalling: "function_calling",
  jsonMode: "json_mode",
  jsonSchema: "json_schema",
};

type Model = Runnable<BaseLanguageModelInput, AIMessageChunk>;

/** What a ChatGptOss is here: a model whose call options can be set beforehand. */
interface ConfigurableModel {
  withConfig(config: Partial<ChatGptOssCallOptions>): Model;
}

interface StructuredOutputFields<Output> {
  readonly model: Model;
  readonly schema: OutputSchema<Output>;
  /** The text of a message that should be JSON. */
  readonly textOf: (message: AIMessage | AIMessageChunk) => string;
  readonly includeRaw: boolean;
}

/**
 * Asks for JSON of a schema. The grammar keeps the model to its form; what a grammar can't say is checked here, and the model asked
 * again with the error, unless its answer was cut: the next would be cut too. Streams partial objects as they grow, and the whole, checked one at the end.
 */
export class StructuredOutput<Output> extends StreamingRunnable<BaseLanguageModelInput, unknown> {
  readonly #fields: StructuredOutputFields<Output>;

  constructor(fields: StructuredOutputFields<Output>) {
    super({
      name: "StructuredOutput",
      outputs: "replaced",
      generate: (question, config) => this.#read(question, config),
      invoke: async (question, config) =>
        await this.#settle(question, await this.#fields.model.invoke(question, config), config),
    });
    this.#fields = fields;
  }

  static of<Output>(
    model: ConfigurableModel,
    given: OutputSchema<Output>,
    { method = "jsonSchema", includeRaw = false, ...config }: StructuredOutputMethodOptions<boolean>,
  ): StructuredOutput<Output> {
    const { schema, ...named } = unwrapFunction(given);
    const name = config.name ?? named.name ?? "extract";
    // the model writes what a schema reads, before any `.transform`; LangChain thinks of that for objects only
    const written = isInteropZodSchema(schema) ? interopZodTransformInputSchema(schema, true) : schema;
    const jsonSchema = toJsonSchema(written) as Record<string, unknown>;
    // tracers show it
    const ls_structured_output_format = { kwargs: { method: TRACED_METHODS[method] ?? method }, schema: jsonSchema };
    const description = descriptionOf({ ...jsonSchema, ...named });
    if (method === "functionCalling") {
      const definition = { name, ...description, parameters: jsonSchema };
      const bound = model.withConfig({
        tools: [{ type: "function", function: definition }],
        tool_choice: { type: "function", function: { name } },
        ls_structured_output_format,
      });
      return new StructuredOutput({ model: bound, schema, textOf: argumentsOf, includeRaw });
    }
    const response_format =
      method === "jsonMode"
        ? { type: "json_object" as const }
        : { type: "json_schema" as const, json_schema: { name, ...description, schema: jsonSchema, strict: true } };
    const bound = model.withConfig({ response_format, ls_structured_output_format });
    return new StructuredOutput({ model: bound, schema, textOf: (message) => message.text, includeRaw });
  }

  async *#read(input: BaseLanguageModelInput, options: Partial<RunnableConfig>): AsyncGenerator {
    let whole: AIMessageChunk | undefined;
    let next = 1;
    let given = "";
    for await (const chunk of await this.#fields.model.stream(input, options)) {
      whole = whole === undefined ? chunk : whole.concat(chunk);
      const text = this.#fields.textOf(whole);
      if (text.length < next || this.#fields.includeRaw) continue;
      next = Math.max(text.length + 1, text.length * GROWTH);
      const partial: unknown = parsePartialJson(growingJsonIn(text));
      const written = JSON.stringify(partial);
      if (typeof partial !== "object" || partial === null || written === given) continue;
      given = written;
      yield partial;
    }
    if (whole !== undefined) yield await this.#settle(input, whole, options);
  }

  /** Checks an answer; asks for a better one as often as is allowed. */
  async #settle(
    question: BaseLanguageModelInput,
    first: AIMessage | AIMessageChunk,
    options?: Partial<RunnableConfig>,
  ): Promise<unknown> {
    const { model, schema, textOf, includeRaw } = this.#fields;
    const said: BaseMessage[] = [];
    let raw = first;
    let checked: CheckedOutput<Output> = await checkOutput(schema, textOf(raw));
    let cut = cutOf(raw);
    for (let correction = 0; !checked.isValid && cut === undefined && correction < MOST_CORRECTIONS; correction++) {
      // the user's own stop sequence cut the answer, and would cut the next one too
      const { stop_sequence: stop } = raw.response_metadata as Partial<GptOssMetadata>;
      if (stop !== undefined) throw createError("answerStopped", [stop, checked.problem]);
      said.push(new AIMessage(textOf(raw)), new HumanMessage(`That is not right: ${checked.problem}. Answer again.`));
      raw = await model.invoke([...messagesOf(question), ...said], options);
      checked = await checkOutput(schema, textOf(raw));
      cut = cutOf(raw);
    }
    if (includeRaw) return { raw, parsed: checked.isValid ? checked.output : null };
    if (checked.isValid) return checked.output;
    if (cut !== undefined) throw createError(cut, []);
    const times = MOST_CORRECTIONS + 1;
    throw createError("notWantedForm", [times, checked.problem]);
  }
}

const functionSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()),
  type: z.undefined().optional(),
});

/** The schema inside of a function's definition, which ChatOpenAI takes too. The title of a JSON Schema is its name. */
function unwrapFunction<Output>(given: OutputSchema<Output>): {
  readonly schema: OutputSchema<Output>;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
} {
  if (isInteropZodSchema(given) || "~standard" in given) return { schema: given };
  const { data } = functionSchema.safeParse(given);
  if (data !== undefined) return { schema: data.parameters, name: data.name, description: data.description };
  const { title } = given as { readonly title?: unknown };
  return { schema: given, ...(typeof title === "string" && /^[\w-]{1,64}$/.test(title) && { name: title }) };
}

function descriptionOf({ description }: Readonly<Record<string, unknown>>): { description?: string } {
  return typeof description === "string" ? { description } : {};
}

/** Why an answer ended before its JSON did. */
function cutOf({
  response_metadata: metadata,
}: AIMessage | AIMessageChunk): "outputCutByContext" | "outputCutByMaxTokens" | undefined {
  if (metadata["finish_reason"] !== "length") return undefined;
  return metadata["cut"] === "context-full" ? "outputCutByContext" : "outputCutByMaxTokens";
}

function messagesOf(question: BaseLanguageModelInput): BaseMessage[] {
  if (typeof question === "string") return [new HumanMessage(question)];
  return Array.isArray(question) ? question.map(coerceMessageLikeToMessage) : question.toChatMessages();
}

/**
 * The arguments of the first call: as they were written while they grow, and what LangChain read of them at the end. A server that does
 * not force a call may have the object in its answer.
 */
function argumentsOf(message: AIMessage | AIMessageChunk): string {
  const chunk = AIMessageChunk.isInstance(message) ? message.tool_call_chunks?.[0] : undefined;
  if (chunk?.args !== undefined) return chunk.args;
  const call = message.tool_calls?.[0];
  return call === undefined ? (message.invalid_tool_calls?.[0]?.args ?? message.text) : JSON.stringify(call.args);
}
