import { mean, quantile } from "./mean.ts";
import type { Random } from "./random.ts";

/** A mean with what this many cases leave open about it. */
export interface Estimate {
  readonly mean: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 10_000;
const OUTSIDE = 0.025;
const ROUNDING = 1e-9;

/** Between what the values of a case can lie. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * Mean of the cases with its percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13): cases are drawn with
 * replacement, since it is other cases that another experiment would have. Repeats of a case have to be averaged before.
 *
 * Cases that are all alike would give an interval of no width, as if no other case could ever differ. Then it is the exact one for
 * "all of n" (Clopper and Pearson 1934): at most a share of 1 − 0.025^(1/n) of other cases differs, and those by as much as can be.
 * @param values one per case, at least one
 */
export function bootstrapMean(
  values: readonly number[],
  random: Random,
  { least, most }: Bounds,
  resamples = RESAMPLES,
): Estimate {
  const [value = Number.NaN] = values;
  if (values.every((other) => Math.abs(other - value) < ROUNDING)) {
    const share = 1 - OUTSIDE ** (1 / values.length);
    return { mean: value, low: value - share * (value - least), high: value + share * (most - value) };
  }
  const sorted = Array.from(bootstrapMeans(values, random, resamples).toSorted());
  return { mean: mean(values), low: quantile(sorted, OUTSIDE), high: quantile(sorted, 1 - OUTSIDE) };
}

/** The mean of each resample. */
export function bootstrapMeans(values: readonly number[], random: Random, resamples: number): Float64Array {
  const count = values.length;
  return Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < count; drawn++) sum += values[random.below(count)] ?? 0;
    return sum / count;
  });
}
