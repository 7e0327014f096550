import { isAbsent } from "../absent-answer.ts";
import type { CellResult, Results } from "./results.ts";

/** The answers of a variant and of its baseline to the same case and repeat. */
export interface AnswerPair {
  readonly variant: string;
  readonly baseline: string;
  readonly case: string;
  readonly repeat: number;
  readonly before: CellResult;
  readonly after: CellResult;
  /** The final answers are not the same. */
  readonly differs: boolean;
}

/** Every answer beside its baseline's, in the order of the comparisons and the cases. */
export function pairAnswers({ comparisons, cells }: Results): readonly AnswerPair[] {
  const byPlace = new Map(cells.map((cell) => [placeOf(cell.variant, cell), cell]));
  return comparisons.flatMap(({ variant, baseline }) =>
    cells
      .filter((cell) => cell.variant === variant)
      .flatMap((after): AnswerPair[] => {
        const before = byPlace.get(placeOf(baseline, after));
        if (!before) return [];
        const differs = before.answer?.final !== after.answer?.final;
        return [{ variant, baseline, case: after.case, repeat: after.repeat, before, after, differs }];
      }),
  );
}

function placeOf(variant: string, { case: input, repeat }: CellResult): string {
  return JSON.stringify([variant, input, repeat]);
}

export const STATUSES = ["pass", "fail", "unknown", "error", "missing"] as const;
/** How a cell ended; unknown when no check could tell, missing when it has not been asked. */
export type Status = (typeof STATUSES)[number];

export function statusOf({ answer, error, pass }: CellResult): Status {
  if (error !== undefined) return "error";
  if (answer === undefined) return "missing";
  if (pass === null) return "unknown";
  return pass ? "pass" : "fail";
}

export function statusOfCheck({ pass }: CellResult["checks"][number]): "pass" | "fail" | "unknown" {
  if (pass === null) return "unknown";
  return pass ? "pass" : "fail";
}

/** Shown with the color of a status, for people who do not see colors. */
export const MARKS = { pass: "✓", fail: "✗", unknown: "?", error: "!", missing: "…" } as const satisfies Record<
  Status,
  string
>;

/** Further ways to end, which do not exclude a status. */
export const ENDINGS = ["truncated", "unanswered"] as const;

/** The answer was cut off at the token limit. */
export function isTruncated({ answer }: CellResult): boolean {
  return answer?.finishReason === "length";
}

/** The model was asked and said nothing to the user, or the request failed. */
export function isUnanswered({ answer, error }: CellResult): boolean {
  return answer === undefined ? error !== undefined : isAbsent(answer);
}
