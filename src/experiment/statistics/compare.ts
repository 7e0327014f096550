import { detectableDifference } from "./detectable.ts";
import type { Interval } from "./distributions.ts";
import { holm } from "./holm.ts";
import { mean } from "./mean.ts";
import type { Estimate } from "./mean-interval.ts";
import { pairedInterval } from "./paired-interval.ts";
import { Random } from "./random.ts";
import { isZero, signFlipTest } from "./sign-flip.ts";

/** Chance of a false alarm among all comparisons of a report. */
const LEVEL = 0.05;

type Verdict = "better" | "worse" | "cannot tell";

/** What two arms' scores on the same cases say. */
export interface PairedResult {
  /** Its interval leaves 0 out exactly when the verdict is "better" or "worse". */
  readonly difference: Estimate;
  readonly pValue: number;
  /** By Holm, over all comparisons. */
  readonly adjustedPValue: number;
  readonly exact: boolean;
  readonly verdict: Verdict;
  /** The true difference that this many cases would show with 80% power; undefined when they are too few to show any. */
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
    const center = mean(differences);
    const verdict = verdictOf(center, adjustedPValue);
    // Holm's correction holds for the interval too: it is that of the level at which this p-value is judged
    const interval = pairedInterval(differences, (LEVEL * pValue) / adjustedPValue, random);
    return {
      difference: { mean: center, ...agreeWith(verdict, interval, center) },
      pValue,
      adjustedPValue,
      exact,
      verdict,
      detectable: detectableDifference(differences, LEVEL / comparisons.length),
    };
  });
}

function verdictOf(difference: number, adjustedPValue: number): Verdict {
  if (adjustedPValue > LEVEL) return "cannot tell";
  return difference > 0 ? "better" : "worse";
}

/** Test and interval are the same by construction; where both are drawn, or sums are rounded, an end can miss 0 by a hair. */
function agreeWith(verdict: Verdict, { low, high }: Interval, center: number): Interval {
  if (verdict === "better") return { low: isZero(Math.max(low, 0)) ? Math.min(center, HAIR) : low, high };
  if (verdict === "worse") return { low, high: isZero(Math.min(high, 0)) ? Math.max(center, -HAIR) : high };
  return { low: Math.min(low, 0), high: Math.max(high, 0) };
}

/** Less than any report shows. */
const HAIR = 1e-6;
