import { z } from "zod";
import { EFFORTS } from "../../config/effort.ts";
import { MODES } from "../plan/cell.ts";

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
    z.object({ id: z.string(), variables: z.record(z.string(), z.string()), expected: z.string().optional() }),
  ),
};

/** What a run consists of: `run.json` in its folder. The answers are in the store, under the cells' keys. */
export const manifestSchema = z.object({
  ...runFields,
  /** Hash of the cells' keys: the same plan is the same run. */
  plan: z.string(),
  experiment: z.object({ name: z.string(), description: z.string().optional(), path: z.string().optional() }),
  /** ISO 8601; when it was begun, or gone on with, last. */
  at: z.string(),
  arms: z.array(
    z.object({
      id: z.string(),
      /** Id of the arm that it is compared with. */
      baseline: z.string().optional(),
      variant: z.string(),
      model: z.string(),
      effort: z.enum(EFFORTS),
      temperature: z.number(),
      maxTokens: z.number(),
      prompt: z.object({ system: z.string().optional(), body: z.string(), notes: z.string().optional() }),
    }),
  ),
  cells: z.array(
    z.object({ arm: z.string(), case: z.string(), repeat: z.number(), seed: z.number(), key: z.string() }),
  ),
  /** Which question a judge was asked about which cell. */
  judgements: z.array(z.object({ check: z.string(), judge: z.string(), cell: z.string(), key: z.string() })),
});

export type Manifest = z.infer<typeof manifestSchema>;
