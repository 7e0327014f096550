import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { atLeast, clopperPearson, type Interval } from "./distributions.ts";

export interface SignFlipResult {
  /** Two-sided. */
  readonly pValue: number;
  /** All sign patterns were counted; otherwise a random sample of them. */
  readonly exact: boolean;
}

/** Up to 65,536 patterns or subsets are counted, beyond that this many are drawn. */
const EXACT_VALUES = 16;
const DRAWS = 19_999;
/** Sums that differ by rounding alone are the same. */
const ROUNDING = 1e-9;
/** From this number of differing cases on, equal cases count as values too. */
const MANY = 10;

/**
 * Paired sign-flip (Fisher's randomization) test of whether the mean difference is 0: if two variants are the same, each case's
 * difference could as well have had the other sign. The p-value is the share of sign patterns whose mean is at least as far
 * from 0 as the one seen (Fisher 1935, The Design of Experiments, section 21).
 *
 * `pairedInterval` inverts this test. It looks at the same values, and at the same patterns if it is given an equal generator, so that the
 * interval leaves 0 out exactly when the p-value is at most the level.
 * @param differences one per case
 * @param draws patterns drawn where there are too many to count
 */
export function signFlipTest(differences: readonly number[], random: Random, draws = DRAWS): SignFlipResult {
  const differing = differences.filter((difference) => !isZero(difference));
  if (differing.length === 0) return { pValue: 1, exact: true };
  // a case without a difference has the same sum with either sign, so it decides nothing
  if (areOfOneSize(differing)) return { pValue: signTest(differing), exact: true };
  const values = testedValues(differences, differing);
  const seen = Math.abs(sumOf(values)) - ROUNDING;
  if (values.length <= EXACT_VALUES) return { pValue: countPatterns(values, seen), exact: true };
  const drawn = drawPatterns(values, { seen, random, draws });
  // the pattern seen and its opposite are always among all patterns of those that differ
  return { pValue: Math.max(drawn, 2 ** (1 - differing.length)), exact: false };
}

/** Test and interval look at all cases, or only at those that differ where these are few. */
function testedValues(differences: readonly number[], differing: readonly number[]): readonly number[] {
  return differing.length >= MANY ? differences : differing;
}

/** As differences of passes and failures are. */
function areOfOneSize(differing: readonly number[]): boolean {
  const [first = 1] = differing;
  return differing.every((difference) => isZero(Math.abs(difference) - Math.abs(first)));
}

/** All patterns of differences of one size: the sign test, P(|2 · Bin(n, ½) − n| ≥ the one seen). */
function signTest(differing: readonly number[]): number {
  const count = differing.length;
  const better = differing.filter((difference) => difference > 0).length;
  const fewer = Math.min(better, count - better);
  if (count > 50) return Math.min(1, 2 * atLeast(count - fewer, count, 0.5));
  // whole numbers below 2⁵³ and a power of 2 are exact
  let ways = 1;
  let total = 0;
  for (let number = 0; number <= fewer; number++) {
    total += ways;
    ways = (ways * (count - number)) / (number + 1);
  }
  return Math.min(1, total * 2 ** (1 - count));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function isZero(difference: number): boolean {
  return Math.abs(difference) <= ROUNDING;
}

/** In Gray-code order each pattern differs from the one before in one sign. */
function countPatterns(sizes: readonly number[], seen: number): number {
  const patterns = 2 ** sizes.length;
  const signs = sizes.map(() => 1);
  let sum = sumOf(sizes);
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
  const all = sumOf(sizes);
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
  const count = differing.length;
  const share = () => clopperPearson(count, differences.length, level);
  if (areOfOneSize(differing)) {
    const size = Math.abs(differing[0] ?? 1);
    const better = differing.filter((difference) => difference > 0).length;
    const { low, high } = count === 0 ? { low: 0, high: 1 } : clopperPearson(better, count, level);
    return overAllCases({ low: size * (2 * low - 1), high: size * (2 * high - 1) }, share());
  }
  const values = testedValues(differences, differing);
  const among = count < fewestDifferences(level) ? { low: -1, high: 1 } : typicalValues(values, level, random);
  // what holds for all cases needs no share of them
  const isOverAll = values.length === differences.length;
  return isOverAll ? among : overAllCases(among, share());
}

/** The mean over all cases from the mean over those that differ, and the share of them. */
function overAllCases({ low, high }: Interval, share: Interval): Interval {
  return {
    low: low * (low > 0 ? share.low : share.high),
    high: high * (high < 0 ? share.low : share.high),
  };
}

function typicalValues(values: readonly number[], level: number, random: Random): Interval {
  if (values.length <= EXACT_VALUES) {
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
  const total = sumOf(values);
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
