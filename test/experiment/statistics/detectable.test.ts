import { describe, expect, it } from "@jest/globals";
import { detectableDifference } from "../../../src/experiment/statistics/detectable.ts";
import { atLeast } from "../../../src/experiment/statistics/distributions.ts";
import { Random } from "../../../src/experiment/statistics/random.ts";
import { signFlipTest } from "../../../src/experiment/statistics/sign-flip.ts";

describe("the smallest difference that can be shown", () => {
  it.each([
    [8, "0.80"],
    [10, "0.67"],
    [12, "0.58"],
    [20, "0.37"],
    [30, "0.25"],
    [50, "0.15"],
  ])("is, for passes and failures in %d cases, %s", (count, expected) => {
    const found = detectableDifference([1, -1, ...Array.from({ length: count - 2 }, () => 0)], 0.05) ?? Number.NaN;
    expect(found.toFixed(2)).toBe(expected);
    // six that differ, all in one direction, are the fewest that the test finds
    expect(atLeast(6, count, found)).toBeCloseTo(0.8, 6);
  });

  it("needs more where many cases differ in both directions", () => {
    const differences = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? 1 : -1));
    expect(detectableDifference(differences, 0.05)).toBeGreaterThan(0.5);
  });

  it("is about 2.8 standard errors at 5% and 80% power, and more for few cases", () => {
    // mean 0, s = 1: 32 differences of about +-0.98425 (s with n - 1)
    const differences = Array.from(
      { length: 32 },
      (_, index) => (index % 2 === 0 ? 1 : -1) * Math.sqrt(31 / 32) * (1 + (index < 16 ? 1e-6 : -1e-6)),
    );
    expect(detectableDifference(differences, 0.05)).toBeCloseTo((2.0395 + 0.8534) / Math.sqrt(32), 2);
  });

  it("is found four times in five, with continuous scores", () => {
    const random = new Random(4);
    for (const count of [8, 10]) {
      // uniform with standard deviation 0.2
      const draw = () => (random.fraction() - 0.5) * 0.2 * Math.sqrt(12);
      const typical = Array.from({ length: count }, (_, index) => ((index + 0.5) / count - 0.5) * 0.2 * Math.sqrt(12));
      const difference = detectableDifference(typical, 0.05) ?? Number.NaN;
      let found = 0;
      for (let run = 0; run < 500; run++) {
        const values = Array.from({ length: count }, () => draw() + difference);
        if (signFlipTest(values, random).pValue <= 0.05) found++;
      }
      expect(found / 500).toBeGreaterThan(0.74);
      expect(found / 500).toBeLessThan(0.9);
    }
  });

  it("is not there for fewer cases than any test needs", () => {
    expect(detectableDifference([1, 1, 1, 1, 1], 0.05)).toBeUndefined();
    expect(detectableDifference([1, 1, 1, 1, 1, 1], 0.025)).toBeUndefined();
    // of the size that the cases which differ have
    expect(detectableDifference([0.2, 0, 0, 0, 0, 0, 0, 0], 0.05)).toBeCloseTo(0.2 * 0.801, 3);
  });
});
