import { z } from "zod";
import { EFFORTS } from "../../config/effort.ts";
import { answerSchema } from "../answer.ts";
import { MODES } from "../plan/cell.ts";
import { alsoEarlier } from "./earlier-format.ts";

/** What a run's folder says of the run in both of its files. */
export const runFields = {
  version: z.literal(1),
  run: z.string(),
  mode: z.enum(MODES),
  slots: z.number(),
  build: z.string(),
  models: z.array(z.object({ name: z.string(), hash: z.string() })),
  date: z.string(),
  seed: z.number(),
  repeats: z.number(),
  baseline: z.string(),
  cases: z.array(
    z.object({
      id: z.string(),
      variables: z.record(z.string(), z.string()),
      expected: z.string().optional(),
      /** What the user says after the first answer. */
      turns: z.array(z.string()).optional(),
    }),
  ),
  /** Earlier runs of the same comparison with fewer cases, the smallest first; absent without any. */
  earlier: z.array(z.object({ run: z.string(), cases: z.number() })).optional(),
};

/** What a run consists of: `run.json` in its folder. The answers are in the store, under the cells' keys. */
const presentManifest = z.object({
  ...runFields,
  /** Hash of the cells' keys: the same plan is the same run. */
  plan: z.string(),
  experiment: z.object({ name: z.string(), description: z.string().optional(), path: z.string().optional() }),
  /** ISO 8601; when it was begun, or gone on with, last. */
  at: z.string(),
  variants: z.array(
    z.object({
      id: z.string(),
      /** Id of the variant that it is compared with. */
      baseline: z.string().optional(),
      name: z.string(),
      model: z.string(),
      effort: z.enum(EFFORTS),
      temperature: z.number(),
      maxTokens: z.number(),
      prompt: z.object({ system: z.string().optional(), body: z.string(), notes: z.string().optional() }),
      /** It is a program; `prompt.body` describes it. */
      program: z.boolean().optional(),
    }),
  ),
  cells: z.array(
    z.object({
      variant: z.string(),
      case: z.string(),
      repeat: z.number(),
      seed: z.number(),
      key: z.string(),
      /** Id of the rendered prompt; runs of version 0.1.0 have none. */
      prompt: z.string().optional(),
    }),
  ),
  /** Which question a judge was asked about which cell. */
  judgements: z.array(z.object({ check: z.string(), judge: z.string(), cell: z.string(), key: z.string() })),
});

export type Manifest = z.infer<typeof presentManifest>;

/** `run.json` of this version and of earlier ones. */
export const manifestSchema = alsoEarlier(presentManifest);

const reasonSchema = z.object({
  key: z.string(),
  parameters: z.array(z.union([z.string(), z.number()])).readonly(),
  negated: z.boolean().optional(),
});

const score = z.object({
  check: z.string(),
  pass: z.boolean().nullable(),
  score: z.number().nullable(),
  /** In English; `reason` is the same for other languages, absent for checks of one's own and in results of version 0.1.0. */
  why: z.string(),
  reason: reasonSchema.optional(),
});

const cellSchema = z.object({
  variant: z.string(),
  case: z.string(),
  repeat: z.number(),
  seed: z.number(),
  key: z.string(),
  /** Id of the rendered prompt in `prompts`. */
  prompt: z.string().optional(),
  /** Absent for a cell that failed or has not been asked. */
  answer: answerSchema.optional(),
  /** Why there is no answer, or which check could not judge it. */
  error: z.string().optional(),
  /** The server refuses this request every time: the cell counts as failed, with score 0. */
  refused: z.boolean().optional(),
  checks: z.array(score),
  score: z.number().nullable(),
  pass: z.boolean().nullable(),
});
/** One cell with its answer and what the checks say of it. */
export type CellResult = z.infer<typeof cellSchema>;

const estimateFields = { mean: z.number(), low: z.number(), high: z.number() };
const estimateSchema = z.object(estimateFields);

const variantSchema = z.object({
  id: z.string(),
  name: z.string(),
  model: z.string(),
  effort: z.enum(EFFORTS),
  temperature: z.number(),
  maxTokens: z.number(),
  prompt: z.object({ system: z.string().optional(), body: z.string(), notes: z.string().optional() }),
  /** It is a program; `prompt.body` describes it. */
  program: z.boolean().optional(),
  /** Cells planned, answered, failed with an error; what is left has not been asked. */
  cells: z.number(),
  answered: z.number(),
  errors: z.number(),
  /** Answers cut at the limit of tokens. */
  truncated: z.number(),
  /** Answers that say nothing and call no tool; they fail every check of the answer. */
  absent: z.number().optional(),
  /** Answers that a check which counts could not judge. */
  undecided: z.number().optional(),
  /** Over cases, repeats averaged first; null without an answer. */
  score: estimateSchema.nullable(),
  passRate: z.number().nullable(),
  /** The chance that all of k attempts pass, for each k up to the number of repeats; absent without repeats. */
  passHatK: z.array(z.object({ k: z.number(), ...estimateFields })).optional(),
  /** Mean score of each check, by name; null where it could not tell. */
  checks: z.record(z.string(), z.number().nullable()),
  /** Means of a cell's tokens. */
  thinkingTokens: z.number(),
  answerTokens: z.number(),
  generatedTokens: z.number(),
  /** Share of prompt tokens that came from the server's cache. */
  cacheShare: z.number(),
  /** Sum over cells. */
  evaluatedTokens: z.number(),
  /** Medians, milliseconds, by the server's clock: until the first token, and until the last. */
  firstTokenMs: z.number(),
  latencyMs: z.number(),
  /** Median. */
  tokensPerSecond: z.number(),
  /** Mean score for each thousand generated tokens. */
  scorePerThousandTokens: z.number().nullable(),
});
/** What one variant with one setting came to. */
export type VariantSummary = z.infer<typeof variantSchema>;

const comparisonSchema = z.object({
  variant: z.string(),
  baseline: z.string(),
  /** Cases that both have answers to. */
  cases: z.number(),
  difference: estimateSchema,
  pValue: z.number(),
  adjustedPValue: z.number(),
  exact: z.boolean(),
  verdict: z.enum(["better", "worse", "cannot tell"]),
  detectable: z.number().optional(),
  /** Cases that pass with the variant and not with the baseline (in most repeats), and the other way round. */
  gained: z.array(z.string()),
  lost: z.array(z.string()),
  perCase: z.array(z.object({ case: z.string(), difference: z.number() })),
});
/** One variant beside its baseline. */
export type Comparison = z.infer<typeof comparisonSchema>;

const presentResults = z.object({
  ...runFields,
  experiment: z.object({ name: z.string(), description: z.string().optional() }),
  /** ISO 8601; when these results were worked out. */
  at: z.string(),
  checks: z.array(z.object({ name: z.string(), type: z.string(), weight: z.number(), on: z.string() })),
  variants: z.array(variantSchema),
  comparisons: z.array(comparisonSchema),
  requirements: z.array(
    z.object({
      text: z.string(),
      met: z.boolean(),
      /** In English; `reasons` are the same for other languages. */
      why: z.string(),
      reasons: z.array(reasonSchema).optional(),
    }),
  ),
  /** Of judges with human labels. */
  agreements: z.array(
    z.object({
      check: z.string(),
      /** Answers that a person and the check have judged. */
      count: z.number(),
      share: z.number(),
      low: z.number(),
      high: z.number(),
      kappa: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
    }),
  ),
  cells: z.array(cellSchema),
  /** The texts that the model read, by id; absent in results of version 0.1.0. */
  prompts: z.record(z.string(), z.string()).optional(),
});
/** Everything that a run came to: what every report is made of. */
export type Results = z.infer<typeof presentResults>;

/** `results.json` of this version and of earlier ones. */
export const resultsSchema = alsoEarlier(presentResults);
