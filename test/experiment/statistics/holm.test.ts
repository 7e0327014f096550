import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { holm } from "../../../src/experiment/statistics/holm.ts";

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
