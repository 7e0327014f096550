import { describe, expect, it } from "@jest/globals";
import { localize } from "../../src/i18n/error-messages.ts";
import { chooseCacheMebibytes, chooseContextSize, memoryAdvice } from "../../src/llama-server/memory-estimate.ts";
import { findModel } from "../../src/llama-server/model-catalogue.ts";

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

const linux = { system: "linux", architecture: "x64", backend: "cpu", reason: "" } as const;
const mac = { system: "darwin", architecture: "arm64", backend: "metal", reason: "" } as const;

function advice(name: string, platform: typeof linux | typeof mac, gigabytes: number): readonly string[] {
  const model = findModel(name);
  const phrases = model ? memoryAdvice(model, { ...platform, totalMemory: gigabytes * GB }) : ["no such model"];
  return phrases.map((phrase) => localize("en", phrase));
}

describe("memoryAdvice", () => {
  it("has none where the model fits well, or where the memory is not known", () => {
    expect(advice("gpt-oss-20b", linux, 32)).toEqual([]);
    expect(advice("gpt-oss-20b", mac, 32)).toEqual([]);
    expect(advice("demo", linux, 2)).toEqual([]);
    const model = findModel("gpt-oss-120b");
    expect(model && memoryAdvice(model, linux)).toEqual([]);
  });

  it("warns of a model that is large for the machine, or larger than it", () => {
    expect(advice("gpt-oss-20b", linux, 12).join()).toContain("needs about 16.0 GB of memory");
    expect(advice("gpt-oss-120b", linux, 32).join()).toContain("larger than this machine's memory");
  });

  it("tells a 16 GB Mac the three ways", () => {
    const text = advice("gpt-oss-20b", mac, 16).join("\n");
    expect(text).toMatch(/sudo sysctl iogpu\.wired_limit_mb=14\d{3}/);
    expect(text).toContain("--n-cpu-moe 12");
    // llama.cpp v0.5.0 rejects --no-mmap
    expect(text).toContain("--load-mode none");
    expect(text).not.toContain("--no-mmap");
    expect(text).toContain("--cache-ram 256");
    expect(text).toContain("--context small");
  });
});
