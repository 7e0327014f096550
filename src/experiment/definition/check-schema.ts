import { z } from "zod";

const oneOrMany = z.union([z.string(), z.array(z.string()).min(1)]);

/** What every check has. */
const common = {
  /** Under which its scores are shown; the type when left out. */
  name: z.string().min(1).optional().describe("Name in tables and requirements; the type when left out."),
  weight: z.number().min(0).default(1).describe("Share in the cell's score; 0 shows the check without counting it."),
  on: z
    .enum(["final", "analysis"])
    .default("final")
    .describe("What is judged: the answer alone, or the thinking alone."),
  not: z.boolean().default(false).describe("The check has to fail."),
};

const ignoreCase = z.boolean().default(false).describe("Upper and lower case, and full and half width, are the same.");

/** Languages that can be told apart, as ISO 639-1. */
export const LANGUAGES = ["ja", "zh", "ko", "en", "de", "fr", "es", "it", "pt", "nl", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

const TYPES = {
  equals: z.strictObject({
    type: z.literal("equals"),
    value: z.string().describe("The whole answer; {{variables}} of the case are filled in. Spaces around are ignored."),
    ignore_case: ignoreCase,
    ...common,
  }),
  contains: z.strictObject({
    type: z.literal("contains"),
    value: oneOrMany.describe("Text, or a list of texts. The score is the share of them that is there."),
    match: z.enum(["all", "any"]).default("all"),
    ignore_case: ignoreCase,
    ...common,
  }),
  regex: z.strictObject({
    type: z.literal("regex"),
    pattern: z.string().min(1).describe("A JavaScript regular expression."),
    flags: z.string().default("u"),
    ...common,
  }),
  json: z.strictObject({
    type: z.literal("json"),
    schema: z
      .union([z.string(), z.record(z.string(), z.json())])
      .optional()
      .describe("JSON Schema (2020-12), or the path of its file."),
    ...common,
  }),
  max_chars: z.strictObject({
    type: z.literal("max_chars"),
    limit: z.int().min(1).describe("Characters as people count them."),
    ...common,
  }),
  max_tokens: z.strictObject({
    type: z.literal("max_tokens"),
    limit: z.int().min(1).describe("Tokens of what is judged, by the server's own count."),
    ...common,
  }),
  language: z.strictObject({
    type: z.literal("language"),
    language: z.enum(LANGUAGES).describe("ISO 639-1 code."),
    ...common,
  }),
  tool_called: z.strictObject({
    type: z.literal("tool_called"),
    tool: z.string().min(1),
    arguments: z
      .record(z.string(), z.json())
      .optional()
      .describe("Arguments that have to be there, with these values."),
    ...common,
  }),
  no_truncation: z.strictObject({ type: z.literal("no_truncation"), ...common }),
  similarity: z.strictObject({
    type: z.literal("similarity"),
    value: z.string().describe("The text to be near to, by edit distance."),
    at_least: z.number().min(0).max(1).default(0.8),
    ...common,
  }),
  javascript: z.strictObject({
    type: z.literal("javascript"),
    module: z.string().min(1).describe("Path of an ES module whose default export is the check."),
    time_limit: z.number().min(0.1).max(3600).default(5).describe("Seconds that it may take for one answer."),
    ...common,
  }),
  judge: z.strictObject({
    type: z.literal("judge"),
    prompt: z
      .string()
      .min(1)
      .describe("Path of a prompt with {{answer}} in it; runs after all cells, in a pass of its own."),
    pass_pattern: z
      .string()
      .min(1)
      .optional()
      .describe("With fail_pattern: the verdict is read from plain words. When left out, a schema binds it."),
    fail_pattern: z.string().min(1).optional().describe("The judge's words when the cell fails."),
    max_tokens: z.int().min(1).default(1024),
    ...common,
  }),
} as const;

export const checkSchema = z.discriminatedUnion(
  "type",
  [
    TYPES.equals,
    TYPES.contains,
    TYPES.regex,
    TYPES.json,
    TYPES.max_chars,
    TYPES.max_tokens,
    TYPES.language,
    TYPES.tool_called,
    TYPES.no_truncation,
    TYPES.similarity,
    TYPES.javascript,
    TYPES.judge,
  ],
  { error: `a check's type has to be one of ${Object.keys(TYPES).join(", ")}` },
);

/** One check as it stands in a definition, defaults filled in. */
export type CheckDefinition = z.infer<typeof checkSchema>;
export type CheckOf<Type extends CheckDefinition["type"]> = Extract<CheckDefinition, { type: Type }>;
