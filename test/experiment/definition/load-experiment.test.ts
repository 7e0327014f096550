import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { loadExperimentFile } from "../../../src/experiment/definition/load-experiment.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-definition-"));
  await writeFile(join(folder, "p.md"), "---\nname: p\nvariables: [q]\n---\n\n{{q}}\n");
  await writeFile(
    join(folder, "judge.md"),
    "---\nname: judge\nvariables: [answer, rubric]\n---\n\n{{answer}} {{rubric}}\n",
  );
  await writeFile(join(folder, "deaf.md"), "---\nname: deaf\nvariables: [q]\n---\n\n{{q}}\n");
  await writeFile(join(folder, "cases.csv"), 'id,q,expected\na,"one,\ntwo",1\nb,二,\n');
  await writeFile(join(folder, "broken.csv"), 'id,q\na,"one\n');
  await writeFile(join(folder, "twice.csv"), "id,q\na,1\na,2\n");
  await writeFile(
    join(folder, "cases.jsonl"),
    '{"id":"a","variables":{"q":1}}\n\n{"id":"b","variables":{"q":true},"expected":2}\n',
  );
  await writeFile(join(folder, "broken.jsonl"), '{"id":"a","variables":{"q":"1"}}\n{"id":"b",\n');
  await writeFile(join(folder, "strange.jsonl"), '{"id":"a","variable":{"q":"1"}}\n');
  await writeFile(join(folder, "listening.md"), "---\nname: listening\nvariables: [answer]\n---\n\nGood? {{answer}}\n");
  await writeFile(join(folder, "check.mjs"), "export default () => true;\n");
  await writeFile(join(folder, "notfunction.mjs"), "export default 3;\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const LINES = {
  name: "name: t",
  prompts: "prompts: [p.md]",
  cases: "cases:\n  - id: a\n    variables: { q: Hi }",
  checks: "checks:\n  - type: no_truncation",
};

async function load(lines: Partial<typeof LINES> & Record<string, string> = {}, allowJavascript = false) {
  const path = join(folder, "e.yaml");
  await writeFile(path, `${Object.values({ ...LINES, ...lines }).join("\n")}\n`);
  return await loadExperimentFile(path, { allowJavascript });
}

describe("an experiment's file", () => {
  it("is read with all that it names, defaults filled in", async () => {
    const experiment = await load({
      cases: "cases: cases.csv",
      settings: "settings: { effort: [low, high], temperature: [0, 1] }",
    });
    expect(experiment.cases).toMatchObject([
      { id: "a", variables: { q: "one,\ntwo" }, expected: "1" },
      { id: "b", variables: { q: "二" }, expected: "" },
    ]);
    expect(experiment.settings).toHaveLength(4);
    expect(experiment).toMatchObject({ repeats: 1, seed: 1, date: "2026-01-01", baseline: "p" });
  });

  it("takes cases from JSON lines, values as text", async () => {
    const { cases } = await load({ cases: "cases: cases.jsonl" });
    expect(cases).toMatchObject([{ variables: { q: "1" } }, { variables: { q: "true" }, expected: "2" }]);
  });

  const wrong: readonly (readonly [string, Record<string, string>, string])[] = [
    ["YAML that breaks off", { prompts: "prompts: [p.md" }, "line 3: "],
    ["a key twice", { more: "name: again" }, "line 8: Map keys must be unique"],
    ["an unknown key", { more: "colour: red" }, "line 8: colour is not known here"],
    [
      "an unknown key further down",
      { settings: "settings:\n  effort: low\n  temprature: 1" },
      "line 10: settings: temprature is not known here",
    ],
    ["a missing part", { checks: "" }, "checks: it is missing"],
    ["a wrong value", { settings: "settings:\n  effort: [low, hi]" }, "line 9: settings.effort.1: "],
    ["a value out of bounds", { repeats: "repeats: 0" }, "line 8: repeats: "],
    [
      "an unknown check",
      { checks: "checks:\n  - type: no_truncation\n  - type: contians\n    value: x" },
      "line 8: checks.1.type: ",
    ],
    ["a check without its value", { checks: "checks:\n  - type: contains" }, "line 7: checks.0.value: "],
    [
      "a check with a word too much",
      { checks: "checks:\n  - type: max_chars\n    limit: 3\n    vlaue: 3" },
      "line 9: checks.0: vlaue is not known here",
    ],
    [
      "a pattern that is none",
      { checks: "checks:\n  - type: no_truncation\n  - type: regex\n    pattern: '('" },
      "line 8: checks.1: Invalid regular expression",
    ],
    [
      "a schema that is none",
      { checks: "checks:\n  - type: json\n    schema: { type: thing }" },
      "line 7: checks.0: schema is invalid",
    ],
    [
      "a field without a value",
      { checks: "checks:\n  - type: equals\n    value: '{{expected}}'" },
      "line 7: checks.0: {{expected}} has no value in case a",
    ],
    [
      "two checks of one name",
      { checks: "checks:\n  - type: json\n    name: x\n  - type: json\n    name: x" },
      "line 9: checks.1: another check is called x too",
    ],
    ["a prompt that is not there", { prompts: "prompts:\n  - p.md\n  - q.md" }, "line 4: prompts.1: there is no file"],
    ["a prompt twice", { prompts: "prompts: [p.md, p.md]" }, "line 2: prompts.1: another prompt is called p too"],
    [
      "a case without a variable",
      { cases: "cases:\n  - id: a\n    variables: { q: Hi }\n  - id: b" },
      "line 6: cases.1: case b has no variable q, which p uses",
    ],
    ["a case twice", { cases: "cases: twice.csv" }, "twice.csv line 3: another case is called a too"],
    [
      "a check of no known type",
      { checks: "checks:\n  - type: lenght" },
      "line 7: checks.0.type: a check's type has to be one of equals, ",
    ],
    [
      "a requirement of what nobody measures",
      { more: "requirements: [lenght >= 1]" },
      "line 8: requirements.0: there is no measure lenght; there are score, ",
    ],
    [
      "half a judge's patterns",
      { checks: "checks:\n  - type: judge\n    prompt: listening.md\n    pass_pattern: yes" },
      "pass_pattern and fail_pattern go together",
    ],
    ["nothing", { name: "", prompts: "", cases: "", checks: "" }, "there is nothing in it"],
    ["a baseline that is none", { baseline: "baseline: x" }, "line 8: baseline: there is no variant x"],
    [
      "a requirement that is none",
      { requirements: "requirements: [score]" },
      "line 8: requirements.0: write score >= 0.8",
    ],
    ["a judge who hears nothing", { checks: "checks:\n  - type: judge\n    prompt: deaf.md" }, "has no {{answer}}"],
    [
      "a judge without a rubric",
      { checks: "checks:\n  - type: judge\n    prompt: judge.md" },
      "{{rubric}} has no value in case a",
    ],
    [
      "a module that is no check",
      { checks: "checks:\n  - type: javascript\n    module: notfunction.mjs" },
      "it has no function as its default export",
    ],
    ["an experiment that is none", { name: "- 1", prompts: "- 2", cases: "", checks: "" }, "line 1: "],
  ];
  it.each(wrong)("says on which line there is %s", async (_what, lines, message) => {
    await expect(load(lines, true)).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(message) });
  });

  it.each([
    ["broken.csv", "line 2"],
    ["broken.jsonl", "line 2: "],
    ["strange.jsonl", "line 1: the case: Unrecognized key"],
    ["nowhere.csv", "can't be read"],
  ])("names the line of %s that is wrong", async (file, message) => {
    await expect(load({ cases: `cases: ${file}` })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(message),
    });
  });

  it("runs a module only when it is trusted", async () => {
    const checks = "checks:\n  - type: javascript\n    module: check.mjs";
    await expect(load({ checks })).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("--allow-javascript"),
    });
    expect((await load({ checks }, true)).checks).toHaveLength(1);
  });
});
