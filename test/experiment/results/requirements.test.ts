import { describe, expect, it } from "@jest/globals";
import { parseRequirement } from "../../../src/experiment/definition/schema.ts";
import { makeResults } from "../support/make-results.ts";

/** Of 20 cases the candidate passes `good`, the baseline 10. */
const judge = async (text: string, good: number) => {
  const requirement = parseRequirement(text);
  if (!requirement) throw new Error(`${text} is no requirement`);
  const { requirements } = await makeResults({
    variants: ["baseline", "candidate"],
    cases: 20,
    repeats: 1,
    answer: ({ variant, case: number }) => ({ final: number < (variant === "baseline" ? 10 : good) ? "yes" : "no" }),
    requirements: [requirement],
  });
  return requirements[0];
};

describe("requirements", () => {
  it.each([
    ["score >= 0.8", 16, true],
    ["score >= 0.8", 15, false],
    ["pass_rate>0.8", 16, false],
    ["yes <= 0.5", 10, true],
    ["errors < 1", 0, true],
    ["nonsense >= 1", 20, false],
    ["no_regression", 10, true],
    // one case lost may be chance, but that is no proof that nothing was
    ["no_regression", 9, false],
    ["no_regression", 2, false],
    ["no_regression: 0.2", 10, true],
    ["no_regression: 0.05", 10, false],
    ["no_regression=0.05", 18, true],
  ])("%s with %d of 20 cases: %s", async (text, good, met) => {
    expect(await judge(text, good)).toMatchObject({ met });
  });

  it("say which variant falls short, and that something cannot be told", async () => {
    expect(await judge("score >= 0.8", 5)).toMatchObject({ text: "score >= 0.8", met: false, why: "candidate: 0.25" });
    expect((await judge("no_regression", 9))?.why).toMatch(/^not shown: candidate, -0\.05/);
    expect((await judge("no_regression", 2))?.why).toMatch(/^worse: candidate, -0\.40/);
    expect(await judge("no_regression: 0.05", 10)).toMatchObject({
      text: "no_regression: 0.05",
      why: expect.stringMatching(/^not shown: candidate, 0\.00 \(95% CI -0\.17 to 0\.17\)$/),
    });
  });

  it.each([
    // the baseline passes 5 of 5
    [5, 0, /not shown/],
    [5, 5, /too few/],
    [20, 0, /worse/],
  ])("do not take too little evidence for none: %d cases, %d passed", async (cases, good, why) => {
    const results = await makeResults({
      variants: ["baseline", "candidate"],
      cases,
      repeats: 1,
      answer: ({ variant, case: number }) => ({ final: variant === "baseline" || number < good ? "yes" : "no" }),
      requirements: [{ kind: "no_regression" }],
    });
    expect(results.requirements).toMatchObject([{ met: false, why: expect.stringMatching(why) }]);
  });

  it("hold for errors of the baseline, too, but not for its score", async () => {
    const results = await makeResults({
      variants: ["baseline", "candidate"],
      cases: 8,
      repeats: 1,
      answer: ({ variant, case: number }) =>
        variant === "candidate" ? { final: "yes" } : number === 0 ? new Error("gone") : { final: "no" },
      requirements: ["score >= 0.9", "errors <= 0"].flatMap((text) => parseRequirement(text) ?? []),
    });
    expect(results.requirements).toMatchObject([
      { text: "score >= 0.9", met: true },
      { text: "errors <= 0", met: false, why: "baseline: 1" },
    ]);
  });

  it("are not met by a variant that has no case in common with its baseline", async () => {
    const results = await makeResults({
      variants: ["baseline", "candidate"],
      cases: 12,
      repeats: 1,
      answer: ({ variant, case: number }) =>
        number < 6 === (variant === "baseline") ? { final: "yes" } : new Error("gone"),
      requirements: [{ kind: "no_regression" }],
    });
    expect(results.requirements).toMatchObject([{ met: false, why: expect.stringContaining("candidate") }]);
  });

  it("read a margin from YAML and from a flag", () => {
    const margin = { kind: "no_regression", margin: 0.05 };
    expect(parseRequirement({ no_regression: 0.05 })).toEqual(margin);
    expect(parseRequirement("no_regression: 0.05")).toEqual(margin);
    expect(parseRequirement("no_regression")).toEqual({ kind: "no_regression" });
  });

  it("are not taken for met when nothing has been answered", async () => {
    const requirement = parseRequirement("score >= 0");
    const { requirements } = await makeResults({
      variants: ["only"],
      cases: 3,
      repeats: 1,
      answer: () => undefined,
      requirements: requirement ? [requirement] : [],
    });
    expect(requirements).toMatchObject([{ met: false, why: "only: not known" }]);
  });

  it.each(["score", "score = 1", ">= 1", "regression", "", "no_regression: 5", "no_regression: -0.1"])(
    "are not %j",
    (text) => {
      expect(parseRequirement(text)).toBeUndefined();
    },
  );
});
