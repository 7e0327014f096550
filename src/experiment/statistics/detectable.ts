import { atLeast, solve, studentQuantile } from "./distributions.ts";
import { mean, standardDeviation } from "./mean.ts";
import { fewestDifferences, isZero } from "./sign-flip.ts";

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
