import { z } from "zod";
import { EFFORTS } from "../../config/effort.ts";
import type { ErrorDetail } from "../../errors/errors.ts";
import { errorDetail } from "../../i18n/error-messages.ts";
import { checkSchema } from "./check-schema.ts";

const COMPARISON = /^\s*([\p{L}\p{N}_. -]+?)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/u;

/** What a variant has to reach: a number of its summary compared with a bound, or no regression against the baseline. */
export type Requirement =
  | {
      readonly kind: "no_regression";
      /** The loss of mean score that is tolerated: a larger one must be ruled out by the interval. */
      readonly margin?: number;
    }
  | {
      readonly kind: "comparison";
      /** score, pass_rate, errors, or the name of a check for its mean score. */
      readonly measure: string;
      readonly operator: ">=" | "<=" | ">" | "<";
      readonly bound: number;
    };

const NO_REGRESSION = /^\s*no_regression(?:\s*[:=]\s*(0?\.\d+|0|1))?\s*$/;

/** Reads `score >= 0.8`, `no_regression`, or `no_regression: 0.05`, which YAML reads as a mapping; undefined when it is none of them. */
export function parseRequirement(given: WrittenRequirement): Requirement | undefined {
  if (typeof given !== "string") return { kind: "no_regression", margin: given.no_regression };
  const text = given;
  const [regression, margin] = NO_REGRESSION.exec(text) ?? [];
  if (regression !== undefined) {
    return { kind: "no_regression", ...(margin !== undefined && { margin: Number(margin) }) };
  }
  const [, measure, operator, bound] = COMPARISON.exec(text) ?? [];
  if (measure === undefined || bound === undefined) return undefined;
  return { kind: "comparison", measure, operator: operator as ">=", bound: Number(bound) };
}

const MEASURES = ["score", "pass_rate", "errors"];

/** What is wrong with a requirement of an experiment that has these checks; undefined when nothing is. */
export function unknownMeasure(requirement: Requirement, checks: readonly string[]): ErrorDetail | undefined {
  if (requirement.kind !== "comparison") return undefined;
  const measures = [...MEASURES, ...checks];
  const { measure } = requirement;
  return measures.includes(measure) ? undefined : errorDetail("noMeasure", measure, measures.join(", "));
}

const FORMS = "score >= 0.8, pass_rate >= 0.9, NAME-OF-A-CHECK >= 1, errors <= 0, no_regression or no_regression: 0.05";

export const requirementSchema = z
  .union([
    z.string().refine((text) => parseRequirement(text) !== undefined, `write ${FORMS}`),
    z.strictObject({ no_regression: z.number().min(0).max(1) }),
  ])
  .describe(`${FORMS}.`);

/** A requirement as a definition or a flag has it. */
type WrittenRequirement = string | { readonly no_regression: number };

const OPERATORS = {
  ">=": (value: number, bound: number) => value >= bound,
  "<=": (value: number, bound: number) => value <= bound,
  ">": (value: number, bound: number) => value > bound,
  "<": (value: number, bound: number) => value < bound,
} as const;

export function meets(value: number, { operator, bound }: Extract<Requirement, { kind: "comparison" }>): boolean {
  return OPERATORS[operator](value, bound);
}

function oneOrMany<Inner extends z.ZodType>(inner: Inner) {
  return z.union([inner, z.array(inner).min(1)]);
}

/** A value of a case: text, or a number or truth value, which become text in a prompt. */
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A message before the prompt's own; a tool's message answers the earliest call that has no result yet. */
const historySchema = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("user"), content: z.string() }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string().default(""),
    tool_calls: z
      .array(z.strictObject({ name: z.string().min(1), arguments: z.record(z.string(), z.json()).default({}) }))
      .default([]),
  }),
  z.strictObject({ role: z.literal("tool"), content: z.string() }),
]);

export const caseSchema = z.strictObject({
  id: z
    .union([z.string().min(1), z.number()])
    .optional()
    .describe("Short name, the same from run to run; case-1, case-2 … when left out."),
  variables: z
    .record(z.string(), scalar)
    .default({})
    .describe(
      "What stands in the prompts' {{variables}}. file://PATH is the text of a file; file://*.md makes a case of each file.",
    ),
  expected: z
    .union([scalar, z.array(scalar).min(1), z.record(z.string(), z.json())])
    .optional()
    .describe("{{expected}} in checks, a list or an object as JSON; no prompt sees it."),
  tags: z.array(z.string().min(1)).default([]).describe("For `--only tag=…`."),
  history: z.array(historySchema).default([]).describe("Messages before the prompt's own."),
  turns: z
    .array(
      z.strictObject({
        user: z.string().min(1).describe("What the user says next; {{variables}} are filled in."),
        checks: z.array(checkSchema).default([]).describe("Of the answer to this message."),
      }),
    )
    .default([])
    .describe("How the conversation continues after the prompt's own message."),
  checks: z.array(checkSchema).default([]).describe("Of this case alone, beside the experiment's."),
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
  results: z
    .array(
      z.strictObject({
        arguments: z
          .record(z.string(), z.json())
          .default({})
          .describe("Arguments of the call, with these values; {{variables}} are filled in."),
        result: z.json().describe("What the tool returns: text, or a value that becomes JSON."),
      }),
    )
    .min(1)
    .optional()
    .describe("What the tool returns; the first that fits. When left out, a call ends the answer."),
});
/** A tool as a definition offers it. */
export type ToolDefinition = z.output<typeof toolSchema>;

/** What a variant may have of its own, in place of what the experiment says. */
const ownSettings = {
  name: z.string().min(1).describe("Its name in tables."),
  effort: z.enum(EFFORTS).optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).optional(),
};

/** Of what an experiment compares: a prompt, or a program. */
const variantSchema = z.union([
  z.strictObject({
    ...ownSettings,
    prompt: z
      .string()
      .min(1)
      .describe(
        "Path of a Markdown file, the name of a shipped prompt, or the user's message itself with {{variables}}.",
      ),
    system: z.string().optional().describe("System message of a prompt that is written here."),
    tools: z.array(toolSchema).optional().describe("In place of the experiment's tools."),
    toolbox: z.string().min(1).optional().describe("In place of the experiment's toolbox."),
    response_schema: z
      .record(z.string(), z.json())
      .optional()
      .describe("JSON Schema that the answer is held to by the server."),
  }),
  z.strictObject({
    ...ownSettings,
    module: z
      .string()
      .regex(/\.m?js$/i, "name a .mjs or .js file")
      .describe("Path of an ES module whose default export is the program; runs only with --allow-javascript."),
    with: z.record(z.string(), z.json()).default({}).describe("Options for the program."),
    time_limit: z
      .number()
      .min(0.1)
      .max(3600)
      .default(60)
      .describe("Seconds that it may take between two calls of the model."),
  }),
]);

/** One variant as a definition has it. */
export type VariantDefinition = z.output<typeof variantSchema>;

/** The pinned date keeps prompts, and with them cache and stored answers, the same from day to day. */
export const DEFAULT_DATE = "2026-01-01";

/** The same, whose variants are in code. */
export const codeDefinitionSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, "use letters, digits, dots, dashes and underscores")
      .describe("Names the folder of its runs."),
    description: z.string().optional(),
    prompts: z.array(z.string().min(1)).default([]).describe("Paths of Markdown files, or names of shipped prompts."),
    variants: z
      .array(variantSchema)
      .default([])
      .describe("What is compared beside `prompts`: prompts with settings of their own, and programs."),
    cases: z
      .union([z.string().regex(/\.(csv|jsonl)$/i, "name a .csv or .jsonl file"), z.array(caseSchema).min(1)])
      .describe("A list, or a file: CSV with a column per variable (and id, expected), or JSON lines of cases."),
    variables: z
      .record(z.string(), scalar)
      .default({})
      .describe("Of every test case that has no value of its own. file://PATH is the text of a file."),
    tools: z.array(toolSchema).default([]).describe("Tools that are offered to the model."),
    toolbox: z.string().min(1).optional().describe("Real tools, as for `gpt-oss chat --tools`: calculator, or a list"),
    max_steps: z.int().min(1).max(100).default(8).describe("Most calls of the model for one message of the user"),
    settings: settingsSchema.prefault({}),
    repeats: z.int().min(1).max(1000).default(1).describe("Times that each cell is asked, each with the next seed."),
    seed: z
      .int()
      .min(0)
      .max(4_294_967_295 - 1000)
      .default(1),
    date: z.iso.date().default(DEFAULT_DATE).describe("The current date that the model is told."),
    context: z.int().min(256).optional().describe("Tokens of context of one cell."),
    checks: z.array(checkSchema).default([]).describe("Of every answer; test cases can have more."),
    baseline: z.string().optional().describe("Variant that the others are compared with; the first when left out."),
    requirements: z.array(requirementSchema).default([]).describe("Exit status 1 when one is not met."),
    labels: z
      .string()
      .regex(/\.jsonl$/i, "name a .jsonl file")
      .optional()
      .describe("Human labels of answers: JSON lines of {check, case, answer, pass}."),
  })
  .describe("An experiment of langchain-gpt-oss.");

export const definitionSchema = codeDefinitionSchema
  .refine(({ prompts, variants }) => prompts.length + variants.length > 0, {
    path: ["prompts"],
    error: "name at least one prompt, or one variant under `variants`",
  })
  .describe("An experiment of langchain-gpt-oss.");

/** What a person writes: the YAML file's content, or the same as an object. */
export type ExperimentDefinition = z.input<typeof definitionSchema>;
/** The same, defaults filled in. */
export type CompleteDefinition = z.output<typeof definitionSchema>;

/** JSON Schema of an experiment's YAML file, for editors. */
export function definitionJsonSchema(): object {
  return z.toJSONSchema(definitionSchema, { io: "input", target: "draft-7", reused: "ref" });
}
