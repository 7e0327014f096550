import { describe, expect, it } from "@jest/globals";
import { unknown } from "../../../src/experiment/checks/check.ts";
import { guard } from "../../../src/experiment/checks/javascript-check.ts";
import { FORMATS } from "../../../src/experiment/definition/experiment.ts";
import { render } from "../../../src/experiment/report/render.ts";
import { compareRuns } from "../../../src/experiment/results/compare-variants.ts";
import type { Results } from "../../../src/experiment/results/results.ts";
import { type MadeRun, makeResults, YES } from "../support/make-results.ts";

const two = { variants: ["a", "b"], cases: 6, repeats: 2 } as const;
const bound = { kind: "comparison", measure: "score", operator: ">=", bound: 0.5 } as const;

/** Every format, none of which may show a number that is none. */
function rendered(results: Results): string {
  const all = FORMATS.map((format) => render(results, format));
  for (const text of all)
    expect(text.replaceAll(/<script[\s\S]*?<\/script>/g, "")).not.toMatch(/\bNaN\b|\bundefined\b|Infinity/);
  return all.join("\n");
}

describe("a run at the edge", () => {
  it.each<[string, MadeRun, RegExp]>([
    [
      "one case",
      { ...two, cases: 1, answer: ({ variant }) => ({ final: variant === "b" ? "yes" : "no" }) },
      /1 case are too few|1 case is too few/,
    ],
    ["only ties", { ...two, answer: () => ({ final: "yes" }) }, /inconclusive\. \+0\.00 \(95% CI −0\.46 to \+0\.46\)/],
    ["only errors", { ...two, answer: () => new Error("gone"), requirements: [bound] }, /24 results failed/],
    ["nothing asked yet", { ...two, answer: () => undefined, requirements: [bound] }, /24 results of 24 have not/],
    [
      "a baseline that only failed",
      { ...two, answer: ({ variant }) => (variant === "a" ? new Error("gone") : { final: "yes" }) },
      /12 results failed/,
    ],
    ["one variant", { ...two, variants: ["a"], answer: () => ({ final: "no" }) }, /0\.00/],
  ])("with %s can be read in every format", async (_name, made, says) => {
    expect(rendered(await makeResults(made))).toMatch(says);
  });

  it("with errors alone meets no bound, and compares nothing", async () => {
    const results = await makeResults({
      ...two,
      answer: () => new Error("gone"),
      requirements: [bound, { kind: "no_regression" }],
    });
    expect(results.requirements).toMatchObject([{ met: false }, { met: false, why: "no answers: a; b" }]);
    expect(results.comparisons).toEqual([]);
    expect(results.variants.map(({ score, passRate, errors }) => [score, passRate, errors])).toEqual([
      [null, null, 12],
      [null, null, 12],
    ]);
  });

  it("with checks that give no number has errors with a reason, and never scores NaN", async () => {
    const broken = {
      ...YES,
      run: { kind: "function", check: guard(() => ({ pass: true, score: Number.NaN, why: "" })) },
    } as const;
    const results = await makeResults({ ...two, checks: [broken], answer: () => ({ final: "yes" }) });
    expect(results.cells[0]).toMatchObject({ score: null, error: expect.stringContaining("neither") });
    expect(results.variants[0]).toMatchObject({ score: null, errors: 12 });
    rendered(results);
  });

  it("fails a variant that is cut while thinking, and counts what could not be judged", async () => {
    const notHello = { ...YES, negated: true };
    const unsure = { ...YES, name: "unsure", run: { kind: "function", check: () => unknown("too short") } } as const;
    const results = await makeResults({
      variants: ["a", "silent"],
      cases: 12,
      repeats: 1,
      checks: [notHello, unsure],
      answer: ({ variant, case: number }) =>
        variant === "silent" && number < 8 ? { analysis: "Hm", finishReason: "length" } : { final: "no" },
      requirements: [{ ...bound, bound: 0.9 }],
    });
    expect(results.variants).toMatchObject([
      { score: { mean: 1 }, absent: 0, undecided: 12 },
      { score: { mean: 4 / 12 }, absent: 8, undecided: 4 },
    ]);
    expect(results.requirements).toMatchObject([{ met: false }]);
    const table = render(results, "table");
    expect(table).toMatch(/^variant .* no answer +not judged/m);
    expect(table).toMatch(/^silent .* 8 +4 /m);
  });

  it("counts refused requests as failed, leaves other failures out, and shows incomplete variants last", async () => {
    const results = await makeResults({
      variants: ["refused", "lost", "whole"],
      cases: 20,
      repeats: 1,
      answer: ({ variant, case: number }) => {
        if (variant === "whole") return { final: number < 11 ? "yes" : "no" };
        if (number < 5) return { final: number < 4 ? "yes" : "no" };
        return variant === "refused" ? new Error("too long", { cause: 400 }) : new Error("gone", { cause: 502 });
      },
    });
    expect(results.variants.map(({ id, score, errors }) => [id, score?.mean, errors])).toEqual([
      ["refused", 0.2, 15],
      ["lost", 0.8, 15],
      ["whole", 0.55, 0],
    ]);
    expect(results.comparisons).toMatchObject([
      { variant: "lost", cases: 5 },
      { variant: "whole", cases: 20 },
    ]);
    for (const format of ["table", "markdown"] as const) {
      const text = render(results, format);
      expect(text.match(/5 of 20 cases/g)).toHaveLength(3);
      const rows = ["whole", "refused", "lost"].map((variant) => text.search(new RegExp(`^(\\| )?${variant} `, "m")));
      expect(rows.toSorted((a, b) => a - b)).toEqual(rows);
    }
    rendered(results);
  });

  it("pairs two runs only on cases that are the same in both", async () => {
    const before = await makeResults({ ...two, answer: () => ({ final: "no" }) });
    const after = await makeResults({ ...two, answer: () => ({ final: "yes" }) });
    const [first, second, ...rest] = after.cases;
    if (!first || !second) throw new Error("two cases");
    const variables = { question: "another" };
    const changed = { ...after, run: "later", cases: [{ ...first, variables }, { ...second, variables }, ...rest] };
    expect(compareRuns(before, changed).comparisons[0]).toMatchObject({ cases: 4 });
  });
});
