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

/** Lanczos approximation with g = 7 (relative error below 1e-14). */
const LANCZOS: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** @param x above 0 */
function logGamma(x: number): number {
  const series = LANCZOS.reduce((sum, coefficient, index) => sum + coefficient / (x + index), 0.99999999999980993);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

/** Regularized incomplete beta function by Lentz's continued fraction (Press et al. 2007, Numerical Recipes, section 6.4). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const notZero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return fraction;
}

/** Where a function that grows from 0 to 1 reaches a value, by Ridders' method (Press et al. 2007, section 9.2.1). */
export function solve(grows: (x: number) => number, value: number): number {
  let [low, high] = [0, 1];
  let [atLow, atHigh] = [-value, 1 - value];
  let last = Number.NaN;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const atMiddle = grows(middle) - value;
    const x = middle - ((middle - low) * atMiddle) / Math.sqrt(atMiddle ** 2 - atLow * atHigh);
    const at = grows(x) - value;
    // of the four places, the two next to the root
    const places = [
      [middle, atMiddle],
      [x, at],
    ] as const;
    for (const [place, difference] of places) {
      if (difference < 0 && place > low) [low, atLow] = [place, difference];
      else if (difference >= 0 && place < high) [high, atHigh] = [place, difference];
    }
    if (at === 0 || Math.abs(x - last) < 1e-13 || high - low < 1e-13) return x;
    last = x;
  }
  return (low + high) / 2;
}

/** Quantile of Student's t distribution. */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  if (probability < 0.5) return -studentQuantile(1 - probability, degreesOfFreedom);
  const x = solve((share) => betaCdf(share, degreesOfFreedom / 2, 0.5), 2 * (1 - probability));
  return Math.sqrt((degreesOfFreedom * (1 - x)) / x);
}

/** Chance of at least `fewest` successes in `count` tries. */
export function atLeast(fewest: number, count: number, chance: number): number {
  return fewest <= 0 ? 1 : betaCdf(chance, fewest, count - fewest + 1);
}

/** Two ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Exact interval of a share (Clopper and Pearson 1934).
 * @param successes need not be whole: scores between 0 and 1 vary less than passes and failures with the same mean
 * @param level chance that the true share lies outside
 */
export function clopperPearson(successes: number, count: number, level: number): Interval {
  return {
    low: successes <= 0 ? 0 : betaQuantile(level / 2, successes, count - successes + 1),
    high: successes >= count ? 1 : betaQuantile(1 - level / 2, successes + 1, count - successes),
  };
}

function betaQuantile(probability: number, a: number, b: number): number {
  return solve((x) => betaCdf(x, a, b), probability);
}
