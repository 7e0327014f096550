import { describe, expect, it } from "@jest/globals";
import { bootstrapMean, bootstrapMeans } from "../../../src/experiment/statistics/bootstrap.ts";
import { mean, median, quantile, standardDeviation } from "../../../src/experiment/statistics/mean.ts";
import { Random } from "../../../src/experiment/statistics/random.ts";
import { DARWIN, MICE } from "./support/textbook.ts";

describe("the bootstrap", () => {
  it("has the standard error that Efron and Tibshirani print for the mice", () => {
    const means = Array.from(bootstrapMeans(MICE, new Random(1), 100_000));
    expect(mean(MICE)).toBeCloseTo(86.86, 2);
    // table 2.2 in the limit of many resamples: 23.36
    expect(standardDeviation(means)).toBeGreaterThan(23.2);
    expect(standardDeviation(means)).toBeLessThan(23.5);
  });

  it("is the same for the same seed, and a point where all cases are alike", () => {
    const interval = bootstrapMean([0, 1, 1, 0.5], new Random(7));
    expect(bootstrapMean([0, 1, 1, 0.5], new Random(7))).toEqual(interval);
    expect(bootstrapMean([1, 1, 1], new Random(7))).toEqual({ mean: 1, low: 1, high: 1 });
    expect(bootstrapMean([0.25], new Random(7))).toEqual({ mean: 0.25, low: 0.25, high: 0.25 });
  });

  it("covers the true mean about as often as it says", () => {
    const random = new Random(3);
    const runs = 400;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 40 }, () => (random.fraction() < 0.7 ? 1 : 0));
      const { low, high } = bootstrapMean(values, random, 1_000);
      if (low <= 0.7 && 0.7 <= high) covered++;
    }
    // 95 % less what the percentile method loses with 40 cases, and three standard errors of 400 runs
    expect(covered / runs).toBeGreaterThan(0.9);
    expect(covered / runs).toBeLessThan(0.985);
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
