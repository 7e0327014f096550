import { z } from "zod";
import { harmonyGrammar, type HarmonyShape } from "./grammar/harmony-grammar.ts";
import type { JsonSchemaOrBoolean } from "./grammar/json-schema.ts";
import type { ServerTraits } from "./server-traits.ts";

/** A tool as it is offered over the wire. */
const wireToolSchema = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ name: z.string(), parameters: z.custom<JsonSchemaOrBoolean>().optional() }),
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
      schema: z.custom<JsonSchemaOrBoolean>().optional(),
    }),
  }),
]);

/** The part of a request that says what the answer has to be. */
const shapeSchema = z.object({
  tools: z.array(wireToolSchema).optional().catch(undefined),
  tool_choice: toolChoiceSchema.optional().catch(undefined),
  response_format: responseFormatSchema.optional().catch(undefined),
});
type Shape = z.infer<typeof shapeSchema>;

/** What is asked for, from a request as LangChain makes it. */
export function shapeOf(request: unknown): Shape {
  return shapeSchema.parse(request);
}

/** What goes into the request in place of LangChain's own fields, so that the server keeps to it. */
export function constraintOf(shape: Shape, traits: ServerTraits): Record<string, unknown> {
  const { tools = [], tool_choice: choice } = shape;
  const forced = forcedTools(shape);
  const answer = answerSchema(shape);
  if (forced === undefined && answer === undefined) return {};
  if (traits.mode === "split" || !traits.isLlamaServer) return splitConstraint(shape, traits, forced);
  const callable = forced ?? (choice === "none" ? [] : tools);
  const grammar = harmonyGrammar({ answer: forced === undefined ? answer : undefined, calls: callable.map(call) });
  // a raw server takes a grammar only beside tools that may not be called; they are written into the prompt all the same
  return { grammar, response_format: undefined, tool_choice: tools.length > 0 ? "none" : undefined };
}

/** llama-server's own parser overlooks a choice by name, so that the other tools have to be left out. */
function splitConstraint({ tools = [] }: Shape, traits: ServerTraits, forced: readonly WireTool[] | undefined) {
  if (!traits.isLlamaServer || forced === undefined || forced.length === tools.length) return {};
  return { tools: forced, tool_choice: "required" };
}

/** The tools of which one has to be called; undefined when none has to. */
function forcedTools({ tools = [], tool_choice: choice }: Shape): readonly WireTool[] | undefined {
  if (tools.length === 0) return undefined;
  if (choice === "required" || choice === "any") return tools;
  if (typeof choice !== "object") return undefined;
  return tools.filter((tool) => tool.function.name === choice.function.name);
}

function answerSchema({ response_format: format }: Shape): JsonSchemaOrBoolean | undefined {
  if (format?.type === "json_object") return { type: "object" };
  return format?.type === "json_schema" ? (format.json_schema.schema ?? { type: "object" }) : undefined;
}

function call({ function: { name, parameters } }: WireTool): NonNullable<HarmonyShape["calls"]>[number] {
  return { name, parameters: parameters ?? { type: "object" } };
}

/**
 * What the format tells the model of the shape that is wanted, at the end of its instructions (harmony's "Response Formats"): a grammar
 * alone would leave it to guess.
 */
export function responseFormatText({ response_format: format }: Shape): string | undefined {
  if (format?.type !== "json_schema" || format.json_schema.schema === undefined) return undefined;
  const { name, description, schema } = format.json_schema;
  return `# Response Formats\n\n## ${name}\n\n${description ? `// ${description}\n` : ""}${JSON.stringify(schema)}`;
}
