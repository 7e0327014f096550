import { z } from "zod";
import { EFFORTS } from "../../config/effort.ts";

const oneOrManyTexts = z.union([z.string(), z.array(z.string()).min(1)]);

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
    value: oneOrManyTexts.describe(
      "Text, or a list of texts. The score is the share of texts that the answer contains.",
    ),
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
    value: z.json().optional().describe("What the JSON has to be; {{variables}} and {{expected}} are filled in."),
    tolerance: z.number().min(0).default(0).describe("How far its numbers may be from those of `value`."),
    fence: z.boolean().default(false).describe("JSON in a fenced block of Markdown counts too."),
    ...common,
  }),
  number: z.strictObject({
    type: z.literal("number"),
    value: z.string().describe("The number; the last one in the answer is compared with it."),
    tolerance: z.number().min(0).default(0).describe("How far it may be from that."),
    relative: z.boolean().default(false).describe("The tolerance is a share of the number: 0.01 is one percent."),
    ...common,
  }),
  one_of: z.strictObject({
    type: z.literal("one_of"),
    value: oneOrManyTexts.describe("The whole answer is one of these texts; {{expected}} may be a list."),
    ignore_case: ignoreCase,
    ...common,
  }),
  latency: z.strictObject({
    type: z.literal("latency"),
    limit: z.number().min(0).describe("Most milliseconds until the last token, by the server's clock."),
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
    count: z
      .int()
      .min(1)
      .optional()
      .describe("Exactly so many such calls, over all steps; at least one when left out."),
    after: z.string().min(1).optional().describe("A tool that has to be called before."),
    ...common,
  }),
  tool_not_called: z.strictObject({
    type: z.literal("tool_not_called"),
    tool: z.string().min(1).optional().describe("When left out, no tool may be called."),
    ...common,
  }),
  max_steps: z.strictObject({
    type: z.literal("max_steps"),
    limit: z.int().min(1).describe("Most calls of the model for one answer."),
    ...common,
  }),
  no_invalid_calls: z.strictObject({ type: z.literal("no_invalid_calls"), ...common }),
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
      .optional()
      .describe("Path of a prompt with {{answer}} in it; runs after all cells, in a pass of its own."),
    criteria: z
      .string()
      .min(1)
      .optional()
      .describe("Instead of a prompt: what the answer has to be, with {{variables}}."),
    pass_pattern: z
      .string()
      .min(1)
      .optional()
      .describe("With fail_pattern: the verdict is read from plain words. When left out, a schema binds it."),
    fail_pattern: z.string().min(1).optional().describe("The judge's words when the cell fails."),
    max_tokens: z.int().min(1).default(1024),
    model: z.string().min(1).optional().describe("Another model than that of the first variant."),
    effort: z.enum(EFFORTS).default("medium"),
    rubric: z
      .int()
      .min(2)
      .max(100)
      .optional()
      .describe("The judge gives points from 0 to this number instead of pass or fail."),
    at_least: z.number().min(0).max(1).default(0.5).describe("With rubric: the share of the points that passes."),
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
    TYPES.number,
    TYPES.one_of,
    TYPES.latency,
    TYPES.max_chars,
    TYPES.max_tokens,
    TYPES.language,
    TYPES.tool_called,
    TYPES.tool_not_called,
    TYPES.max_steps,
    TYPES.no_invalid_calls,
    TYPES.no_truncation,
    TYPES.similarity,
    TYPES.javascript,
    TYPES.judge,
  ],
  { error: `a check's type has to be one of ${Object.keys(TYPES).join(", ")}` },
);

/** One check of a definition, with its defaults. */
export type CheckDefinition = z.infer<typeof checkSchema>;
export type CheckOf<Type extends CheckDefinition["type"]> = Extract<CheckDefinition, { type: Type }>;
