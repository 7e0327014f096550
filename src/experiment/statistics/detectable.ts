import { mean, standardDeviation } from "./mean.ts";
import { fewestDifferences } from "./sign-flip.ts";

/** Quantiles of the standard normal distribution by Acklam's rational approximation (relative error below 1.2e-9). */
export function normalQuantile(probability: number): number {
  const tail = 0.02425;
  if (probability > 1 - tail) return -normalQuantile(1 - probability);
  if (probability < tail) {
    const q = Math.sqrt(-2 * Math.log(probability));
    const above = polynomial(
      q,
      -7.784894002430293e-3,
      -0.3223964580411365,
      -2.400758277161838,
      -2.549732539343734,
      4.374664141464968,
      2.938163982698783,
    );
    return above / polynomial(q, 7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1);
  }
  const q = probability - 0.5;
  const r = q * q;
  const above = polynomial(
    r,
    -39.69683028665376,
    220.9460984245205,
    -275.9285104469687,
    138.357751867269,
    -30.66479806614716,
    2.506628277459239,
  );
  const below = polynomial(
    r,
    -54.47609879822406,
    161.5858368580409,
    -155.6989798598866,
    66.80131188771972,
    -13.28068155288572,
    1,
  );
  return (q * above) / below;
}

/** Horner's scheme, highest power first. */
function polynomial(x: number, ...coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

const POWER = 0.8;

/**
 * The true difference that an experiment with these cases would find four times in five: (z₁₋ₐ⸝₂ + z₀.₈) · s ÷ √n
 * (Cohen 1988, section 2.4), and never less than it takes for enough cases to differ at all, each by as much as those do that
 * differ now.
 * @param differences one per case
 * @param level of the one comparison; with k comparisons under Holm, 0.05 ÷ k at worst
 * @returns undefined when so few cases can show no difference whatever its size
 */
export function detectableDifference(differences: readonly number[], level: number): number | undefined {
  const count = differences.length;
  const fewest = fewestDifferences(level);
  if (count < fewest) return undefined;
  const spread = standardDeviation(differences) / Math.sqrt(count);
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  const typical = sizes.length === 0 ? 1 : mean(sizes);
  return Math.max((normalQuantile(1 - level / 2) + normalQuantile(POWER)) * spread, (fewest * typical) / count);
}
