import { describe, expect, it } from "@jest/globals";
import { bootstrapMean, bootstrapMeans } from "../../../src/experiment/statistics/bootstrap.ts";
import { mean, median, quantile, standardDeviation } from "../../../src/experiment/statistics/mean.ts";
import { Random } from "../../../src/experiment/statistics/random.ts";
import { DARWIN, MICE } from "./support/textbook.ts";

const SCORES = { least: 0, most: 1 };

describe("the bootstrap", () => {
  it("has the standard error that Efron and Tibshirani print for the mice", () => {
    const means = Array.from(bootstrapMeans(MICE, new Random(1), 100_000));
    expect(mean(MICE)).toBeCloseTo(86.86, 2);
    // table 2.2 in the limit of many resamples: 23.36
    expect(standardDeviation(means)).toBeGreaterThan(23.2);
    expect(standardDeviation(means)).toBeLessThan(23.5);
  });

  it("is the same for the same seed", () => {
    const interval = bootstrapMean([0, 1, 1, 0.5], new Random(7), SCORES);
    expect(bootstrapMean([0, 1, 1, 0.5], new Random(7), SCORES)).toEqual(interval);
  });

  it("leaves open what few cases that are all alike leave open", () => {
    const of = (values: readonly number[], bounds = SCORES) => bootstrapMean(values, new Random(7), bounds);
    // R: binom.test(6, 6)$conf.int is 0.5407419 1.0000000, binom.test(0, 10)$conf.int is 0.0000000 0.3084971
    expect(of([1, 1, 1, 1, 1, 1]).low).toBeCloseTo(0.5407419, 6);
    expect(of([1, 1, 1, 1, 1, 1]).high).toBe(1);
    expect(of(Array.from({ length: 10 }, () => 0))).toMatchObject({ mean: 0, low: 0 });
    expect(of(Array.from({ length: 10 }, () => 0)).high).toBeCloseTo(0.3084971, 6);
    // one case says next to nothing
    expect(of([0.5]).high - of([0.5]).low).toBeCloseTo(0.975, 10);
    const ties = of([0, 0, 0, 0], { least: -1, most: 1 });
    expect(ties.low).toBeCloseTo(-ties.high, 10);
    expect(ties.high).toBeCloseTo(1 - 0.025 ** 0.25, 10);
  });

  it("covers the true mean about as often as it says", () => {
    const random = new Random(3);
    const runs = 400;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 40 }, () => (random.fraction() < 0.7 ? 1 : 0));
      const { low, high } = bootstrapMean(values, random, SCORES, 1_000);
      if (low <= 0.7 && 0.7 <= high) covered++;
    }
    // 95 % less what the percentile method loses with 40 cases, and three standard errors of 400 runs
    expect(covered / runs).toBeGreaterThan(0.9);
    expect(covered / runs).toBeLessThan(0.985);
  });
});

describe("the interval of arms that nearly always pass", () => {
  it("misses the true mean no more often than one in ten times, where the bootstrap alone misses it in most", () => {
    const random = new Random(4);
    const runs = 400;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 12 }, () => (random.fraction() < 0.95 ? 1 : 0));
      const { low, high } = bootstrapMean(values, random, SCORES, 500);
      if (low <= 0.95 && 0.95 <= high) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.9);
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
