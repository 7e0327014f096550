import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { parseYaml } from "../../src/vendor/settings-formats.ts";
import { runCommandLine } from "../support/command-line.ts";
import { finalText, startModelServer } from "../wire/support/model-server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-import-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = () => ({ GPT_OSS_CONFIG: join(folder, "none.yaml"), GPT_OSS_CACHE: join(folder, "cache") });
const experiment = (...words: readonly string[]) =>
  runCommandLine(["experiment", ...words], { environment: environment(), folder });

interface Imported {
  readonly variants: readonly { readonly name: string; readonly prompt: string; readonly system?: string }[];
  readonly variables?: object;
  readonly cases: readonly { readonly id: string; readonly variables: object; readonly checks?: readonly object[] }[];
  readonly checks: readonly object[];
  readonly tools?: readonly object[];
  readonly settings?: object;
  readonly repeats?: number;
}

/** Imports a configuration in a folder with these files, and runs the result. */
async function imported(config: string, files: Readonly<Record<string, string>> = {}) {
  await writeFile(join(folder, "promptfooconfig.yaml"), config);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { status, stderr } = await experiment("import", "promptfooconfig.yaml", "--name", "imported");
  const definition = parseYaml(await readFile(join(folder, "imported.yaml"), "utf8")) as Imported;
  const notConverted = [...stderr.matchAll(/^Not converted: (.*)$/gm)].map(([, place]) => place);
  await using server = await startModelServer({ replies: [finalText('{"why":"ok","pass":true}')] });
  const run = await experiment("run", "imported.yaml", "--base-url", server.baseUrl);
  expect({ status, stderr, run: run.stderr, ran: run.status }).toMatchObject({ status: 0, ran: 0 });
  return { definition, notConverted };
}

/** Ten configurations of the kinds that people have, in our own words. */
describe("a configuration of promptfoo", () => {
  it("1: two prompts on several inputs, without assertions", async () => {
    const { definition, notConverted } = await imported(`
description: Styles of speech
prompts:
  - 'Say it like a {{who}}: {{what}}'
  - 'How would a {{who}} put this? {{what}}'
providers: [openai:gpt-5]
tests:
  - vars: { who: sailor, what: Good morning }
  - vars: { who: judge, what: I am late }
`);
    expect(definition.variants.map(({ name }) => name)).toEqual(["prompt-1", "prompt-2"]);
    expect(definition.cases.map(({ variables }) => variables)).toEqual([
      { who: "sailor", what: "Good morning" },
      { who: "judge", what: "I am late" },
    ]);
    expect(notConverted).toEqual([]);
  });

  it("2: assertions of many types, with a template that is referred to", async () => {
    const { definition, notConverted } = await imported(
      `
prompts: [file://prompts.txt]
providers: [openai:gpt-4.1-mini]
tests:
  - description: exact
    vars: { body: No }
    assert: [{ type: equals, value: Nay }]
  - vars: { body: I am thirsty }
    assert:
      - { type: icontains, value: RUM }
      - { type: not-contains, value: water, weight: 2 }
      - { type: regex, value: '^[A-Z]' }
      - { type: starts-with, value: 'Aye.' }
  - vars: { body: Hello }
    assert:
      - { type: javascript, value: "output.length < 9" }
      - { type: python, value: "len(output) < 9" }
      - { type: similar, value: Ahoy }
      - { type: llm-rubric, value: Sounds like a sailor, threshold: 0.7 }
      - { $ref: '#/assertionTemplates/noise' }
outputPath: out.csv
assertionTemplates:
  noise: { type: contains-any, value: [arr, yo] }
`,
      { "prompts.txt": "Say as a sailor: {{body}}\n---\nTranslate into sailor: {{body}}\n" },
    );
    expect(definition.variants.map(({ name }) => name)).toEqual(["prompts-1", "prompts-2"]);
    expect(definition.cases.map(({ id }) => id)).toEqual(["exact", "case-2", "case-3"]);
    expect(definition.cases.map(({ checks }) => checks)).toEqual([
      [{ type: "equals", value: "Nay" }],
      [
        { type: "contains", value: "RUM", ignore_case: true },
        { type: "contains", value: "water", weight: 2, not: true },
        { type: "regex", pattern: "^[A-Z]", flags: "" },
        { type: "regex", pattern: "^Aye\\." },
      ],
      [
        { type: "judge", criteria: "Sounds like a sailor", rubric: 10, at_least: 0.7 },
        { type: "contains", value: ["arr", "yo"], match: "any" },
      ],
    ]);
    expect(notConverted).toEqual([
      "tests.2.assert.0 (javascript)",
      "tests.2.assert.1 (python)",
      "tests.2.assert.2 (similar)",
    ]);
  });

  it("3: JSON with a schema, and transforms", async () => {
    const { definition, notConverted } = await imported(`
prompts: ['Describe {{item}} as JSON with the key color']
providers: [openai:chat:gpt-3.5-turbo]
tests:
  - vars: { item: Lemon }
    assert:
      - type: is-json
        value: { type: object, required: [color] }
      - { type: contains-json }
  - vars: { item: Plum }
    options: { transform: JSON.parse(output) }
    assert: [{ type: contains-any, transform: output.color, value: [purple] }]
`);
    expect(definition.cases[0]?.checks).toEqual([
      { type: "json", schema: { type: "object", required: ["color"] } },
      { type: "json", fence: true },
    ]);
    expect(notConverted).toEqual(["tests.1.options", "tests.1.assert.0 (contains-any)"]);
  });

  it("4: a chat with a system message, and one with a history that a template makes", async () => {
    const { definition, notConverted } = await imported(
      `
prompts: [file://chat.json, file://history.json]
providers: [openai:gpt-4o]
defaultTest:
  vars: { company: Acme }
tests:
  - vars: { question: When do you open? }
`,
      {
        "chat.json": JSON.stringify([
          { role: "system", content: "You work for {{company}}." },
          { role: "user", content: "{{question}}" },
        ]),
        "history.json": '[{% for m in messages %}{"role": "user"},{% endfor %}]',
      },
    );
    expect(definition.variants).toEqual([
      { name: "chat", prompt: "{{question}}", system: "You work for {{company}}." },
    ]);
    expect(definition.variables).toEqual({ company: "Acme" });
    expect(notConverted).toEqual(["prompts.1"]);
  });

  it("5: default assertions with metrics, and scoring functions", async () => {
    const { definition, notConverted } = await imported(`
prompts: ['Into {{language}}: {{text}}']
providers: [openai:gpt-4o-mini]
defaultTest:
  assertScoringFunction: file://score.js
  assert:
    - { type: llm-rubric, value: '{{text}} is translated correctly', metric: accuracy }
    - { type: llm-rubric, value: The language is fluent, metric: accuracy }
tests:
  - vars: { language: Dutch, text: Good day }
    assertScoringFunction: file://other.py
`);
    expect(definition.checks).toEqual([
      { type: "judge", criteria: "{{text}} is translated correctly", name: "accuracy" },
      { type: "judge", criteria: "The language is fluent", name: "accuracy 2" },
    ]);
    expect(notConverted).toContain("tests.0.assertScoringFunction");
  });

  it("6: tests in a CSV file", async () => {
    const { definition, notConverted } = await imported(
      "prompts: file://p.txt\nproviders: [openai:gpt-4o]\ntests: file://tests.csv\n",
      {
        "p.txt": "Translate {{input}}",
        "tests.csv":
          'input,__expected,__expected2,__description\nHund,dog,,animal\nKatze,contains: cat,"not-contains: dog",\nMaus,grade: is about a mouse,python: len(output),\n',
      },
    );
    expect(definition.cases.map(({ id, variables, checks }) => [id, variables, checks])).toEqual([
      ["animal", { input: "Hund" }, [{ type: "equals", value: "dog" }]],
      [
        "case-2",
        { input: "Katze" },
        [
          { type: "contains", value: "cat" },
          { type: "contains", value: "dog", not: true },
        ],
      ],
      ["case-3", { input: "Maus" }, [{ type: "judge", criteria: "is about a mouse" }]],
    ]);
    expect(notConverted).toEqual(["tests.2.assert.1 (python)"]);
  });

  it("7: a support bot that is graded on every answer", async () => {
    const { definition } = await imported(`
prompts: ['You help {{name}}. {{question}}']
providers: [openai:chat:gpt-4.1]
evaluateOptions: { repeat: 2, maxConcurrency: 4 }
defaultTest:
  assert:
    - { type: llm-rubric, value: Does not say that it is an AI }
    - { type: latency, threshold: 5000 }
tests:
  - vars: { name: Ann, question: [How do I pay?, Where is my order?] }
  - vars: { name: Ben, question: How do I pay? }
`);
    expect(definition).toMatchObject({ repeats: 2, checks: [{ type: "judge" }, { type: "latency", limit: 5000 }] });
    expect(definition.cases.map(({ variables }) => variables)).toEqual([
      { name: "Ann", question: "How do I pay?" },
      { name: "Ann", question: "Where is my order?" },
      { name: "Ben", question: "How do I pay?" },
    ]);
  });

  it("8: tools of a provider", async () => {
    const { definition, notConverted } = await imported(`
prompts: ['Weather in {{city}}?']
providers:
  - id: openai:chat:gpt-4.1-mini
    config:
      tools:
        - type: function
          function:
            name: weather
            description: Looks it up
            parameters: { type: object, properties: { place: { type: string } } }
        - { type: web_search }
tests:
  - vars: { city: Oslo }
    assert: [{ type: is-valid-openai-tools-call }, { type: tool-call-f1, value: [weather] }]
`);
    expect(definition.tools).toMatchObject([{ name: "weather", description: "Looks it up" }]);
    expect(definition.cases[0]?.checks).toEqual([{ type: "no_invalid_calls" }]);
    expect(notConverted).toEqual(["providers.0.config.tools.1", "tests.0.assert.1 (tool-call-f1)"]);
  });

  it("9: several models with settings, and labels of prompts", async () => {
    const { definition, notConverted } = await imported(
      `
prompts:
  - { id: file://short.txt, label: short }
  - { raw: 'At length: {{input}}', label: long }
  - file://program.py
providers:
  - { id: ollama:llama3, label: Small }
  - { id: ollama:llama4, config: { temperature: 0.7, max_tokens: 100 } }
scenarios: []
tests: [{ vars: { input: Where is the library? } }]
`,
      { "short.txt": "Briefly: {{input}}" },
    );
    expect(definition.variants).toEqual([
      { name: "short", prompt: "Briefly: {{input}}" },
      { name: "long", prompt: "At length: {{input}}" },
    ]);
    expect(definition.settings).toEqual({ temperature: 0.7, max_tokens: 100 });
    expect(new Set(notConverted)).toEqual(new Set(["prompts.2 (program.py)", "scenarios"]));
  });

  it("10: a prompt and nothing else", async () => {
    const { definition } = await imported("prompts: [What is the capital of Norway?]\nproviders: [openai:gpt-4o]\n");
    expect(definition.cases).toEqual([{ id: "case-1", variables: {} }]);
    expect(definition.checks).toEqual([{ type: "no_truncation" }]);
  });

  it("11: functions in a file, a tool with an input schema, and settings that have no counterpart", async () => {
    const { definition, notConverted } = await imported(
      `
prompts: ['Weather in {{city}}?']
providers:
  - id: openai:chat:gpt-4.1-mini
    config: { functions: file://missing.yaml, response_format: { type: json_object }, apiKey: x }
  - id: openai:chat:gpt-4.1-mini
    config: { functions: file://functions.yaml }
  - id: anthropic:claude
    config: { tools: [{ name: other }] }
tests:
  - vars: { city: Oslo }
    assert: [{ type: is-valid-openai-function-call }]
`,
      {
        "functions.yaml":
          "- { name: weather, parameters: { type: object } }\n- { name: sky, input_schema: { type: object } }\n",
      },
    );
    expect(definition.tools).toEqual([
      { name: "weather", description: "", parameters: { type: "object" } },
      { name: "sky", description: "", parameters: { type: "object" } },
    ]);
    expect(definition.cases[0]?.checks).toEqual([{ type: "no_invalid_calls" }]);
    expect(notConverted).toEqual([
      "providers.0.config.response_format",
      "providers.0.config.functions (file://missing.yaml)",
    ]);
  });

  it("has tags of its template language listed, which stay as they are", async () => {
    const { notConverted } = await imported(
      "prompts: ['{% if x %}{{ x | upper }}{% endif %} {{y}}']\nproviders: [a]\ntests: [{ vars: { y: 1 } }]\n",
    );
    expect(notConverted).toEqual(["prompts.0 ({% if x %})", "prompts.0 ({{ x | upper }})", "prompts.0 ({% endif %})"]);
  });

  it("is written, and said to be incomplete, if a prompt needs a variable that no test has", async () => {
    await writeFile(
      join(folder, "promptfooconfig.yaml"),
      "prompts: ['{{a}}']\nproviders: [x]\ntests: [{ vars: {} }]\n",
    );
    const { status, stderr } = await experiment("import", "promptfooconfig.yaml", "--name", "x");
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(/incomplete.*a/) });
  });

  it.each(["prompts: [", "tests: []", "- a", ""])("is refused if it is none: %j", async (text) => {
    await writeFile(join(folder, "promptfooconfig.yaml"), text);
    expect(await experiment("import", "promptfooconfig.yaml", "--name", "x")).toMatchObject({ status: 2 });
  });

  it("overwrites nothing, and can't leave its folder", async () => {
    await writeFile(join(folder, "promptfooconfig.yaml"), "prompts: [Hi]\nproviders: [x]\n");
    await writeFile(join(folder, "x.yaml"), "mine");
    expect(await experiment("import", "promptfooconfig.yaml", "--name", "x")).toMatchObject({ status: 2 });
    expect(await readFile(join(folder, "x.yaml"), "utf8")).toBe("mine");
    expect(await experiment("import", "promptfooconfig.yaml", "--name", "../x")).toMatchObject({ status: 2 });
  });
});
