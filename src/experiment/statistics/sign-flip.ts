import type { Random } from "./random.ts";

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
