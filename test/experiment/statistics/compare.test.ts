import { describe, expect, it } from "@jest/globals";
import { comparePaired } from "../../../src/experiment/statistics/compare.ts";

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

  it("say that an arm is worse, and what they could have shown", () => {
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
