import { clopperPearson, type Interval, studentQuantile } from "./distributions.ts";
import { mean, standardDeviation } from "./mean.ts";

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
