import { describe, expect, it } from "@jest/globals";
import { agreementOf } from "../../../src/experiment/statistics/agreement.ts";

const times = (count: number, pair: readonly [boolean, boolean]) => Array.from({ length: count }, () => pair);

describe("agreement", () => {
  it("is Cohen's kappa for the grant proposals of the usual example", () => {
    // 20 both yes, 5 and 10 apart, 15 both no: observed 0.7, by chance 0.5, kappa 0.4
    const pairs = [
      ...times(20, [true, true]),
      ...times(5, [true, false]),
      ...times(10, [false, true]),
      ...times(15, [false, false]),
    ];
    const { count, share, kappa } = agreementOf(pairs);
    expect({ count, share }).toEqual({ count: 50, share: 0.7 });
    expect(kappa).toBeCloseTo(0.4, 10);
  });

  it("is 1 for full agreement, and not known where nobody ever says no", () => {
    expect(agreementOf([...times(3, [true, true]), ...times(2, [false, false])]).kappa).toBe(1);
    expect(agreementOf(times(3, [true, true])).kappa).toBeNaN();
  });
});
