import { describe, expect, it } from "@jest/globals";
import { agreementOf } from "../../../src/experiment/statistics/agreement.ts";

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
