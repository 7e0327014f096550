import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Answer } from "../../../src/experiment/answer.ts";
import { scoreCell } from "../../../src/experiment/results/score-run.ts";
import { loadExperimentValue } from "../../../src/experiment/definition/load-experiment.ts";
import type { ExperimentDefinition } from "../../../src/experiment/definition/schema.ts";
import { answerOf } from "../support/make-results.ts";

let folder: string;
let unloadable = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-checks-"));
  await writeFile(join(folder, "p.md"), "---\nname: p\nvariables: [name]\n---\n\n{{name}}\n");
  await writeFile(
    join(folder, "good.mjs"),
    "export default ({ text }) => ({ pass: text.length > 2, score: 0.5, why: 'long' });\n",
  );
  await writeFile(join(folder, "judge.md"), "---\nname: judge\nvariables: [answer]\n---\n\n{{answer}}\n");
  await writeFile(join(folder, "filled.json"), '{"items":{"const":"{{expected}}"}}');
  await writeFile(join(folder, "schema.json"), '{"type":"object","required":["age"]}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type CheckInput = NonNullable<ExperimentDefinition["checks"]>[number];

/** What a check says of an answer to the case with name 花子 and expected Tokyo. */
async function check(definition: CheckInput, answer: Partial<Answer> | string) {
  const experiment = await loadExperimentValue(
    {
      name: "t",
      prompts: ["p.md"],
      cases: [{ variables: { name: "花子" }, expected: "Tokyo" }],
      tools: [{ name: "f" }, { name: "Tokyo" }],
      checks: [definition],
    },
    { folder, allowJavascript: true },
  );
  const [input] = experiment.cases;
  if (!input) throw new Error("no case");
  const given = answerOf(typeof answer === "string" ? { final: answer } : answer);
  const { checks } = await scoreCell(experiment.checks, { answer: given, case: input, verdictOf: () => undefined });
  return checks[0];
}

describe("checks", () => {
  const passes: readonly (readonly [CheckInput, Partial<Answer> | string, number?])[] = [
    [{ type: "equals", value: "{{expected}}" }, " Tokyo\n"],
    [{ type: "equals", value: "ｶﾞＡ", ignore_case: true }, "ガa"],
    [{ type: "contains", value: ["{{name}}", "{{expected}}"] }, "花子 lives in Tokyo"],
    [{ type: "contains", value: ["x", "Tokyo"], match: "any" }, "in Tokyo"],
    [{ type: "contains", value: "tokyo", ignore_case: true }, "TOKYO"],
    [{ type: "contains", value: "x", not: true }, "abc"],
    [{ type: "regex", pattern: "^\\p{Lu}" }, "Äh"],
    [{ type: "json" }, '{"a": [1]}'],
    [{ type: "json", schema: { type: "object", properties: { age: { type: "integer" } } } }, '{"age": 3}'],
    [{ type: "json", schema: "schema.json" }, '{"age": 3}'],
    [{ type: "max_chars", limit: 3 }, "日本👨‍👩‍👧"],
    [{ type: "max_tokens", limit: 4 }, "four"],
    [{ type: "max_tokens", limit: 5, on: "analysis" }, { analysis: "five" }],
    [{ type: "language", language: "ja" }, "東京は日本の首都です。"],
    [{ type: "language", language: "ja" }, "Tokyoで会議が開かれます"],
    [{ type: "language", language: "ja" }, "東京都"],
    [{ type: "language", language: "zh" }, "东京是日本的首都。会议三点开始。"],
    [{ type: "language", language: "ko" }, "회의는 세 시에 시작합니다."],
    [{ type: "language", language: "ru" }, "Встреча начинается в три часа."],
    [{ type: "language", language: "en" }, "The meeting begins at three o'clock."],
    [{ type: "language", language: "de" }, "Das Treffen beginnt um drei Uhr."],
    [{ type: "tool_called", tool: "f" }, { toolCalls: [{ name: "f", arguments: "{}" }] }],
    [
      { type: "tool_called", tool: "f", arguments: { city: "{{expected}}", n: 1 } },
      { toolCalls: [{ name: "f", arguments: '{"n":1,"city":"Tokyo","more":true}' }] },
    ],
    [
      { type: "tool_called", tool: "{{expected}}", arguments: { where: { cities: ["{{expected}}", "{{name}}"] } } },
      { toolCalls: [{ name: "Tokyo", arguments: '{"where":{"cities":["Tokyo","花子"]}}' }] },
    ],
    [{ type: "regex", pattern: "^{{expected}}$", flags: "" }, "Tokyo"],
    [{ type: "regex", pattern: "{{name}} \\{{name}}", flags: "" }, "花子 {{name}}"],
    [{ type: "json", schema: { properties: { city: { const: "{{expected}}" } } } }, '{"city": "Tokyo"}'],
    [{ type: "json", schema: "filled.json" }, '["Tokyo"]'],
    [
      { type: "tool_called", tool: "f", count: 2, after: "Tokyo" },
      { toolCalls: ["f", "Tokyo", "f"].map((name) => ({ name, arguments: "{}" })) },
    ],
    [{ type: "tool_not_called", tool: "f" }, { toolCalls: [{ name: "Tokyo", arguments: "{}" }] }],
    [{ type: "tool_not_called" }, "text"],
    [{ type: "max_steps", limit: 1 }, "text"],
    [{ type: "no_invalid_calls" }, { toolCalls: [{ name: "f", arguments: "{}" }] }],
    [{ type: "json", value: { b: [1.05, null], a: "{{expected}}" }, tolerance: 0.1 }, '{"a":"Tokyo","b":[1,null]}'],
    [{ type: "json", value: "{{expected}}" }, '"Tokyo"'],
    [{ type: "json", fence: true, value: { a: 1 } }, 'Here it is:\n```json\n{"a": 1}\n```\nBye.'],
    [{ type: "json", fence: true, value: { a: 1 } }, '{"a": 1}'],
    [{ type: "number", value: "3.14", tolerance: 0.01 }, "π is 3.1416, about"],
    [{ type: "number", value: "1234.5" }, "It costs １,２３４.5 yen."],
    [{ type: "number", value: "-200", tolerance: 0.01, relative: true }, "−201 degrees"],
    [{ type: "one_of", value: ["Kyoto", "{{expected}}"] }, " Tokyo "],
    [{ type: "latency", limit: 120 }, "text"],
    [{ type: "no_truncation" }, { final: "Done", finishReason: "stop" }],
    [{ type: "similarity", value: "kitten", at_least: 0.5 }, "sitting"],
    [{ type: "similarity", value: "{{expected}}" }, "Tokyo"],
    [{ type: "javascript", module: "good.mjs" }, "long"],
    [{ type: "contains", value: "think", on: "analysis" }, { analysis: "I think" }],
  ];
  it.each(passes)("pass: %j on %j", async (definition, answer) => {
    expect(await check(definition, answer)).toMatchObject({ pass: true });
  });

  const failures: readonly (readonly [CheckInput, Partial<Answer> | string, string, number?])[] = [
    [{ type: "equals", value: "{{expected}}" }, "Kyoto", 'is "Kyoto", not "Tokyo"'],
    [{ type: "contains", value: ["a", "b", "c"] }, "a b", 'does not contain "c"', 2 / 3],
    [{ type: "contains", value: ["x", "y"], match: "any" }, "a", 'does not contain "x", "y"'],
    [{ type: "contains", value: "a", not: true }, "abc", 'the check must not pass: contains "a"'],
    [{ type: "regex", pattern: "^\\d+$" }, "12a", "does not match /^\\d+$/u"],
    [{ type: "json" }, '{"a": ', "is not valid JSON"],
    [{ type: "json", schema: { properties: { city: { const: "{{expected}}" } } } }, '{"city": "Kyoto"}', "/city"],
    [{ type: "json", schema: { type: "object", required: ["age"] } }, "{}", "must have required property 'age'"],
    [{ type: "max_chars", limit: 2 }, "日本人", "3 characters, more than 2"],
    [{ type: "max_chars", limit: 2 }, "", "there is no answer"],
    [{ type: "max_tokens", limit: 3 }, "four", "4 tokens, more than 3"],
    [{ type: "language", language: "ja" }, "The meeting begins at three.", "only 0%"],
    [{ type: "language", language: "ja" }, "东京是日本的首都。会议三点开始。", "probably Chinese"],
    [{ type: "language", language: "zh" }, "東京は日本の首都です。", "probably Japanese"],
    [{ type: "language", language: "en" }, "Das Treffen beginnt um drei Uhr.", "probably de"],
    [{ type: "language", language: "en" }, "東京は日本の首都です。", "only 0% of the letters are Latin"],
    [{ type: "tool_called", tool: "f" }, "text", "no tool was called"],
    [{ type: "tool_called", tool: "f" }, { toolCalls: [{ name: "g", arguments: "{}" }] }, "g was called instead of f"],
    [
      { type: "tool_called", tool: "f", arguments: { n: 1 } },
      { toolCalls: [{ name: "f", arguments: "no json" }] },
      "no json",
    ],
    [
      { type: "tool_called", tool: "f", count: 1 },
      { toolCalls: ["f", "f"].map((name) => ({ name, arguments: "{}" })) },
      "2 times",
    ],
    [
      { type: "tool_called", tool: "f", after: "Tokyo" },
      { toolCalls: ["f", "Tokyo"].map((name) => ({ name, arguments: "{}" })) },
      "before Tokyo",
    ],
    [{ type: "tool_called", tool: "f", after: "Tokyo" }, { toolCalls: [{ name: "f", arguments: "{}" }] }, "not called"],
    [{ type: "tool_not_called" }, { toolCalls: [{ name: "f", arguments: "{}" }] }, "f was called"],
    [{ type: "no_invalid_calls" }, { toolCalls: [{ name: "g", arguments: "{}" }] }, "the tool g was not offered"],
    [{ type: "no_invalid_calls" }, { toolCalls: [{ name: "f", arguments: "{" }] }, "not a JSON object"],
    [{ type: "json", value: { a: [1, 2] }, tolerance: 0.1 }, '{"a":[1,2.2]}', "is"],
    [{ type: "json", value: { a: 1 } }, '{"a":1,"b":2}', "not"],
    [{ type: "json" }, "```json\n1\n```", "is not valid JSON"],
    [{ type: "number", value: "3.14" }, "3.1416", "not within the tolerance of 3.14"],
    [{ type: "number", value: "3" }, "three", "contains no number"],
    [{ type: "one_of", value: ["Kyoto", "Osaka"] }, "Tokyo", "not one of"],
    [{ type: "latency", limit: 119 }, "text", "120 ms, more than 119"],
    [{ type: "no_truncation" }, { final: "Do", finishReason: "length" }, "cut off at the token limit"],
    [{ type: "similarity", value: "kitten" }, "sitting", "0.57", 4 / 7],
    // the final channel alone is judged unless the thinking is asked for by name
    [{ type: "contains", value: "secret" }, { final: "no", analysis: "secret" }, 'does not contain "secret"'],
  ];
  it.each(failures)("fail: %j on %j: %s", async (...[definition, answer, why, score]) => {
    const result = await check(definition, answer);
    expect(result).toMatchObject({ pass: false, why: expect.stringContaining(why) });
    expect(result?.score).toBeCloseTo(score ?? 0, 10);
  });

  const everyType: readonly CheckInput[] = [
    { type: "equals", value: "" },
    { type: "contains", value: "" },
    { type: "regex", pattern: ".*" },
    { type: "json" },
    { type: "max_chars", limit: 3 },
    { type: "max_tokens", limit: 4 },
    { type: "language", language: "ja" },
    { type: "tool_called", tool: "f" },
    { type: "no_truncation" },
    { type: "similarity", value: "", at_least: 0 },
    { type: "javascript", module: "good.mjs" },
    { type: "judge", prompt: "judge.md" },
  ];
  it.each(everyType)("fail on an absent answer, negated or not: %j", async (definition) => {
    for (const final of ["", " \n", "\u200B\u3000"]) {
      for (const not of [false, true]) {
        const truncated = { final, analysis: "I think", finishReason: "length" };
        expect(await check({ ...definition, not }, truncated)).toMatchObject({ pass: false, score: 0 });
      }
    }
  });

  it("judge an empty answer as it is when a tool was called, and the thinking whatever the answer is", async () => {
    const called = { toolCalls: [{ name: "f", arguments: "{}" }] };
    expect(await check({ type: "contains", value: "x", not: true }, called)).toMatchObject({ pass: true });
    expect(await check({ type: "contains", value: "I", on: "analysis" }, { analysis: "I" })).toMatchObject({
      pass: true,
    });
  });

  const broken: readonly (readonly [string, string])[] = [
    ["() => { throw new Error('no luck'); }", "no luck"],
    ["() => 'yes'", "neither true, false nor"],
    ["() => ({ pass: true, score: Number.NaN, why: '' })", "neither true, false nor"],
    ["() => () => true", "could not be cloned"],
    ["() => { while (true) {} }", "0.5 s"],
    ["() => new Promise(() => {})", "0.5 s"],
    ["async () => { for (;;) await undefined; }", "0.5 s"],
    ["() => process.exit(0)", "ended"],
    ["() => { setTimeout(() => { throw new Error('later'); }, 10); return new Promise(() => {}); }", "later"],
  ];
  it.each(broken)("make an error of code that gives no judgement, and judge the next answer: %s", async (code, why) => {
    await writeFile(
      join(folder, "broken.mjs"),
      `const broken = ${code};\nexport default (judged) => judged.text === "good" || broken(judged);\n`,
    );
    const module = { type: "javascript", module: "broken.mjs", time_limit: 0.5 } as const;
    const experiment = await loadExperimentValue(
      {
        name: "t",
        prompts: ["p.md"],
        cases: [{ variables: { name: "x" } }],
        checks: [module, { type: "no_truncation" }],
      },
      { folder, allowJavascript: true },
    );
    const judge = (final: string) =>
      scoreCell(experiment.checks, {
        answer: answerOf({ final }),
        case: { id: "c", variables: {}, expected: undefined },
        verdictOf: () => undefined,
      });
    expect(await judge("bad")).toMatchObject({
      score: null,
      pass: null,
      error: expect.stringContaining(why),
      checks: [{ pass: null, score: null }, { pass: true }],
    });
    expect(await judge("good")).toMatchObject({ score: 1, pass: true });
  });

  it("are given up after three stops, and end when a run is interrupted", async () => {
    await writeFile(join(folder, "endless.mjs"), "export default () => { while (true) {} };\n");
    const experiment = await loadExperimentValue(
      {
        name: "t",
        prompts: ["p.md"],
        cases: [{ variables: { name: "x" } }],
        checks: [{ type: "javascript", module: "endless.mjs", time_limit: 0.2 }],
      },
      { folder, allowJavascript: true },
    );
    const options = {
      answer: answerOf({ final: "x" }),
      case: { id: "c", variables: {}, expected: undefined },
      verdictOf: () => undefined,
    };
    const interrupted = new AbortController();
    setTimeout(() => interrupted.abort(new Error("Ctrl-C")), 50);
    await expect(scoreCell(experiment.checks, { ...options, signal: interrupted.signal })).rejects.toThrow("Ctrl-C");
    for (let stops = 0; stops < 3; stops++) await scoreCell(experiment.checks, options);
    expect((await scoreCell(experiment.checks, options)).error).toContain("3 times");
  });

  it.each([
    ["while (true) {}\nexport default () => true;\n", "0.3 s"],
    ["await new Promise(() => {});\nexport default () => true;\n", ""],
    ["process.exit(0);\nexport default () => true;\n", "ended"],
    ["export default () => {;\n", ""],
    ["export const check = () => true;\n", "no function as its default export"],
  ])("refuse a module that can't be loaded: %j", async (code, why) => {
    const module = `unloadable-${unloadable++}.mjs`;
    await writeFile(join(folder, module), code);
    await expect(check({ type: "javascript", module, time_limit: 0.3 }, "x")).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(why),
    });
  });

  it("stop a schema's pattern that would take for ever", async () => {
    const schema = { type: "string", pattern: "^(a+)+$" };
    expect(await check({ type: "json", schema }, `"${"a".repeat(40)}!"`)).toMatchObject({ pass: false });
  });

  it("say that they can't tell, rather than guess", async () => {
    expect(await check({ type: "language", language: "en" }, "Hello")).toMatchObject({ pass: null, score: null });
    expect(await check({ type: "language", language: "ja" }, "12:30")).toMatchObject({ pass: null });
    expect(await check({ type: "language", language: "en", not: true }, "Hi")).toMatchObject({ pass: null });
  });

  it("are weighed, and those that can't tell are left out", async () => {
    const experiment = await loadExperimentValue(
      {
        name: "t",
        prompts: ["p.md"],
        cases: [{ variables: { name: "x" } }],
        checks: [
          { type: "contains", value: ["a", "b"], weight: 3 },
          { type: "no_truncation" },
          { type: "language", language: "en", weight: 10 },
          { type: "json", weight: 0 },
        ],
      },
      { folder, allowJavascript: false, checks: { "always half": () => ({ pass: true, score: 0.5, why: "" }) } },
    );
    const input = { id: "c", variables: {}, expected: undefined };
    const score = await scoreCell(experiment.checks, {
      answer: answerOf({ final: "a" }),
      case: input,
      verdictOf: () => undefined,
    });
    expect(score).toMatchObject({ pass: false, score: (3 * 0.5 + 1 + 0.5) / 5 });
    expect(score.checks.map(({ check: name }) => name)).toEqual([
      "contains",
      "no_truncation",
      "language",
      "json",
      "always half",
    ]);
  });
});
