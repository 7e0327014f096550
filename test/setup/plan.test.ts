import { describe, expect, it } from "@jest/globals";
import { CATALOGUE, findModel, type ModelEntry } from "../../src/llama-server/model-catalogue.ts";
import { PLANNED_PLATFORMS, plannedFolders, type PlannedPlatform, planSetup } from "../../setup/plan.ts";
import { LLAMA_CPP } from "../../src/llama-server/llama-cpp-version.ts";
import { textFor } from "../../src/i18n/catalogue.ts";
import type { InterfaceLanguage } from "../../src/i18n/language.ts";
import { expectGolden } from "./support/golden.ts";

function entry(name: string): ModelEntry {
  const model = findModel(name);
  if (model === undefined) throw new Error(`${name} is not in the catalogue`);
  return model;
}

const words = textFor("en").setup;

function planFor(name: PlannedPlatform, model = entry("gpt-oss-20b"), language: InterfaceLanguage = "en") {
  const platform = PLANNED_PLATFORMS[name];
  return planSetup({
    words: textFor(language).setup,
    platform,
    model,
    jobs: undefined,
    ...plannedFolders(platform),
    gitUrl: LLAMA_CPP.gitUrl,
    endpoint: "https://huggingface.co",
  });
}

describe("the plan", () => {
  // a plan that changes on purpose: UPDATE_GOLDEN=1 npm run jest -- --selectProjects unit, and look at the difference
  it.each(Object.keys(PLANNED_PLATFORMS) as PlannedPlatform[])("for %s is the golden one", (name) => {
    expectGolden(name, planFor(name));
  });

  it.each(["darwin-arm64", "linux-x64-vulkan"] as const)("for %s is the golden one in Japanese", (name) => {
    expectGolden(`${name}.ja`, planFor(name, entry("gpt-oss-20b"), "ja"));
  });

  it("builds for several machines when that is wanted", () => {
    const platform = { ...PLANNED_PLATFORMS["darwin-arm64"], rpc: true };
    const more = { words, ...plannedFolders(platform), gitUrl: "u", endpoint: "e", jobs: 4 };
    const text = planSetup({ platform, model: entry("demo"), ...more }).join("\n");
    expect(text).toContain("-DGGML_METAL=ON -DGGML_RPC=ON");
    expect(text).toContain(
      "copy ggml-rpc-server to ~/Library/Caches/langchain-gpt-oss/llama.cpp/v0.5.0/metal-rpc/ggml-rpc-server",
    );
  });

  it("names all three shards of the large model", () => {
    const text = planFor("linux-x64-cuda", entry("gpt-oss-120b")).join("\n");
    expect(
      text.match(/GET https:\/\/huggingface\.co\/ggml-org\/gpt-oss-120b-GGUF\/resolve\/d932fcea\S+-of-00003\.gguf/g),
    ).toHaveLength(3);
    expect(text).toContain("63,387,346,464 bytes in total");
  });

  it("fetches nothing for the demo model, nor what exists", () => {
    expect(planFor("linux-x64", entry("demo")).join("\n")).toContain("nothing to download");
    const platform = PLANNED_PLATFORMS["linux-x64"];
    const plan = planSetup({
      words,
      platform,
      model: entry("gpt-oss-20b"),
      jobs: 4,
      cache: "/c",
      modelCache: "/m",
      gitUrl: "u",
      endpoint: "e",
      existingServer: "/usr/bin/llama-server",
      missingBytes: 0,
    }).join("\n");
    expect(plan).toContain("use /usr/bin/llama-server");
    expect(plan).toContain("gpt-oss-20b is installed in /m: nothing to download");
    expect(plan).not.toContain("git ");
  });
});

describe("the catalogue", () => {
  it("has plausible hashes and sizes throughout", () => {
    for (const file of CATALOGUE.flatMap((model) => model.files)) {
      expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(file.bytes).toBeGreaterThan(1_000_000);
    }
  });
});
