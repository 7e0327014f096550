import { describe, expect, it } from "@jest/globals";
import { atLeast, betaCdf, normalQuantile, studentQuantile } from "../../../src/experiment/statistics/distributions.ts";

describe("distributions", () => {
  it("have the normal quantiles of every table", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 7);
    expect(normalQuantile(0.8)).toBeCloseTo(0.841621234, 7);
    expect(normalQuantile(0.995)).toBeCloseTo(2.575829304, 7);
    expect(normalQuantile(0.01)).toBeCloseTo(-2.326347874, 7);
    expect(normalQuantile(0.5)).toBe(0);
  });

  it("have Student's quantiles of every table", () => {
    expect(studentQuantile(0.975, 1)).toBeCloseTo(12.7062, 3);
    expect(studentQuantile(0.975, 4)).toBeCloseTo(2.776445, 6);
    expect(studentQuantile(0.995, 10)).toBeCloseTo(3.169273, 6);
    expect(studentQuantile(0.025, 30)).toBeCloseTo(-2.042272, 6);
    expect(studentQuantile(0.975, 9_999)).toBeCloseTo(1.960201, 5);
  });

  it("count what binomial sums count", () => {
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
    for (const [fewest, count, chance] of [
      [6, 8, 0.8],
      [1, 5, 0.1],
      [20, 50, 0.37],
    ] as const) {
      let sum = 0;
      for (let k = fewest; k <= count; k++) sum += choose(count, k) * chance ** k * (1 - chance) ** (count - k);
      expect(atLeast(fewest, count, chance)).toBeCloseTo(sum, 10);
    }
    expect([betaCdf(0, 2, 3), betaCdf(1, 2, 3), atLeast(0, 5, 0.5)]).toEqual([0, 1, 1]);
  });
});
