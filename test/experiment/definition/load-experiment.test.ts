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
  await writeFile(join(folder, "columns.csv"), "id,q, q\na,1,2\n");
  await writeFile(join(folder, "binary.csv"), new Uint8Array([0, 1, 2, 3]));
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

/** The other way round than TextDecoder: by what each pair of bytes is read as. */
function encoderOf(encoding: string): (text: string) => Uint8Array {
  if (encoding === "utf-16le") return (text) => Buffer.from(`\uFEFF${text}`, "utf16le");
  const decoder = new TextDecoder(encoding);
  const codes = new Map<string, readonly number[]>();
  for (let first = 0x81; first < 0xfd; first++) {
    for (let second = 0x40; second < 0xff; second++)
      codes.set(decoder.decode(Uint8Array.of(first, second)), [first, second]);
  }
  return (text) => Uint8Array.from(Array.from(text).flatMap((letter) => codes.get(letter) ?? letter.charCodeAt(0)));
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

  it.each([
    ["semicolons", 'id;q;expected\n1;"a;b,c";x,y\n'],
    ["tabs", "id\tq\texpected\n1\ta;b,c\tx,y\n"],
    ["a first line that says so", "sep=;\r\nid;q;expected\r\n1;a;b,c;x,y\r\n".replace("a;b,c", '"a;b,c"')],
    ["columns without a name", 'id,q,expected,,\n1,"a;b,c","x,y",,\n'],
    ["a byte order mark", '\uFEFFid,q,expected\n1,"a;b,c","x,y"\n'],
  ])("takes cases from a CSV file with %s", async (_what, text) => {
    await writeFile(join(folder, "separated.csv"), text);
    const { cases } = await load({ cases: "cases: separated.csv" });
    expect(cases).toMatchObject([{ id: "1", variables: { q: "a;b,c" }, expected: "x,y" }]);
    expect(Object.keys(cases[0]?.variables ?? {})).toEqual(["q"]);
  });

  it.each(["shift_jis", "euc-jp", "utf-16le"])("decodes files in %s", async (encoding) => {
    const bytes = encoderOf(encoding);
    await writeFile(join(folder, "old.csv"), bytes("id,q,expected\na,東京の天気を教えてください。,晴れです。\n"));
    await writeFile(
      join(folder, "old.jsonl"),
      bytes('{"q": "東京の天気を教えてください。", "expected": "晴れです。"}\n'),
    );
    await writeFile(
      join(folder, "old.md"),
      bytes("---\nname: old\nvariables: [q]\n---\n\n日本語で答えてください。{{q}}\n"),
    );
    for (const cases of ["old.csv", "old.jsonl"]) {
      const experiment = await load({ cases: `cases: ${cases}`, prompts: "prompts: [old.md]" });
      expect(experiment.cases).toMatchObject([
        { variables: { q: "東京の天気を教えてください。" }, expected: "晴れです。" },
      ]);
      const [subject] = experiment.subjects;
      expect(subject?.kind === "prompt" ? subject.prompt.body : "").toContain("日本語で答えてください。");
    }
    await writeFile(
      join(folder, "old.yaml"),
      bytes(`${Object.values(LINES).join("\n")}\ndescription: 天気についての実験です。\n`),
    );
    expect(await loadExperimentFile(join(folder, "old.yaml"), { allowJavascript: false })).toMatchObject({
      description: "天気についての実験です。",
    });
  });

  it("takes numbers and dates as the text that was written, in YAML and in JSON lines", async () => {
    const written = [
      "1.10",
      "01234",
      "1e3",
      "2024-01-01",
      "yes",
      "True",
      "0x1F",
      "12345678901234567890",
      "12:30",
      "null",
      "-0",
    ];
    const cases = written.map((text) => `  - { id: ${text}, variables: { q: ${text} }, expected: ${text} }`).join("\n");
    const experiment = await load({
      cases: `cases:\n${cases}`,
      checks: "checks:\n  - { type: contains, value: [1.10, 01234] }\n  - { type: equals, value: 1.10, name: 2.0 }",
    });
    expect(experiment.cases).toMatchObject(
      written.map((text) => ({ id: text, variables: { q: text }, expected: text })),
    );
    expect(experiment.checks[1]?.name).toBe("2.0");
    const numbers = ["1.10", "1e3", "12345678901234567890", "-0.50"];
    const lines = numbers.map((text) => `{"id":${text},"variables":{"q":${text}},"expected":${text}}\n`);
    await writeFile(join(folder, "numbers.jsonl"), lines.join(""));
    expect((await load({ cases: "cases: numbers.jsonl" })).cases).toMatchObject(
      numbers.map((text) => ({ id: text, variables: { q: text }, expected: text })),
    );
  });

  it("takes JSON lines with the variables at the top", async () => {
    await writeFile(join(folder, "flat.jsonl"), '{"id":1,"q":2.50,"expected":true}\n{"q":"Hi"}\n');
    expect((await load({ cases: "cases: flat.jsonl" })).cases).toMatchObject([
      { id: "1", variables: { q: "2.50" }, expected: "true" },
      { id: "case-2", variables: { q: "Hi" }, expected: undefined },
    ]);
  });

  it("has one setting for values that are listed twice", async () => {
    const { settings } = await load({ settings: "settings: { effort: [low, low], temperature: [0, 0.0, 1] }" });
    expect(settings.map(({ effort, temperature }) => [effort, temperature])).toEqual([
      ["low", 0],
      ["low", 1],
    ]);
  });

  const wrong: readonly (readonly [string, Record<string, string>, string])[] = [
    ["YAML that breaks off", { prompts: "prompts: [p.md" }, "line 3: "],
    ["a key twice", { more: "name: again" }, "line 8: Map keys must be unique"],
    ["an unknown key", { more: "colour: red" }, "line 8: unknown key colour"],
    [
      "an unknown key further down",
      { settings: "settings:\n  effort: low\n  temprature: 1" },
      "line 10: settings: unknown key temprature",
    ],
    ["a missing part", { checks: "" }, "checks: name at least one check"],
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
      "line 9: checks.0: unknown key vlaue",
    ],
    [
      "a pattern that is none",
      { checks: "checks:\n  - type: no_truncation\n  - type: regex\n    pattern: '('" },
      "line 8: checks.1: Invalid regular expression",
    ],
    ["a schema that is none", { checks: "checks:\n  - type: json\n    schema: { type: thing }" }, "line 7: checks.0: "],
    [
      "a field without a value",
      { checks: "checks:\n  - type: equals\n    value: '{{expected}}'" },
      "line 7: checks.0: {{expected}} has no value in case a",
    ],
    [
      "two checks of one name",
      { checks: "checks:\n  - type: json\n    name: x\n  - type: json\n    name: x" },
      "line 9: checks.1: two checks are named x",
    ],
    ["a prompt that is not there", { prompts: "prompts:\n  - p.md\n  - q.md" }, "line 4: prompts.1: the file"],
    ["a prompt twice", { prompts: "prompts: [p.md, p.md]" }, "line 2: prompts.1: two prompts are named p"],
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
      "line 8: requirements.0: unknown measure lenght; the measures are score, ",
    ],
    [
      "half a judge's patterns",
      { checks: "checks:\n  - type: judge\n    prompt: listening.md\n    pass_pattern: yes" },
      "pass_pattern and fail_pattern go together",
    ],
    ["nothing", { name: "", prompts: "", cases: "", checks: "" }, "it is empty"],
    ["a baseline that is none", { baseline: "baseline: x" }, "line 8: baseline: unknown variant x"],
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
    [
      "a tool that is not offered",
      { checks: "checks:\n  - type: tool_called\n    tool: serach\n    not: true", tools: "tools: [{ name: search }]" },
      "line 8: checks.0.tool: the tool serach",
    ],
    [
      "a tool that is not offered in a case",
      { checks: "checks:\n  - type: tool_called\n    tool: '{{q}}'", tools: "tools: [{ name: search }]" },
      "line 8: checks.0.tool: the tool Hi",
    ],
    [
      "a template where nothing is filled in",
      { checks: "checks:\n  - type: javascript\n    module: '{{q}}.mjs'" },
      "line 8: checks.0.module: ",
    ],
    [
      "a template in the name of a check",
      { checks: "checks:\n  - type: no_truncation\n    name: '{{q}}'" },
      "line 8: checks.0.name: ",
    ],
    [
      "a template deep in a check whose field has no value",
      { checks: "checks:\n  - type: json\n    schema: { const: { a: ['{{nothing}}'] } }" },
      "line 7: checks.0: {{nothing}} has no value in case a",
    ],
    [
      "a pattern that is not valid in one case",
      {
        cases: "cases:\n  - id: a\n    variables: { q: Hi }\n  - id: b\n    variables: { q: '(' }",
        checks: "checks:\n  - type: regex\n    pattern: '{{q}}'",
      },
      "line 9: checks.0: Invalid regular expression",
    ],
    ["an experiment that is none", { name: "- 1", prompts: "- 2", cases: "", checks: "" }, "line 1: "],
  ];
  it.each(wrong)("says on which line there is %s", async (_what, lines, message) => {
    await expect(load(lines, true)).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(message) });
  });

  it.each([
    ["broken.csv", "line 2"],
    ["broken.jsonl", "line 2: "],
    ["strange.jsonl", "line 1: variables.variable"],
    ["columns.csv", "q"],
    ["binary.csv", "binary.csv"],
    ["nowhere.csv", "nowhere.csv"],
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
