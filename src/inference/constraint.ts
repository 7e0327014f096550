import { sanitizeControlTokens, sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import type { ServerCapabilities } from "./capabilities.ts";
import { assertPossible, harmonyGrammar, type NamedDocument } from "./grammar/harmony-grammar.ts";
import type { InferenceRequest, ResumePoint } from "./inference-request.ts";
import type { ResponseFormat, ToolDefinition } from "./messages.ts";
import { type OfferedNativeTools, recipientOf } from "./native-tools.ts";
import { readSchema } from "./schema/read-schema.ts";
import { ANSWER_SCHEMA, toolSchema } from "./schema/schema.ts";
import { wireSchema } from "./schema/wire-schema.ts";

/** The part of a request that says what the answer has to be. */
type ShapeRequest = Pick<InferenceRequest, "tools" | "toolChoice" | "responseFormat" | "parallelToolCalls">;

/** A tool that is offered; its schema has been read. */
interface OfferedTool extends NamedDocument {
  readonly name: string;
  readonly definition: ToolDefinition;
  /** Set for a tool that the prompt declares as gpt-oss knows it. */
  readonly recipient: string | undefined;
  readonly takesText: boolean;
}

/** What an answer may be: the tools that it may call, and the form that it must have. */
export interface Shape {
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: InferenceRequest["toolChoice"];
  readonly parallelToolCalls: boolean | undefined;
  readonly format: ResponseFormat | undefined;
  readonly answer: NamedDocument | undefined;
}

/**
 * Reads the schemas of a request's tools and of its response format.
 * @throws GptOssError `usage` for a schema that can't be used
 */
export function shapeOf(
  { tools = [], toolChoice, responseFormat: format, parallelToolCalls }: ShapeRequest,
  native?: OfferedNativeTools,
): Shape {
  return {
    tools: tools.map((tool) => offeredTool(tool, native)),
    toolChoice,
    parallelToolCalls,
    format,
    answer: answerOf(format),
  };
}

function offeredTool(given: ToolDefinition, native?: OfferedNativeTools): OfferedTool {
  const { native: _, ...definition } = given;
  const { name } = definition;
  const declared = native?.tools.find((tool) => tool.name === name);
  const parameters = declared?.function?.parameters ?? definition.parameters;
  const subject = toolSchema(name);
  return {
    name,
    definition,
    subject,
    document: readSchema(parameters ?? { type: "object" }, subject),
    recipient: declared && recipientOf(declared),
    takesText: declared !== undefined && declared.function === undefined,
  };
}

function answerOf(format: ResponseFormat | undefined): NamedDocument | undefined {
  if (format === undefined) return undefined;
  const given = format.type === "json_schema" ? format.schema : undefined;
  return { subject: ANSWER_SCHEMA, document: readSchema(given ?? { type: "object" }, ANSWER_SCHEMA) };
}

export interface ConstraintOptions {
  /** Where the prompt ends, when it ends inside an answer. */
  readonly resumeFrom?: ResumePoint | undefined;
  /** A grammar for tools that the model is free to call or not. Default: true. */
  readonly toolGrammar?: boolean | undefined;
  /** Whether the prompt offers gpt-oss's own tools (`browser`, `python`), whose calls no grammar here describes. */
  readonly hasNativeTools?: boolean | undefined;
}

/**
 * What goes into the request in place of its own fields, so that the model keeps to the shape. Strings are made safe here, but in a
 * grammar: it names control tokens in a way that no server reads as tokens.
 * @throws GptOssError `usage` for a schema that nothing fits
 */
export function constraintOf(
  shape: Shape,
  capabilities: ServerCapabilities,
  options: ConstraintOptions = {},
): Record<string, unknown> {
  const { tools, answer } = shape;
  const forced = forcedTools(shape);
  const fields = wireFields(shape);
  if (capabilities.mode === "split" || !capabilities.isLlamaServer) {
    for (const named of forced ?? (answer === undefined ? [] : [answer])) assertPossible(named);
    return { ...fields, ...splitConstraint(shape, capabilities, forced) };
  }
  const isFree = forced === undefined && answer === undefined;
  if (isFree && !takesToolGrammar(shape, capabilities, options)) return fields;
  const grammar = knownGrammar(shape, options.resumeFrom);
  return {
    ...fields,
    ...(grammar !== undefined && { grammar }),
    response_format: undefined,
    // a raw server takes a grammar only beside tools that may not be called; they are written into the prompt all the same
    tool_choice: functionsOf(tools).length > 0 ? "none" : undefined,
  };
}

/** The grammars of the last requests. An agent offers the same tools with each of its requests, and many tools take a while. */
const grammars = new Map<string, string | undefined>();
const MAX_GRAMMARS = 16;

function knownGrammar(shape: Shape, resumeFrom: ResumePoint | undefined): string | undefined {
  if (resumeFrom !== undefined) return grammarOf(shape, resumeFrom);
  const { tools, toolChoice, parallelToolCalls, format } = shape;
  const offered = tools.map(({ definition, recipient }) => [definition, recipient]);
  const key = JSON.stringify([offered, toolChoice, parallelToolCalls, format]);
  if (!grammars.has(key)) {
    const grammar = grammarOf(shape);
    const [oldest] = grammars.keys();
    if (grammars.size >= MAX_GRAMMARS && oldest !== undefined) grammars.delete(oldest);
    grammars.set(key, grammar);
  }
  return grammars.get(key);
}

function grammarOf(shape: Shape, resumeFrom?: ResumePoint): string | undefined {
  const { tools, toolChoice, parallelToolCalls, answer } = shape;
  const forced = forcedTools(shape);
  return harmonyGrammar({
    answer: forced === undefined ? (answer ?? "text") : undefined,
    calls: forced ?? (toolChoice === "none" ? [] : tools),
    severalCalls: parallelToolCalls !== false && typeof toolChoice !== "object",
    resumeFrom,
  });
}

/** A server that may split the channels itself has a grammar of its own for tools. */
function takesToolGrammar(
  { tools }: Shape,
  { mode }: ServerCapabilities,
  { toolGrammar = true, hasNativeTools = false }: ConstraintOptions,
): boolean {
  return tools.length > 0 && mode === "raw" && toolGrammar && !hasNativeTools;
}

/** OpenAI's own "never", which leaves a token possible where a grammar allows no other. */
const LEAST_BIAS = -100;

function softenedBias(value: unknown): unknown {
  return value === false ? LEAST_BIAS : value;
}

/**
 * llama-server takes `false` for a token that must never come. Beside a grammar that leaves nothing else, it then writes what the grammar
 * forbids, and answers HTTP 500.
 */
export function biasBesideGrammar(bias: unknown): unknown {
  if (Array.isArray(bias))
    return bias.map((entry: unknown) => (Array.isArray(entry) ? [entry[0], softenedBias(entry[1])] : entry));
  if (typeof bias !== "object" || bias === null) return bias;
  return Object.fromEntries(Object.entries(bias).map(([token, value]) => [token, softenedBias(value)]));
}

/** The request's own fields in the form of Chat Completions, with schemas that every server accepts. */
function wireFields(shape: Shape): Record<string, unknown> {
  const { toolChoice, format, parallelToolCalls } = shape;
  const tools = functionsOf(shape.tools);
  const hasOnlyNative = tools.length === 0 && shape.tools.length > 0;
  return {
    ...(tools.length > 0 && { tools: tools.map(wireTool) }),
    ...(toolChoice !== undefined && !hasOnlyNative && { tool_choice: wireToolChoice(toolChoice) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    ...(format !== undefined && { response_format: wireResponseFormat(format, shape) }),
  };
}

/** The tools that go into the request as functions. */
function functionsOf(tools: readonly OfferedTool[]): readonly OfferedTool[] {
  return tools.filter(({ recipient }) => recipient === undefined);
}

function wireTool({ definition, document }: OfferedTool): unknown {
  const parameters = definition.parameters === undefined ? {} : { parameters: wireSchema(document) };
  return sanitizeControlTokensIn({ type: "function", function: { ...definition, ...parameters } });
}

function wireToolChoice(choice: NonNullable<Shape["toolChoice"]>): unknown {
  if (typeof choice === "string") return choice;
  return sanitizeControlTokensIn({ type: "function", function: { name: choice.name } });
}

function wireResponseFormat(format: ResponseFormat, { answer }: Shape): unknown {
  if (format.type === "json_object") return format;
  const { type, schema, ...named } = format;
  const own = schema === undefined || answer === undefined ? {} : { schema: wireSchema(answer.document) };
  return sanitizeControlTokensIn({ type, json_schema: { ...named, ...own } });
}

/** llama-server's own parser overlooks a choice by name, so that the other tools have to be left out. */
function splitConstraint(
  { tools }: Shape,
  capabilities: ServerCapabilities,
  forced: readonly OfferedTool[] | undefined,
) {
  if (!capabilities.isLlamaServer || forced === undefined || forced.length === tools.length) return {};
  return { tools: forced.map(wireTool), tool_choice: "required" };
}

/** The tools of which one has to be called; undefined when none has to. */
function forcedTools({ tools, toolChoice: choice }: Shape): readonly OfferedTool[] | undefined {
  if (tools.length === 0) return undefined;
  if (choice === "required") return tools;
  if (typeof choice !== "object") return undefined;
  return tools.filter(({ name }) => name === choice.name);
}

/**
 * What the format tells the model of the shape that is wanted, at the end of its instructions (harmony's "Response Formats"): a grammar
 * alone would leave it to guess.
 */
export function responseFormatText({ format }: Shape): string | undefined {
  if (format?.type !== "json_schema" || format.schema === undefined) return undefined;
  const { name, description, schema } = format;
  const text = JSON.stringify(sanitizeControlTokensIn(schema));
  const note = description === undefined || description === "" ? "" : `// ${description}\n`;
  return sanitizeControlTokens(`# Response Formats\n\n## ${name}\n\n${note}${text}`);
}
