import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { type BatchInput, chooseBatchSize } from "../../src/llama-server/batch-size.ts";

const LARGE: BatchInput = { backend: "cpu", measured: undefined, modelBytes: 12e9, hasRpc: false };
const measuredAt = (promptPerSecond: number, layers?: { offloaded: number; total: number }): BatchInput => ({
  ...LARGE,
  measured: { promptPerSecond, answerPerSecond: 5, ...(layers && { layers }) },
});

describe("chooseBatchSize", () => {
  it.each([
    ["a large model on a CPU that was not measured", LARGE, 128],
    ["a small one", { ...LARGE, modelBytes: 3e6 }, undefined],
    ["six tokens a second", measuredAt(6), 32],
    ["eighty tokens a second", measuredAt(80), 128],
    ["several thousand tokens a second", measuredAt(5_000), undefined],
    ["a measurement of zero", measuredAt(0), 32],
    ["a GPU", { ...LARGE, backend: "cuda" as const }, undefined],
    [
      "a GPU that was measured",
      { ...measuredAt(80, { offloaded: 25, total: 25 }), backend: "cuda" as const },
      undefined,
    ],
    ["a build for a GPU that uses none", { ...measuredAt(80), backend: "vulkan" as const }, 128],
    ["a program that is not our build", { ...LARGE, backend: undefined }, undefined],
    [
      "such a program, measured on the CPU",
      { ...measuredAt(80, { offloaded: 0, total: 25 }), backend: undefined },
      128,
    ],
    ["several machines", { ...measuredAt(80), hasRpc: true }, undefined],
  ])("chooses for %s", (_, input, expected) => {
    expect(chooseBatchSize(input)).toBe(expected);
  });

  it("takes one to two seconds for a batch, if the CPU reads at least 16 tokens a second", () => {
    const isChosenWell = (speed: number) => {
      const tokens = chooseBatchSize(measuredAt(speed));
      return tokens === undefined ? speed >= 1_024 : tokens >= 32 && tokens / speed <= 2 && tokens / speed > 1;
    };
    const property = fc.property(fc.double({ min: 16, max: 1e5, noNaN: true }), isChosenWell);
    expect(fc.check(property)).toMatchObject({ failed: false });
  });
});
