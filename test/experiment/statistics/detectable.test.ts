import { describe, expect, it } from "@jest/globals";
import { detectableDifference, normalQuantile } from "../../../src/experiment/statistics/detectable.ts";

describe("the smallest difference that can be shown", () => {
  it("uses the normal quantiles of every table", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 7);
    expect(normalQuantile(0.8)).toBeCloseTo(0.841621234, 7);
    expect(normalQuantile(0.995)).toBeCloseTo(2.575829304, 7);
    expect(normalQuantile(0.01)).toBeCloseTo(-2.326347874, 7);
    expect(normalQuantile(0.5)).toBe(0);
  });

  it("is 2.80 standard errors at 5 % and 80 % power", () => {
    // mean 0, s = 1: 32 differences of +-0.98425 (s with n - 1)
    const differences = Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? 1 : -1) * Math.sqrt(31 / 32));
    expect(detectableDifference(differences, 0.05)).toBeCloseTo((1.96 + 0.8416) / Math.sqrt(32), 3);
  });

  it("is not there for fewer cases than any test needs, and needs enough of them to differ", () => {
    expect(detectableDifference([1, 1, 1, 1, 1], 0.05)).toBeUndefined();
    expect(detectableDifference([1, 1, 1, 1, 1, 1], 0.025)).toBeUndefined();
    expect(
      detectableDifference(
        Array.from({ length: 12 }, () => 0),
        0.05,
      ),
    ).toBe(6 / 12);
    expect(detectableDifference([0.2, 0, 0, 0, 0, 0, 0, 0], 0.05)).toBeCloseTo((6 * 0.2) / 8, 10);
  });
});
