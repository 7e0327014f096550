import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { clopperPearson, type Interval } from "./distributions.ts";

export interface SignFlipResult {
  /** Two-sided. */
  readonly pValue: number;
  /** All sign patterns were counted; otherwise a random sample of them. */
  readonly exact: boolean;
}

/** Up to 65,536 patterns are counted, beyond that this many are drawn. */
const EXACT_DIFFERENCES = 16;
const DRAWS = 19_999;
/** Sums that differ by rounding alone are the same. */
const ROUNDING = 1e-9;

/**
 * Paired sign-flip (Fisher's randomization) test of whether the mean difference is 0: if two arms are the same, each case's
 * difference could as well have had the other sign. The p-value is the share of sign patterns whose mean is at least as far
 * from 0 as the one seen (Fisher 1935, The Design of Experiments, section 21).
 * @param differences one per case
 * @param draws patterns drawn where there are too many to count
 */
export function signFlipTest(differences: readonly number[], random: Random, draws = DRAWS): SignFlipResult {
  // a case without a difference has the same sum with either sign, so it decides nothing
  const sizes = differences.filter((difference) => !isZero(difference));
  const seen = Math.abs(sizes.reduce((sum, size) => sum + size, 0)) - ROUNDING;
  if (sizes.length === 0) return { pValue: 1, exact: true };
  return sizes.length <= EXACT_DIFFERENCES
    ? { pValue: countPatterns(sizes, seen), exact: true }
    : { pValue: drawPatterns(sizes, { seen, random, draws }), exact: false };
}

export function isZero(difference: number): boolean {
  return Math.abs(difference) <= ROUNDING;
}

/** In Gray-code order each pattern differs from the one before in one sign. */
function countPatterns(sizes: readonly number[], seen: number): number {
  const patterns = 2 ** sizes.length;
  const signs = sizes.map(() => 1);
  let sum = sizes.reduce((total, size) => total + size, 0);
  let extreme = 0;
  for (let pattern = 1; ; pattern++) {
    if (Math.abs(sum) >= seen) extreme++;
    if (pattern === patterns) return extreme / patterns;
    const flipped = 31 - Math.clz32(pattern & -pattern);
    sum -= 2 * (signs[flipped] ?? 0) * (sizes[flipped] ?? 0);
    signs[flipped] = -(signs[flipped] ?? 0);
  }
}

/** The pattern seen counts as drawn too, so that the p-value is never 0 and never too small (Phipson and Smyth 2010). */
function drawPatterns(
  sizes: readonly number[],
  { seen, random, draws }: { readonly seen: number; readonly random: Random; readonly draws: number },
): number {
  const doubled = Float64Array.from(sizes, (size) => 2 * size);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let extreme = 1;
  for (let draw = 0; draw < draws; draw++) {
    let sum = all;
    let coins = 0;
    for (let index = 0; index < doubled.length; index++) {
      if (index % 32 === 0) coins = random.bits();
      if (coins & 1) sum -= doubled[index] ?? 0;
      coins >>>= 1;
    }
    if (Math.abs(sum) >= seen) extreme++;
  }
  return extreme / (draws + 1);
}

/** How many cases have to differ, all in one direction, before a two-sided p-value can be at most `level`. */
export function fewestDifferences(level: number): number {
  return Math.ceil(Math.log2(2 / level));
}

/** Up to 65,535 subsets are counted, beyond that this many are drawn. */
const EXACT_CASES = 16;
/** From so many cases on that differ, those that don't are values like all others. */
const MANY = 10;

/**
 * Interval of the mean difference: all values that the paired sign-flip test does not reject, so that it leaves 0 out just where the test
 * finds a difference. Its ends are means of subsets of the differences (Hartigan 1969, "Using subsample values as typical values").
 *
 * Differences of one size, as of passes and failures, say nothing by their size. Their interval comes from two shares, each with its exact
 * interval: of the cases that differ, and among those of the cases that got better. So it is where few cases differ at all.
 * @param differences −1 to 1, one per case, at least one
 * @param level chance that the true mean lies outside
 */
export function pairedInterval(differences: readonly number[], level: number, random: Random): Interval {
  const differing = differences.filter((difference) => !isZero(difference));
  const [first = 1] = differing;
  const size = Math.abs(first);
  const count = differing.length;
  if (differing.every((difference) => isZero(Math.abs(difference) - size))) {
    const better = differing.filter((difference) => difference > 0).length;
    const share = count === 0 ? { low: 0, high: 1 } : clopperPearson(better, count, level);
    const among = { low: size * (2 * share.low - 1), high: size * (2 * share.high - 1) };
    return overAllCases(among, clopperPearson(count, differences.length, level));
  }
  const isEach = count === differences.length;
  if (count >= fewestDifferences(level) && (isEach || count >= MANY)) return typicalValues(differences, level, random);
  const among = count < fewestDifferences(level) ? { low: -1, high: 1 } : typicalValues(differing, level, random);
  return isEach ? among : overAllCases(among, clopperPearson(count, differences.length, level));
}

/** The mean over all cases from the mean over those that differ, and the share of them. */
function overAllCases({ low, high }: Interval, share: Interval): Interval {
  return {
    low: low * (low > 0 ? share.low : share.high),
    high: high * (high < 0 ? share.low : share.high),
  };
}

function typicalValues(values: readonly number[], level: number, random: Random): Interval {
  if (values.length <= EXACT_CASES) {
    const means = subsetMeans(values).toSorted();
    const outside = Math.floor(level * 2 ** (values.length - 1) + 1e-9);
    return { low: means[outside - 1] ?? -1, high: means[means.length - outside] ?? 1 };
  }
  const { lower, higher } = drawHalves(values, random);
  const outside = Math.floor(level * (DRAWS + 1) + 1e-9);
  return { low: lower.toSorted()[outside - 1] ?? -1, high: higher.toSorted()[DRAWS - outside] ?? 1 };
}

/** The mean of each subset but the empty one. In Gray-code order each differs from the one before by one value. */
function subsetMeans(values: readonly number[]): Float64Array {
  const means = new Float64Array(2 ** values.length - 1);
  const isIn = values.map(() => false);
  let sum = 0;
  let count = 0;
  for (let subset = 1; subset <= means.length; subset++) {
    const changed = 31 - Math.clz32(subset & -subset);
    const step = isIn[changed] ? -1 : 1;
    isIn[changed] = step > 0;
    sum += step * (values[changed] ?? 0);
    count += step;
    means[subset - 1] = sum / count;
  }
  return means;
}

/** Draws ways to part the values in two, and gives the lower and the higher mean of each. */
function drawHalves(values: readonly number[], random: Random): { lower: Float64Array; higher: Float64Array } {
  const lower = new Float64Array(DRAWS);
  const higher = new Float64Array(DRAWS);
  const total = values.reduce((sum, value) => sum + value, 0);
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    let count = 0;
    let coins = 0;
    for (let index = 0; index < values.length; index++) {
      if (index % 32 === 0) coins = random.bits();
      if (coins & 1) {
        sum += values[index] ?? 0;
        count++;
      }
      coins >>>= 1;
    }
    const one = count === 0 ? -Infinity : sum / count;
    const other = count === values.length ? -Infinity : (total - sum) / (values.length - count);
    lower[draw] = Math.min(one, other);
    higher[draw] = count === 0 || count === values.length ? Infinity : Math.max(one, other);
  }
  return { lower, higher };
}

/** Random numbers that a seed decides, so that a report can be made again to the last digit. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from 0 on, less than `limit`; for limits up to some millions, beyond which 32 bits are too coarse. */
  below(limit: number): number {
    return Math.floor(((this.#generator.next() >>> 0) / 2 ** 32) * limit);
  }

  /** From 0 on, less than 1. */
  fraction(): number {
    return uniformFloat64(this.#generator);
  }

  /** 32 fair coins. */
  bits(): number {
    return this.#generator.next();
  }
}
