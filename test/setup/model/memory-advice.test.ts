import { describe, expect, it } from "@jest/globals";
import { findModel } from "../../../setup/model/catalogue.ts";
import { memoryAdvice } from "../../../setup/model/memory-advice.ts";
import { phraseIn } from "../../../src/failures/failure.ts";

const GB = 2 ** 30;
const linux = { system: "linux", architecture: "x64", backend: "cpu", reason: "" } as const;
const mac = { system: "darwin", architecture: "arm64", backend: "metal", reason: "" } as const;

function advice(name: string, platform: typeof linux | typeof mac, gigabytes: number): readonly string[] {
  const model = findModel(name);
  const phrases = model ? memoryAdvice(model, { ...platform, totalMemory: gigabytes * GB }) : ["no such model"];
  return phrases.map((phrase) => phraseIn("en", phrase));
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
    expect(advice("gpt-oss-20b", linux, 12).join()).toContain("wants about 16.0 GB of memory");
    expect(advice("gpt-oss-120b", linux, 32).join()).toContain("larger than this machine's memory");
  });

  it("tells a 16 GB Mac the three ways", () => {
    const text = advice("gpt-oss-20b", mac, 16).join("\n");
    expect(text).toMatch(/sudo sysctl iogpu\.wired_limit_mb=14\d{3}/);
    expect(text).toContain("--n-cpu-moe 12");
    expect(text).toContain("--cache-ram 256");
    expect(text).toContain("--context small");
  });
});
