import { describe, expect, it } from "@jest/globals";
import { chooseCacheMebibytes, chooseContextSize } from "../../src/server/context-size.ts";

const GB = 2 ** 30;
const gptOss20b = { modelBytes: 12_109_566_560, cacheBytesPerToken: 24_576, trainedContext: 131_072 };

describe("chooseContextSize", () => {
  it("is comfortable where there is room, and small where there is not", () => {
    const forMemory = (gigabytes: number) => chooseContextSize({ ...gptOss20b, totalMemory: gigabytes * GB });
    expect([8, 16, 18, 24, 64, 512].map(forMemory)).toEqual([8_192, 8_192, 32_768, 32_768, 32_768, 32_768]);
  });

  it("gives each of several conversations less where memory is short", () => {
    const forSlots = (slots: number) => chooseContextSize({ ...gptOss20b, totalMemory: 20 * GB, slots });
    expect([1, 4, 8].map(forSlots)).toEqual([32_768, 32_768, 16_384]);
  });

  it("never exceeds what the model was trained for", () => {
    expect(
      chooseContextSize({ modelBytes: 2e6, cacheBytesPerToken: 1_024, trainedContext: 8_192, totalMemory: 64 * GB }),
    ).toBe(8_192);
    expect(
      chooseContextSize({ modelBytes: 2e6, cacheBytesPerToken: 1_024, trainedContext: 2_048, totalMemory: 1 * GB }),
    ).toBe(2_048);
  });
});

describe("chooseCacheMebibytes", () => {
  it("leaves a small machine its memory", () => {
    expect([2, 16, 64, 512].map((gigabytes) => chooseCacheMebibytes(gigabytes * GB))).toEqual([
      256, 1_024, 4_096, 8_192,
    ]);
  });
});
