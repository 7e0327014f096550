import { bootstrapMean, type Bounds, type Estimate } from "./bootstrap.ts";
import { detectableDifference } from "./detectable.ts";
import { holm } from "./holm.ts";
import { Random } from "./random.ts";
import { signFlipTest } from "./sign-flip.ts";

/** Chance of a false alarm among all comparisons of a report. */
export const LEVEL = 0.05;

export type Verdict = "better" | "worse" | "cannot tell";

/** What two arms' scores on the same cases say. */
export interface PairedResult {
  readonly difference: Estimate;
  readonly pValue: number;
  /** By Holm, over all comparisons. */
  readonly adjustedPValue: number;
  readonly exact: boolean;
  readonly verdict: Verdict;
  /** The true difference that this many cases would show four times in five; undefined when they are too few to show any. */
  readonly detectable: number | undefined;
}

/**
 * Judges several comparisons together.
 * @param comparisons for each the differences, one per case and at least one
 */
export function comparePaired(comparisons: readonly (readonly number[])[], seed: number): readonly PairedResult[] {
  const random = new Random(seed);
  const tests = comparisons.map((differences) => signFlipTest(differences, random));
  const adjusted = holm(tests.map(({ pValue }) => pValue));
  return comparisons.map((differences, index) => {
    const { pValue = 1, exact = true } = tests[index] ?? {};
    const adjustedPValue = adjusted[index] ?? 1;
    const difference = bootstrapMean(differences, random, boundsOf(differences));
    return {
      difference,
      pValue,
      adjustedPValue,
      exact,
      verdict: verdictOf(difference.mean, adjustedPValue),
      detectable: detectableDifference(differences, LEVEL / comparisons.length),
    };
  });
}

/** Other cases are taken to differ by as much as these do; where none does, by as much as scores can. */
function boundsOf(differences: readonly number[]): Bounds {
  const most = differences.reduce((largest, difference) => Math.max(largest, Math.abs(difference)), 0) || 1;
  return { least: -most, most };
}

function verdictOf(difference: number, adjustedPValue: number): Verdict {
  if (adjustedPValue > LEVEL) return "cannot tell";
  return difference > 0 ? "better" : "worse";
}
