import { assert as check, integer, property } from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { localize } from "../../src/i18n/error-messages.ts";
import {
  chooseCacheMebibytes,
  chooseContextSize,
  fitsInMemory,
  memoryAdvice,
  type MemoryFacts,
  neededBytes,
  predictMemory,
  reduceMemory,
  sizedModel,
} from "../../src/llama-server/memory-estimate.ts";
import { findModel, modelBytes } from "../../src/llama-server/model-catalogue.ts";

const GB = 2 ** 30;
const MIB = 2 ** 20;

/** What the headers of the files say. */
const gptOss20b: MemoryFacts = {
  cacheElements: { full: 12_288, sliding: 12_288 },
  embeddingLength: 2_880,
  fileBytes: 12_109_566_560,
  slidingWindow: 128,
  tensorBytes: {
    total: 12.1e9,
    experts: 10.2e9,
    attention: 1e9,
    embeddings: 1e9,
    other: 0,
    repackable: 9_682.03 * MIB,
  },
  trainedContext: 131_072,
  vocabularySize: 201_088,
};
const demo: MemoryFacts = {
  cacheElements: { full: 512, sliding: 0 },
  embeddingLength: 128,
  fileBytes: 2.6e6,
  slidingWindow: undefined,
  tensorBytes: { total: 2.6e6, experts: 0, attention: 0, embeddings: 0, other: 2.6e6, repackable: 0 },
  trainedContext: 8_192,
  vocabularySize: 1_027,
};
const onCpu = { facts: gptOss20b, slots: 1, batchSize: 128, isCpu: true };

describe("predictMemory", () => {
  /** RssAnon of llama-server v0.5.0 on a CPU with AVX2, with a stand-in of gpt-oss-20b's exact shape, after a short answer. */
  it.each([
    [8_192, 1, 128, 10_446_553_088],
    [32_768, 1, 128, 11_049_111_552],
    [131_072, 1, 128, 13_470_000_000],
    [8_192, 4, 128, 11_072_786_432],
    [32_768, 4, 128, 13_491_879_936],
    [8_192, 1, 512, 10_460_000_000],
  ])("is within 10 % of the private memory measured with %i tokens, %i slots, batches of %i", (...row) => {
    const [contextPerSlot, slots, batchSize, measured] = row;
    const predicted = predictMemory({ ...onCpu, contextPerSlot, slots, batchSize }).private;
    expect(Math.abs(predicted / measured - 1)).toBeLessThan(0.1);
  });

  it("takes the same in all, whether weights are repacked or not", () => {
    const needed = [true, false].map((isCpu) => neededBytes(predictMemory({ ...onCpu, contextPerSlot: 8_192, isCpu })));
    expect(needed[0]).toBe(needed[1]);
  });

  it("grows with everything that takes memory", () => {
    const base = { contextPerSlot: 8_192, slots: 1, batchSize: 64 };
    const bytes = (changes: Partial<typeof base>) =>
      neededBytes(predictMemory({ facts: gptOss20b, isCpu: true, ...base, ...changes }));
    for (const changes of [{ contextPerSlot: 16_384 }, { slots: 2 }, { batchSize: 512 }])
      expect(bytes(changes)).toBeGreaterThan(bytes({}));
  });
});

describe("chooseContextSize", () => {
  it("is comfortable where there is room, and small where there is not", () => {
    const forMemory = (gigabytes: number) => chooseContextSize({ ...onCpu, totalMemory: gigabytes * GB });
    expect([8, 14, 24, 64, 512].map(forMemory)).toEqual([8_192, 8_192, 32_768, 32_768, 32_768]);
  });

  it("fits beside the system whenever it is more than the smallest", () => {
    check(
      property(integer({ min: 1, max: 64 }), integer({ min: 1, max: 8 }), (gigabytes, slots) => {
        const totalMemory = gigabytes * GB;
        const contextPerSlot = chooseContextSize({ ...onCpu, slots, totalMemory });
        const needed = neededBytes(predictMemory({ ...onCpu, slots, contextPerSlot }));
        expect(contextPerSlot === 8_192 || fitsInMemory(needed, totalMemory)).toBe(true);
        expect(chooseContextSize({ ...onCpu, slots: slots + 1, totalMemory })).toBeLessThanOrEqual(contextPerSlot);
        const cache = chooseCacheMebibytes(totalMemory, needed) * MIB;
        expect(cache === 256 * MIB || fitsInMemory(needed + cache, totalMemory)).toBe(true);
      }),
    );
  });

  it("leaves to a Mac's GPU what macOS gives it", () => {
    const onMac = { ...onCpu, isCpu: false, system: "darwin" } as const;
    const forMemory = (gigabytes: number) => chooseContextSize({ ...onMac, totalMemory: gigabytes * GB });
    expect([forMemory(16), forMemory(24)]).toEqual([8_192, 32_768]);
    expect(forMemory(18)).toBeLessThan(32_768);
  });

  it("never exceeds what the model was trained for", () => {
    expect(chooseContextSize({ ...onCpu, facts: demo, totalMemory: 64 * GB })).toBe(8_192);
    const facts = { ...demo, trainedContext: 2_048 };
    expect(chooseContextSize({ ...onCpu, facts, totalMemory: 1 * GB })).toBe(2_048);
  });
});

describe("chooseCacheMebibytes", () => {
  it("leaves a small machine its memory", () => {
    expect([2, 16, 64, 512].map((gigabytes) => chooseCacheMebibytes(gigabytes * GB, 10e9))).toEqual([
      256, 1_024, 4_096, 8_192,
    ]);
  });
});

describe("reduceMemory", () => {
  const server = { contextPerSlot: 32_768, exactContext: false, cacheMebibytes: 1_024 };

  it("halves the context, and gives up most of the prompt cache", () => {
    expect(reduceMemory(server)).toEqual({ ...server, contextPerSlot: 16_384, cacheMebibytes: 256 });
    expect(reduceMemory({ ...server, exactContext: true })?.contextPerSlot).toBe(32_768);
  });

  it("finds nothing to give up in a small server", () => {
    expect(reduceMemory({ contextPerSlot: 8_192, exactContext: false, cacheMebibytes: 256 })).toBeUndefined();
    expect(reduceMemory({ contextPerSlot: 2_048, exactContext: false, cacheMebibytes: 256 })).toBeUndefined();
  });
});

const linux = { system: "linux", architecture: "x64", backend: "cpu", reason: "" } as const;
const mac = { system: "darwin", architecture: "arm64", backend: "metal", reason: "" } as const;

function advice(name: string, platform: typeof linux | typeof mac, gigabytes: number): readonly string[] {
  const model = findModel(name);
  const sized = model && { ...model, bytes: modelBytes(model) };
  const phrases = sized ? memoryAdvice(sized, { ...platform, totalMemory: gigabytes * GB }) : ["no such model"];
  return phrases.map((phrase) => localize("en", phrase));
}

describe("memoryAdvice", () => {
  it("has none where the model fits well, or where the memory is not known", () => {
    expect(advice("gpt-oss-20b", linux, 32)).toEqual([]);
    expect(advice("gpt-oss-20b", mac, 32)).toEqual([]);
    expect(advice("demo", linux, 2)).toEqual([]);
    expect(memoryAdvice({ name: "large", bytes: 60e9, wantedMemory: 64e9 }, linux)).toEqual([]);
  });

  it("warns of a model that is large for the machine, or larger than it", () => {
    expect(advice("gpt-oss-20b", linux, 12).join()).toContain("needs about 16.0 GB of memory");
    expect(advice("gpt-oss-120b", linux, 32).join()).toContain("larger than this machine's memory");
  });

  it("knows what a file of the user's own needs", () => {
    const text = (gigabytes: number) =>
      memoryAdvice(sizedModel("mine", gptOss20b), { ...linux, totalMemory: gigabytes * GB }).map((one) =>
        localize("en", one),
      );
    expect(text(32)).toEqual([]);
    expect(text(14).join()).toContain("mine needs about");
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
