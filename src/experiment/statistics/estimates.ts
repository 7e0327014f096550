import { clopperPearson, type Interval, studentQuantile, normalQuantile } from "./distributions.ts";

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

/** How far two judges agree. */
export interface Agreement {
  /** How many answers both have judged. */
  readonly count: number;
  /** Share of them that both judged alike, with its 95% interval. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** null when both always say the same, so that chance alone would give as much. */
  readonly kappa: Kappa | null;
}

/** Cohen's kappa (Cohen 1960): 1 for full agreement, 0 for what chance alone gives; with its 95% interval. */
export interface Kappa {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const Z = normalQuantile(0.975);

/**
 * How far two judges agree on yes and no.
 * @param pairs at least one
 */
export function agreementOf(pairs: readonly (readonly [boolean, boolean])[]): Agreement {
  const count = pairs.length;
  const cell = (first: boolean, second: boolean) =>
    pairs.filter(([a, b]) => a === first && b === second).length / count;
  const table: Table = [
    [cell(true, true), cell(true, false)],
    [cell(false, true), cell(false, false)],
  ];
  const share = table[0][0] + table[1][1];
  return { count, share, ...wilson(share, count), kappa: kappaOf(table, count) };
}

/** Shares of all pairs: rows for the first judge, columns for the second, yes before no. */
type Table = readonly [readonly [number, number], readonly [number, number]];

/** Score interval of a share (Wilson 1927), which holds for few and for all alike. */
function wilson(share: number, count: number): { readonly low: number; readonly high: number } {
  const middle = share + Z ** 2 / (2 * count);
  const half = Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  const scale = 1 + Z ** 2 / count;
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

/** With the standard error of Fleiss, Cohen and Everitt (1969). */
function kappaOf([[yesYes, yesNo], [noYes, noNo]]: Table, count: number): Kappa | null {
  const yes = [yesYes + yesNo, yesYes + noYes] as const;
  const no = [1 - yes[0], 1 - yes[1]] as const;
  const seen = yesYes + noNo;
  const byChance = yes[0] * yes[1] + no[0] * no[1];
  if (byChance > 1 - 1e-12) return null;
  const value = (seen - byChance) / (1 - byChance);
  const alike =
    yesYes * (1 - byChance - (yes[0] + yes[1]) * (1 - seen)) ** 2 +
    noNo * (1 - byChance - (no[0] + no[1]) * (1 - seen)) ** 2;
  const apart = (1 - seen) ** 2 * (yesNo * (yes[1] + no[0]) ** 2 + noYes * (no[1] + yes[0]) ** 2);
  const rest = (seen * byChance - 2 * byChance + seen) ** 2;
  const error = Math.sqrt(Math.max(0, alike + apart - rest) / (count * (1 - byChance) ** 4));
  return { value, low: Math.max(-1, value - Z * error), high: Math.min(1, value + Z * error) };
}
