import { describe, expect, it } from "@jest/globals";
import { parseRequirement } from "../../../src/experiment/definition/requirement.ts";
import { makeResults } from "../support/make-results.ts";

/** Of 20 cases the candidate passes `good`, the baseline 10. */
const judge = async (text: string, good: number) => {
  const requirement = parseRequirement(text);
  if (!requirement) throw new Error(`${text} is no requirement`);
  const { requirements } = await makeResults({
    arms: ["baseline", "candidate"],
    cases: 20,
    repeats: 1,
    answer: ({ arm, case: number }) => ({ final: number < (arm === "baseline" ? 10 : good) ? "yes" : "no" }),
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
    ["no_regression", 9, true],
    ["no_regression", 2, false],
  ])("%s with %d of 20 cases: %s", async (text, good, met) => {
    expect(await judge(text, good)).toMatchObject({ met });
  });

  it("say which arm falls short, and that something cannot be told", async () => {
    expect(await judge("score >= 0.8", 5)).toEqual({ text: "score >= 0.8", met: false, why: "candidate: 0.25" });
    expect((await judge("no_regression", 9))?.why).toBe("no arm is shown to be worse (1 cannot be told)");
    expect((await judge("no_regression", 2))?.why).toBe("worse: candidate");
  });

  it("are not taken for met when nothing has been answered", async () => {
    const requirement = parseRequirement("score >= 0");
    const { requirements } = await makeResults({
      arms: ["only"],
      cases: 3,
      repeats: 1,
      answer: () => undefined,
      requirements: requirement ? [requirement] : [],
    });
    expect(requirements).toMatchObject([{ met: false, why: "only: not known" }]);
  });

  it.each(["score", "score = 1", ">= 1", "regression", ""])("are not %j", (text) => {
    expect(parseRequirement(text)).toBeUndefined();
  });
});
