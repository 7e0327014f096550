import { clopperPearson, type Interval, studentQuantile } from "./distributions.ts";

/** A mean with its 95% interval. */
export interface Estimate extends Interval {
  readonly mean: number;
}

const OUTSIDE = 0.05;
const ROUNDING = 1e-9;

/**
 * Mean score of the cases with its 95% interval. Repeats of a case have to be averaged before.
 *
 * Passes and failures have the exact interval of a share. It is used, too, where most cases have the same score at an end: a few that
 * differ say little about how many others would. Other scores have Student's interval.
 * @param scores 0 to 1, one per case, at least one
 */
export function estimateScore(scores: readonly number[]): Estimate {
  const count = scores.length;
  const center = mean(scores);
  const atAnEnd = Math.max(countNear(scores, 0), countNear(scores, 1));
  const isShare = countNear(scores, 0) + countNear(scores, 1) === count;
  if (isShare || atAnEnd > count / 2) return { mean: center, ...clopperPearson(center * count, count, OUTSIDE) };
  if (countNear(scores, center) === count) return { mean: center, ...intervalOfEqualScores(center, count) };
  const half = (studentQuantile(1 - OUTSIDE / 2, count - 1) * standardDeviation(scores)) / Math.sqrt(count);
  return { mean: center, low: Math.max(0, center - half), high: Math.min(1, center + half) };
}

/** At most a share of 1 − 0.025^(1/n) of other cases differs when n are alike, and those by as much as scores can. */
function intervalOfEqualScores(score: number, count: number): Interval {
  const { high: share } = clopperPearson(0, count, OUTSIDE);
  return { low: score - share * score, high: score + share * (1 - score) };
}

function countNear(scores: readonly number[], value: number): number {
  return scores.filter((score) => Math.abs(score - value) < ROUNDING).length;
}

/** NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a sample: squares over n − 1. */
export function standardDeviation(values: readonly number[]): number {
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}

/**
 * Linear between the two nearest values (type 7 of Hyndman and Fan 1996, R's default).
 * @param sorted ascending
 * @param share 0 to 1
 */
export function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (position - below) * (high - low);
}

export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
