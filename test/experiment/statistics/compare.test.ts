import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { comparePaired, holm, detectableDifference } from "../../../src/experiment/statistics/compare.ts";
import { atLeast } from "../../../src/experiment/statistics/distributions.ts";
import { Random, signFlipTest } from "../../../src/experiment/statistics/sign-flip.ts";

const times = (count: number, value: number) => Array.from({ length: count }, () => value);

describe("several comparisons of one report", () => {
  it("are judged together", () => {
    const [clear, weak, none] = comparePaired([times(12, 0.5), [...times(6, 1), 0, 0], times(12, 0)], 1);
    expect(clear).toMatchObject({
      verdict: "better",
      pValue: 2 / 4096,
      exact: true,
      difference: { mean: 0.5, low: expect.any(Number), high: expect.any(Number) },
    });
    // alone it would do: 2 of 64 patterns; among three it does not
    expect(weak).toMatchObject({ verdict: "cannot tell", pValue: 2 / 64, adjustedPValue: 4 / 64 });
    expect(none).toMatchObject({ verdict: "cannot tell", pValue: 1, adjustedPValue: 1 });
  });

  it("say that a variant is worse, and what they could have shown", () => {
    const [result] = comparePaired([times(10, -0.4)], 1);
    expect(result).toMatchObject({ verdict: "worse" });
    const [few] = comparePaired([times(4, 1)], 1);
    expect(few).toMatchObject({ verdict: "cannot tell", detectable: undefined });
  });

  it("have an interval that leaves 0 out just where the test finds a difference, when all cases say the same", () => {
    for (const [count, verdict] of [
      [5, "cannot tell"],
      [6, "better"],
    ] as const) {
      const [result] = comparePaired([times(count, 0.2)], 1);
      expect(result?.verdict).toBe(verdict);
      expect((result?.difference.low ?? Number.NaN) > 0).toBe(verdict === "better");
    }
    // no difference in 8 cases: R's binom.test(0, 8)$conf.int ends at 0.3694166
    const [ties] = comparePaired([times(8, 0)], 1);
    expect(ties?.difference.high).toBeCloseTo(0.3694166, 6);
    expect(ties?.difference.low).toBeCloseTo(-0.3694166, 6);
  });

  it("come out the same for the same seed", () => {
    const differences = Array.from({ length: 30 }, (_, index) => ((index * 7) % 11) / 11 - 0.4);
    expect(comparePaired([differences], 3)).toEqual(comparePaired([differences], 3));
  });
});

describe("Holm's adjustment", () => {
  it("gives what R's p.adjust gives", () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.6, 0.7])).toEqual([1, 1]);
    expect(holm([0.03])).toEqual([0.03]);
    expect(holm([])).toEqual([]);
  });

  it("never lowers a p-value, never goes beyond 1, and keeps the order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (pValues) => {
        const adjusted = holm(pValues);
        const sound = pValues.every((p, index) => {
          const own = adjusted[index] ?? -1;
          return own >= p && own <= 1 && pValues.every((q, other) => q < p || own <= (adjusted[other] ?? -1));
        });
        expect(sound).toBe(true);
      }),
    );
  });
});

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
