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

/**
 * Mean of the cases with its percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13): cases are drawn with
 * replacement, since it is other cases that another experiment would have. Repeats of a case have to be averaged before.
 * @param values one per case, at least one
 */
export function bootstrapMean(values: readonly number[], random: Random, resamples = RESAMPLES): Estimate {
  const sorted = Array.from(bootstrapMeans(values, random, resamples).toSorted());
  return { mean: mean(values), low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
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
