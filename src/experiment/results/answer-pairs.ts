import type { CellResult, Results } from "./results.ts";

/** The answers of an arm and of its baseline to the same case and repeat. */
export interface AnswerPair {
  readonly arm: string;
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
  const byPlace = new Map(cells.map((cell) => [placeOf(cell.arm, cell), cell]));
  return comparisons.flatMap(({ arm, baseline }) =>
    cells
      .filter((cell) => cell.arm === arm)
      .flatMap((after): AnswerPair[] => {
        const before = byPlace.get(placeOf(baseline, after));
        if (!before) return [];
        const differs = before.answer?.final !== after.answer?.final;
        return [{ arm, baseline, case: after.case, repeat: after.repeat, before, after, differs }];
      }),
  );
}

function placeOf(arm: string, { case: input, repeat }: CellResult): string {
  return JSON.stringify([arm, input, repeat]);
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
