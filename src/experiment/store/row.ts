import { z } from "zod";
import { EFFORTS } from "../../config/effort.ts";
import { answerSchema } from "../ask/answer.ts";
import { MODES } from "../plan/cell.ts";

/** One line of the store: one question, all that its answer depends on, and the answer or why there is none. */
export const rowSchema = z.object({
  version: z.literal(1),
  /** See keyOf. */
  key: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** cell, or judge for a question about another cell's answer. */
  kind: z.enum(["cell", "judge"]),
  arm: z.string(),
  case: z.string(),
  repeat: z.number(),
  mode: z.enum(MODES),
  /** How many the server had. */
  slots: z.number(),
  effort: z.enum(EFFORTS),
  temperature: z.number(),
  maxTokens: z.number(),
  seed: z.number(),
  model: z.object({ name: z.string(), hash: z.string() }),
  build: z.string(),
  /** Asked again on purpose: it replaces the answer that was there. */
  fresh: z.boolean().optional(),
  outcome: z.union([
    z.object({ answer: answerSchema }),
    z.object({
      error: z.object({
        code: z.string(),
        message: z.string(),
        /** Of the HTTP response; rows of earlier versions have none. */
        status: z.number().optional(),
      }),
    }),
  ]),
});

export type Row = z.infer<typeof rowSchema>;

/** Statuses by which a server refuses a request for what is in it. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 414, 422]);

/** The same request would be refused again, so the failure belongs to the variant and not to the server or the network. */
export function isRefused({ outcome }: Row): boolean {
  if (!("error" in outcome)) return false;
  const { code, status } = outcome.error;
  return status === undefined ? code === "context-overflow" : REFUSALS.has(status);
}
