import { describe, expect, it } from "@jest/globals";
import { variantsOf, baselineOf, select, type KeyParts, keyOf } from "../../../src/experiment/plan/cell.ts";
import type { Subject } from "../../../src/experiment/definition/subjects.ts";
import { parsePrompt } from "../../../src/prompts/prompts.ts";

const subject = (name: string): Subject => {
  const prompt = parsePrompt(`---\nname: ${name}\nvariables: [x]\n---\n\n{{x}}\n`, `${name}.md`);
  return { kind: "prompt", name, prompt, own: {}, tools: undefined, toolbox: undefined, responseSchema: undefined };
};
const setting = (effort: "low" | "high", temperature?: number, model?: string) => ({
  effort,
  temperature,
  maxTokens: 100,
  model,
});

describe("variants", () => {
  it("are named by the variant, and by the settings that differ", () => {
    const one = variantsOf({ subjects: [subject("a"), subject("b")], settings: [setting("low")] });
    expect(one.map(({ id }) => id)).toEqual(["a", "b"]);
    const two = variantsOf({
      subjects: [subject("a")],
      settings: [setting("low", 0), setting("high", 0), setting("high")],
    });
    expect(two.map(({ id }) => id)).toEqual(["a, low, T=0", "a, high, T=0", "a, high, T=default"]);
  });

  it("name a model's file without its folder, unless two are called alike", () => {
    const of = (...models: readonly (string | undefined)[]) =>
      variantsOf({ subjects: [subject("a")], settings: models.map((model) => setting("low", undefined, model)) }).map(
        ({ id }) => id,
      );
    expect(of("gpt-oss-20b", "/models/tuned.gguf", undefined)).toEqual([
      "a, gpt-oss-20b",
      "a, tuned",
      "a, default model",
    ]);
    expect(of("/one/tuned.gguf", "/two/tuned.gguf")).toEqual(["a, /one/tuned.gguf", "a, /two/tuned.gguf"]);
  });

  it("are compared with the baseline in the same setting, the baseline with itself in the first one", () => {
    const variants = variantsOf({
      subjects: [subject("a"), subject("b")],
      settings: [setting("low"), setting("high")],
    });
    expect(variants.map((variant) => [variant.id, baselineOf(variant, variants, "a")?.id])).toEqual([
      ["a, low", undefined],
      ["b, low", "a, low"],
      ["a, high", "a, low"],
      ["b, high", "a, high"],
    ]);
  });

  it("have settings of their own in place of the shared ones", () => {
    const careful = { ...subject("careful"), own: { effort: "high", maxTokens: 9 } } as const;
    const variants = variantsOf({ subjects: [subject("a"), careful], settings: [setting("low"), setting("high")] });
    expect(variants.map(({ id, setting: { effort, maxTokens } }) => [id, effort, maxTokens])).toEqual([
      ["a, low", "low", 100],
      ["careful, low", "high", 9],
      ["a, high", "high", 100],
    ]);
    expect(variants.map((variant) => baselineOf(variant, variants, "a")?.id)).toEqual([undefined, "a, low", "a, low"]);
  });

  it("are compared with nothing when the baseline was left out", () => {
    const variants = variantsOf({ subjects: [subject("b")], settings: [setting("low")] });
    expect(variants.map((variant) => baselineOf(variant, variants, "a"))).toEqual([undefined]);
  });
});

const variants = variantsOf({
  subjects: [subject("short"), subject("long.v2")],
  settings: (["low", "high"] as const).map((effort) => ({ effort, temperature: 0, maxTokens: 9, model: "demo" })),
});
const cases = ["alice", "anna", "東京"].map((id) => ({
  id,
  variables: {},
  expected: undefined,
  history: [],
  turns: [],
  checks: [],
  tags: [],
  where: "",
}));
const chosen = (only: readonly string[], limit?: number) => {
  const selected = select({ variants, cases }, { only, limit });
  return [selected.variants.map(({ id }) => id), selected.cases.map(({ id }) => id)];
};

describe("a selection", () => {
  it("is everything unless something is said", () => {
    expect(chosen([])).toEqual([variants.map(({ id }) => id), ["alice", "anna", "東京"]]);
    expect(chosen([], 2)[1]).toEqual(["alice", "anna"]);
  });

  it("takes any of one kind, and all kinds together", () => {
    expect(chosen(["case=a*", "effort=low"])).toEqual([
      ["short, low", "long.v2, low"],
      ["alice", "anna"],
    ]);
    expect(chosen(["variant=short", "variant=long.v2", "effort=high"])[0]).toEqual(["short, high", "long.v2, high"]);
    expect(chosen(["case=東京", "model=demo", "temperature=0"])[1]).toEqual(["東京"]);
    // a dot is a dot
    expect(() => chosen(["variant=longxv2"])).toThrow("matches nothing to run");
  });

  it("says what it does not understand, and what there is", () => {
    expect(() => chosen(["colour=red"])).toThrow("--only colour=red");
    expect(() => chosen(["short"])).toThrow("--only short");
    expect(() => chosen(["case=bob"])).toThrow(
      expect.objectContaining({ code: "usage", hint: expect.stringContaining("alice, anna") }),
    );
  });
});

const parts: KeyParts = {
  rendered: "<|start|>user<|message|>Hi<|end|>",
  draw: { temperature: 0, topP: 1, topK: 0, minP: 0, maxTokens: 10, seed: 1 },
  modelHash: "m",
  build: "b",
  mode: "fast",
};

describe("a cell's key", () => {
  it("changes with everything that can change the answer, and with nothing else", () => {
    const changed: readonly KeyParts[] = [
      { ...parts, rendered: `${parts.rendered} ` },
      { ...parts, modelHash: "n" },
      { ...parts, build: "c" },
      { ...parts, mode: "exact" },
      { ...parts, constraint: "root ::= [a-z]" },
      ...Object.entries(parts.draw).map(([name, value]) =>
        Object.assign({}, parts, { draw: { ...parts.draw, [name]: value + 0.5 } }),
      ),
    ];
    const keys = [parts, ...changed].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ ...parts, draw: { ...parts.draw } })).toBe(keyOf(parts));
    expect(keyOf(parts)).toMatch(/^[0-9a-f]{64}$/);
  });
});
