import { describe, expect, it } from "@jest/globals";
import { armsOf } from "../../../src/experiment/plan/arm.ts";
import { select } from "../../../src/experiment/plan/selection.ts";
import { parsePrompt } from "../../../src/prompts.ts";

const variant = (name: string) => parsePrompt(`---\nname: ${name}\nvariables: [x]\n---\n\n{{x}}\n`, `${name}.md`);
const arms = armsOf({
  variants: [variant("short"), variant("long.v2")],
  settings: (["low", "high"] as const).map((effort) => ({ effort, temperature: 0, maxTokens: 9, model: "demo" })),
});
const cases = ["alice", "anna", "東京"].map((id) => ({
  id,
  variables: {},
  expected: undefined,
  history: [],
  where: "",
}));
const chosen = (only: readonly string[], limit?: number) => {
  const selected = select({ arms, cases }, { only, limit });
  return [selected.arms.map(({ id }) => id), selected.cases.map(({ id }) => id)];
};

describe("a selection", () => {
  it("is everything unless something is said", () => {
    expect(chosen([])).toEqual([arms.map(({ id }) => id), ["alice", "anna", "東京"]]);
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
    expect(() => chosen(["variant=longxv2"])).toThrow("Nothing is left to run");
  });

  it("says what it does not understand, and what there is", () => {
    expect(() => chosen(["colour=red"])).toThrow("--only colour=red is not understood.");
    expect(() => chosen(["short"])).toThrow("--only short is not understood.");
    expect(() => chosen(["case=bob"])).toThrow(
      expect.objectContaining({ code: "usage", hint: expect.stringContaining("alice, anna") }),
    );
  });
});
