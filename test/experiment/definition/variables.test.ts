import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { loadExperimentValue } from "../../../src/experiment/definition/load-experiment.ts";
import type { ExperimentDefinition } from "../../../src/experiment/definition/schema.ts";
import { scoreCell } from "../../../src/experiment/results/score-run.ts";
import { answerOf } from "../support/make-results.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-variables-"));
  await mkdir(join(folder, "texts"));
  for (const name of ["b", "a"]) await writeFile(join(folder, "texts", `${name}.txt`), `text of ${name}\n`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const load = (definition: Partial<ExperimentDefinition>) =>
  loadExperimentValue(
    {
      name: "t",
      variants: [{ name: "v", prompt: "{{text}} {{tone}}" }],
      checks: [{ type: "no_truncation" }],
      ...definition,
    } as ExperimentDefinition,
    { folder, allowJavascript: false },
  );

describe("the variables of cases", () => {
  it("are shared, and come from files, of which one or each makes a case", async () => {
    const { cases } = await load({
      variables: { tone: "kind", text: "none" },
      cases: [
        { id: "one", variables: { text: "file://texts/a.txt", tone: 1 } },
        { id: "each", variables: { text: "file://texts/*.txt" }, expected: "file://texts/b.txt" },
        { id: "shared" },
      ],
    });
    expect(cases.map(({ id, variables, expected }) => [id, variables, expected])).toEqual([
      ["one", { text: "text of a", tone: "1" }, undefined],
      ["each a.txt", { text: "text of a", tone: "kind" }, "text of b"],
      ["each b.txt", { text: "text of b", tone: "kind" }, "text of b"],
      ["shared", { text: "none", tone: "kind" }, undefined],
    ]);
  });

  it.each(["file://none.txt", "file://texts/*.md", "file://none/*"])(
    "name a file that is missing: %s",
    async (text) => {
      await expect(load({ cases: [{ variables: { text, tone: "" } }] })).rejects.toMatchObject({
        code: "usage",
        message: expect.stringMatching(/cases\.0.*none|cases\.0.*texts/),
      });
    },
  );

  it("may be expected as a list or an object", async () => {
    const { cases, checks } = await load({
      variables: { tone: "", text: "" },
      cases: [{ id: "list", expected: ["yes", "oui"] }],
      checks: [
        { type: "one_of", value: "{{expected}}" },
        { type: "contains", value: "{{expected}}", match: "any" },
        { type: "json", value: "{{expected}}", name: "json", weight: 0 },
      ],
    });
    const [input] = cases;
    if (!input) throw new Error("no case");
    const score = async (final: string) =>
      (await scoreCell(checks, { answer: answerOf({ final }), case: input, verdictOf: () => undefined })).checks.map(
        ({ pass }) => pass,
      );
    expect(await score("oui")).toEqual([true, true, false]);
    expect(await score("oui, oui")).toEqual([false, true, false]);
    expect(await score('["yes","oui"]')).toEqual([false, true, true]);
    expect(
      (await load({ variables: { tone: "", text: "" }, cases: [{ expected: { a: 1 } }] })).cases[0]?.expected,
    ).toBe('{"a":1}');
  });
});
