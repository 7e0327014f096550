import { describe, expect, it } from "@jest/globals";
import { Random, fewestDifferences, signFlipTest } from "../../../src/experiment/statistics/sign-flip.ts";
import { DARWIN } from "./support/textbook.ts";

const test = (differences: readonly number[]) => signFlipTest(differences, new Random(1));

describe("the sign-flip test", () => {
  it("gives Fisher's own number for Darwin's maize", () => {
    // Fisher 1935, section 21: 863 of 32,768 in one tail, so 5.267 % in both
    expect(test(DARWIN)).toEqual({ pValue: (2 * 863) / 32_768, exact: true });
  });

  it("agrees with counting by hand", () => {
    expect(test([1, 2, 3]).pValue).toBe(2 / 8);
    expect(test([1, 1, 1, 1, 1, 1]).pValue).toBe(2 / 64);
    expect(test([1, -1]).pValue).toBe(1);
    // sums of +-1 +-1 +-2: |sum| >= 2 in 6 of 8 patterns
    expect(test([1, -1, 2]).pValue).toBe(6 / 8);
  });

  it("is not moved by cases without a difference, by order or by sign", () => {
    expect(test([0, 3, 0, 1, 2, 0]).pValue).toBe(test([1, 2, 3]).pValue);
    expect(test([-1, -2, -3]).pValue).toBe(test([3, 1, 2]).pValue);
    expect(test([])).toEqual({ pValue: 1, exact: true });
    expect(test([0, 0]).pValue).toBe(1);
  });

  it("draws when there are too many patterns to count, and comes near to the count", () => {
    const drawn = test([...DARWIN, 3, -2]);
    const padded = signFlipTest([...DARWIN, 3], new Random(1));
    expect(drawn.exact).toBe(false);
    expect(padded.exact).toBe(true);
    expect(Math.abs(drawn.pValue - padded.pValue)).toBeLessThan(0.015);
    expect(test([...DARWIN, 3, -2])).toEqual(drawn);
  });

  it("takes rounding for what it is", () => {
    const tenths = [0.1, 0.2, 0.3, -0.3, -0.2, -0.1];
    expect(test(tenths).pValue).toBe(1);
  });

  it("knows from how many differences on it can say anything", () => {
    expect(fewestDifferences(0.05)).toBe(6);
    expect(test(Array.from({ length: 6 }, () => 1)).pValue).toBeLessThanOrEqual(0.05);
    expect(test(Array.from({ length: 5 }, () => 1)).pValue).toBeGreaterThan(0.05);
  });
});
