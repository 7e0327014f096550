import { z } from "zod";
import { EFFORTS } from "../../config/effort.ts";
import { checkSchema } from "./check-schema.ts";
import { requirementSchema } from "./requirement.ts";

function oneOrMany<Inner extends z.ZodType>(inner: Inner) {
  return z.union([inner, z.array(inner).min(1)]);
}

/** A value of a case: text, or a number or truth value, which become text in a prompt. */
const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const caseSchema = z.strictObject({
  id: z
    .union([z.string().min(1), z.number()])
    .optional()
    .describe("Short name, the same from run to run; case-1, case-2 … when left out."),
  variables: z.record(z.string(), scalar).default({}).describe("What stands in the prompts' {{variables}}."),
  expected: scalar.optional().describe("{{expected}} in checks; no prompt sees it."),
  history: z
    .array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string() }))
    .default([])
    .describe("Messages before the prompt's own."),
});

const settingsSchema = z
  .strictObject({
    effort: oneOrMany(z.enum(EFFORTS)).default("medium"),
    temperature: oneOrMany(z.number().min(0).max(2))
      .optional()
      .describe("The model's own recommendation when left out."),
    max_tokens: oneOrMany(z.int().min(1)).default(1024).describe("Most tokens of an answer, thinking included."),
    model: oneOrMany(z.string().min(1)).optional().describe("gpt-oss-20b, gpt-oss-120b, demo or a .gguf file."),
  })
  .describe("A list multiplies the cells: every variant is run with every combination.");

const toolSchema = z.strictObject({
  name: z.string().regex(/^[\w-]+$/),
  description: z.string().default(""),
  parameters: z.record(z.string(), z.json()).default({ type: "object", properties: {} }),
});

/** The pinned date keeps prompts, and with them cache and stored answers, the same from day to day. */
export const DEFAULT_DATE = "2026-01-01";

export const definitionSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, "use letters, digits, dots, dashes and underscores")
      .describe("Names the folder of its runs."),
    description: z.string().optional(),
    prompts: z.array(z.string().min(1)).min(1).describe("Paths of Markdown files, or names of shipped prompts."),
    cases: z
      .union([z.string().regex(/\.(csv|jsonl)$/i, "name a .csv or .jsonl file"), z.array(caseSchema).min(1)])
      .describe("A list, or a file: CSV with a column per variable (and id, expected), or JSON lines of cases."),
    tools: z.array(toolSchema).default([]).describe("Tools that are offered to the model; none is run."),
    settings: settingsSchema.prefault({}),
    repeats: z.int().min(1).max(1000).default(1).describe("Times that each cell is asked, each with the next seed."),
    seed: z
      .int()
      .min(0)
      .max(4_294_967_295 - 1000)
      .default(1),
    date: z.iso.date().default(DEFAULT_DATE).describe("The current date that the model is told."),
    context: z.int().min(256).optional().describe("Tokens of context of one cell."),
    checks: z.array(checkSchema).min(1),
    baseline: z.string().optional().describe("Variant that the others are compared with; the first when left out."),
    requirements: z.array(requirementSchema).default([]).describe("Exit status 1 when one is not met."),
    labels: z
      .string()
      .regex(/\.jsonl$/i, "name a .jsonl file")
      .optional()
      .describe("Human labels of answers: JSON lines of {check, case, answer, pass}."),
  })
  .describe("A prompt experiment of langchain-gpt-oss.");

/** What a person writes: the YAML file's content, or the same as an object. */
export type ExperimentDefinition = z.input<typeof definitionSchema>;
/** The same, defaults filled in. */
export type CompleteDefinition = z.output<typeof definitionSchema>;

/** JSON Schema of an experiment's YAML file, for editors. */
export function definitionJsonSchema(): object {
  return z.toJSONSchema(definitionSchema, { io: "input", target: "draft-7" });
}
