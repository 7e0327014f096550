import { type Interval, atLeast, solve, studentQuantile } from "./distributions.ts";
import { mean, type Estimate, standardDeviation } from "./estimates.ts";
import { pairedInterval, Random, isZero, signFlipTest, fewestDifferences } from "./sign-flip.ts";

/** Chance of a false alarm among all comparisons of a report. */
const LEVEL = 0.05;

type Verdict = "better" | "worse" | "cannot tell";

/** What two variants' scores on the same cases say. */
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
  const tests = comparisons.map((differences, index) => signFlipTest(differences, new Random(seed + index)));
  const adjusted = holm(tests.map(({ pValue }) => pValue));
  return comparisons.map((differences, index) => {
    const { pValue = 1, exact = true } = tests[index] ?? {};
    const adjustedPValue = adjusted[index] ?? 1;
    const center = mean(differences);
    const verdict = verdictOf(center, adjustedPValue);
    // Holm's correction holds for the interval too: it is that of the level at which this p-value is judged
    const interval = pairedInterval(differences, (LEVEL * pValue) / adjustedPValue, new Random(seed + index));
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

/** Test and interval agree by construction; where sums are rounded, an end can miss 0 by a hair. */
function agreeWith(verdict: Verdict, { low, high }: Interval, center: number): Interval {
  if (verdict === "better") return { low: isZero(Math.max(low, 0)) ? Math.min(center, HAIR) : low, high };
  if (verdict === "worse") return { low, high: isZero(Math.min(high, 0)) ? Math.max(center, -HAIR) : high };
  return { low: Math.min(low, 0), high: Math.max(high, 0) };
}

/** Less than any report shows. */
const HAIR = 1e-6;

/**
 * Holm's step-down adjustment (Holm 1979): with it, the chance of any false alarm among all comparisons stays at the level.
 * @returns adjusted p-values, in the order given
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).toSorted((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
  const adjusted = pValues.map(() => 1);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[index] ?? 1)));
    adjusted[index] = largest;
  }
  return adjusted;
}

const POWER = 0.8;

/**
 * The true difference that an experiment with these cases would find with 80% power: (t₁₋ₐ⸝₂ + t₀.₈) · s ÷ √n (Cohen 1988, section 2.4),
 * and for passes and failures never less than the share d for which at least as many cases differ as the test needs with that
 * probability, P(Bin(n, d) ≥ fewest) = 0.8, even if all of them differ in one direction.
 * @param differences one per case
 * @param level of the one comparison; with k comparisons under Holm, 0.05 ÷ k at worst
 * @returns undefined when so few cases can show no difference whatever its size
 */
export function detectableDifference(differences: readonly number[], level: number): number | undefined {
  const count = differences.length;
  const fewest = fewestDifferences(level);
  if (count < fewest) return undefined;
  const spread = standardDeviation(differences) / Math.sqrt(count);
  const fromSpread =
    (studentQuantile(1 - reachedLevel(level, count) / 2, count - 1) + studentQuantile(POWER, count - 1)) * spread;
  const sizes = differences.filter((difference) => !isZero(difference)).map(Math.abs);
  // where every case differs by another size, as continuous scores do, there are always enough that differ
  const [first = 1] = sizes;
  if (sizes.length === count && sizes.some((size) => !isZero(size - first))) return fromSpread;
  const typical = sizes.length === 0 ? 1 : mean(sizes);
  const share = solve((chance) => atLeast(fewest, count, chance), POWER);
  return Math.max(fromSpread, share * typical);
}

/** The p-values of few cases are multiples of 2 ÷ 2ⁿ: the largest that is no larger than the level. */
function reachedLevel(level: number, count: number): number {
  const step = 2 ** (1 - Math.min(count, 40));
  return Math.floor(level / step + 1e-9) * step;
}
