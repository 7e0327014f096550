import { describe, expect, it } from "@jest/globals";
import {
  mean,
  median,
  quantile,
  standardDeviation,
  estimateScore,
  agreementOf,
} from "../../../src/experiment/statistics/estimates.ts";
import { DARWIN } from "./support/textbook.ts";

const passes = (passed: number, count: number) => Array.from({ length: count }, (_, index) => (index < passed ? 1 : 0));
const rounded = (scores: readonly number[]) => {
  const { low, high } = estimateScore(scores);
  return [low.toFixed(4), high.toFixed(4)];
};

describe("the interval of a score", () => {
  it.each([
    // R: binom.test(passed, count)$conf.int
    [6, 6, "0.5407", "1.0000"],
    [0, 10, "0.0000", "0.3085"],
    [11, 12, "0.6152", "0.9979"],
    [12, 12, "0.7354", "1.0000"],
    [1, 12, "0.0021", "0.3848"],
    [5, 10, "0.1871", "0.8129"],
    [1, 1, "0.0250", "1.0000"],
  ])("is Clopper and Pearson's for %d passes of %d", (passed, count, low, high) => {
    expect(rounded(passes(passed, count))).toEqual([low, high]);
  });

  it("grows with each pass", () => {
    for (const count of [1, 2, 7, 12, 40]) {
      for (let passed = 0; passed < count; passed++) {
        const [fewer, more] = [estimateScore(passes(passed, count)), estimateScore(passes(passed + 1, count))];
        expect(more.low).toBeGreaterThan(fewer.low);
        expect(more.high).toBeGreaterThan(fewer.high);
      }
    }
  });

  it("is Student's for other scores, inside of what scores can be", () => {
    // R: t.test(c(.2, .4, .5, .6, .8))$conf.int is 0.2223516 0.7776484
    expect(rounded([0.2, 0.4, 0.5, 0.6, 0.8])).toEqual(["0.2224", "0.7776"]);
    expect(estimateScore([0.1, 0.9])).toEqual({ mean: 0.5, low: 0, high: 1 });
  });

  it("takes no score for sure because the cases are alike, or nearly", () => {
    const equal = estimateScore([0.5, 0.5, 0.5, 0.5]);
    expect(equal.high - equal.low).toBeCloseTo(1 - 0.025 ** 0.25, 6);
    // between 11 and 12 passes of 12
    const [low, high] = rounded([...passes(11, 11), 0.5]).map(Number);
    expect(low).toBeGreaterThan(0.6152);
    expect(low).toBeLessThan(0.7354);
    expect(high).toBeGreaterThan(0.9979);
  });
});

describe("means and quantiles", () => {
  it("are R's", () => {
    // sd and quantile of R's documentation, type 7: quantile(1:10, c(.25, .5, .9)) is 3.25, 5.5, 9.1
    const numbers = Array.from({ length: 10 }, (_, index) => index + 1);
    expect([0.25, 0.5, 0.9].map((share) => quantile(numbers, share))).toEqual([3.25, 5.5, 9.1]);
    expect(median([3, 1, 2])).toBe(2);
    // Fisher gives 20.93 inches in eighths as the mean, and s/sqrt(15) = 9.746
    expect(mean(DARWIN)).toBeCloseTo(20.93, 2);
    expect(standardDeviation(DARWIN) / Math.sqrt(15)).toBeCloseTo(9.746, 3);
  });
});

const times = (count: number, pair: readonly [boolean, boolean]) => Array.from({ length: count }, () => pair);

describe("agreement", () => {
  it("is Cohen's kappa for the grant proposals of the usual example, with the interval that R gives", () => {
    // 20 both yes, 5 and 10 apart, 15 both no: observed 0.7, by chance 0.5, kappa 0.4
    const pairs = [
      ...times(20, [true, true]),
      ...times(5, [true, false]),
      ...times(10, [false, true]),
      ...times(15, [false, false]),
    ];
    const { count, share, low, high, kappa } = agreementOf(pairs);
    expect([count, share]).toEqual([50, 0.7]);
    // by hand from Fleiss, Cohen and Everitt 1969: variance 0.0504 / (50 × 0.5^4), standard error 0.126996
    expect(kappa?.value).toBeCloseTo(0.4, 10);
    expect(kappa?.low).toBeCloseTo(0.4 - 1.959964 * 0.126996, 4);
    expect(kappa?.high).toBeCloseTo(0.4 + 1.959964 * 0.126996, 4);
    // R's prop.test(35, 50, correct = FALSE) gives 0.5624735 to 0.8090121
    expect(low).toBeCloseTo(0.562, 3);
    expect(high).toBeCloseTo(0.809, 3);
  });

  it("leaves much open for few answers, even when all agree", () => {
    const { share, low, high, kappa } = agreementOf([...times(3, [true, true]), ...times(2, [false, false])]);
    expect([share, high, kappa?.value]).toEqual([1, 1, 1]);
    // Wilson 1927: n / (n + z²) = 5 / 8.8415
    expect(low).toBeCloseTo(0.5655, 4);
  });

  it("has no kappa where nobody ever says no", () => {
    expect(agreementOf(times(3, [true, true])).kappa).toBeNull();
  });

  it("is less than nothing where judges contradict each other", () => {
    const { kappa } = agreementOf([...times(4, [true, false]), ...times(4, [false, true])]);
    expect(kappa?.value).toBeCloseTo(-1, 10);
  });
});
