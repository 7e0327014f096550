import { z } from "zod";
import { sanitizeControlTokens, sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import { assertPossible, harmonyGrammar, type HarmonyShape, type NamedDocument } from "./grammar/harmony-grammar.ts";
import { readSchema } from "./schema/read-schema.ts";
import { ANSWER_SCHEMA, toolSchema } from "./schema/schema.ts";
import { wireSchema } from "./schema/wire-schema.ts";
import type { ServerCapabilities } from "./capabilities.ts";

/** A tool as LangChain makes it for the wire. */
const wireToolSchema = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ name: z.string(), parameters: z.unknown().optional() }),
});
type WireTool = z.infer<typeof wireToolSchema>;

const toolChoiceSchema = z.union([
  z.enum(["none", "auto", "required", "any"]),
  z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }),
]);

const responseFormatSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: z.string(),
      description: z.string().optional(),
      schema: z.unknown().optional(),
    }),
  }),
]);

/** The part of a request that says what the answer has to be. */
const requestSchema = z.object({
  tools: z.array(wireToolSchema).optional().catch(undefined),
  tool_choice: toolChoiceSchema.optional().catch(undefined),
  response_format: responseFormatSchema.optional().catch(undefined),
});

/** A tool that is offered; its schema has been read. */
interface OfferedTool extends NamedDocument {
  readonly name: string;
  readonly wire: WireTool;
}

/** What is asked for. */
export interface Shape {
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: z.infer<typeof toolChoiceSchema> | undefined;
  readonly format: z.infer<typeof responseFormatSchema> | undefined;
  readonly answer: NamedDocument | undefined;
}

/**
 * What is asked for, from a request as LangChain makes it.
 * @throws GptOssError `usage` for a schema that can't be used
 */
export function shapeOf(request: unknown): Shape {
  const { tools = [], tool_choice: toolChoice, response_format: format } = requestSchema.parse(request);
  return { tools: tools.map(offeredTool), toolChoice, format, answer: answerOf(format) };
}

function offeredTool(wire: WireTool): OfferedTool {
  const { name, parameters } = wire.function;
  const subject = toolSchema(name);
  return { name, wire, subject, document: readSchema(parameters ?? { type: "object" }, subject) };
}

function answerOf(format: Shape["format"]): NamedDocument | undefined {
  if (format === undefined || format.type === "text") return undefined;
  const given = format.type === "json_schema" ? format.json_schema.schema : undefined;
  return { subject: ANSWER_SCHEMA, document: readSchema(given ?? { type: "object" }, ANSWER_SCHEMA) };
}

/**
 * What goes into the request in place of LangChain's own fields, so that the server keeps to it. Strings are made safe here, but in a
 * grammar: it says control tokens' names in a way that no server reads as tokens.
 * @throws GptOssError `usage` for a schema that nothing fits
 */
export function constraintOf(shape: Shape, capabilities: ServerCapabilities): Record<string, unknown> {
  const { tools, answer } = shape;
  const forced = forcedTools(shape);
  const fields = wireFields(shape);
  if (forced === undefined && answer === undefined) return fields;
  if (capabilities.mode === "split" || !capabilities.isLlamaServer) {
    for (const named of forced ?? (answer === undefined ? [] : [answer])) assertPossible(named);
    return { ...fields, ...splitConstraint(shape, capabilities, forced) };
  }
  const calls = forced ?? (shape.toolChoice === "none" ? [] : tools);
  const grammar = harmonyGrammar({ answer: forced === undefined ? answer : undefined, calls } satisfies HarmonyShape);
  // a raw server takes a grammar only beside tools that may not be called; they are written into the prompt all the same
  return { ...fields, grammar, response_format: undefined, tool_choice: tools.length > 0 ? "none" : undefined };
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

/** The request's own fields, with schemas as every server takes them. */
function wireFields({ tools, format, answer }: Shape): Record<string, unknown> {
  const isSchema = format?.type === "json_schema" && answer !== undefined && format.json_schema.schema !== undefined;
  return {
    ...(tools.length > 0 && { tools: tools.map(wireTool) }),
    ...(isSchema && {
      response_format: sanitizeControlTokensIn({
        ...format,
        json_schema: { ...format.json_schema, schema: wireSchema(answer.document) },
      }),
    }),
  };
}

function wireTool({ wire, document }: OfferedTool): unknown {
  const parameters = wire.function.parameters === undefined ? {} : { parameters: wireSchema(document) };
  return sanitizeControlTokensIn({ ...wire, function: { ...wire.function, ...parameters } });
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
  if (choice === "required" || choice === "any") return tools;
  if (typeof choice !== "object") return undefined;
  return tools.filter(({ name }) => name === choice.function.name);
}

/**
 * What the format tells the model of the shape that is wanted, at the end of its instructions (harmony's "Response Formats"): a grammar
 * alone would leave it to guess.
 */
export function responseFormatText({ format }: Shape): string | undefined {
  if (format?.type !== "json_schema" || format.json_schema.schema === undefined) return undefined;
  const { name, description, schema } = format.json_schema;
  const text = JSON.stringify(sanitizeControlTokensIn(schema));
  const note = description === undefined || description === "" ? "" : `// ${description}\n`;
  return sanitizeControlTokens(`# Response Formats\n\n## ${name}\n\n${note}${text}`);
}
