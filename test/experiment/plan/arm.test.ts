import { describe, expect, it } from "@jest/globals";
import { armsOf, baselineOf } from "../../../src/experiment/plan/arm.ts";
import { parsePrompt } from "../../../src/prompts.ts";

const variant = (name: string) => parsePrompt(`---\nname: ${name}\nvariables: [x]\n---\n\n{{x}}\n`, `${name}.md`);
const setting = (effort: "low" | "high", temperature?: number, model?: string) => ({
  effort,
  temperature,
  maxTokens: 100,
  model,
});

describe("arms", () => {
  it("are named by the variant, and by the settings that differ", () => {
    const one = armsOf({ variants: [variant("a"), variant("b")], settings: [setting("low")] });
    expect(one.map(({ id }) => id)).toEqual(["a", "b"]);
    const two = armsOf({
      variants: [variant("a")],
      settings: [setting("low", 0), setting("high", 0), setting("high")],
    });
    expect(two.map(({ id }) => id)).toEqual(["a, low, T=0", "a, high, T=0", "a, high, T=default"]);
  });

  it("name a model's file without its folder, unless two are called alike", () => {
    const of = (...models: readonly (string | undefined)[]) =>
      armsOf({ variants: [variant("a")], settings: models.map((model) => setting("low", undefined, model)) }).map(
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
    const arms = armsOf({ variants: [variant("a"), variant("b")], settings: [setting("low"), setting("high")] });
    expect(arms.map((arm) => [arm.id, baselineOf(arm, arms, "a")?.id])).toEqual([
      ["a, low", undefined],
      ["b, low", "a, low"],
      ["a, high", "a, low"],
      ["b, high", "a, high"],
    ]);
  });

  it("are compared with nothing when the baseline was left out", () => {
    const arms = armsOf({ variants: [variant("b")], settings: [setting("low")] });
    expect(
      baselineOf(arms[0] ?? { id: "", variant: variant("x"), setting: setting("low") }, arms, "a"),
    ).toBeUndefined();
  });
});
