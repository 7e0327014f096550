import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { packageFile } from "../../src/platform/folders.ts";
import { createChatPrompt, loadPrompt, parsePrompt, promptNames } from "../../src/prompts/prompts.ts";
import { fillTemplate, templateVariables } from "../../src/prompts/template.ts";

const prompt = (matter: string, body = "{{input}}") => parsePrompt(`---\n${matter}\n---\n\n${body}\n`, "p.md");

describe("prompts", () => {
  it.each([...promptNames()])("%s, which ships with the package, is sound", (name) => {
    expect(loadPrompt(name).name).toBe(name);
  });

  it("are the Markdown files of prompts/", async () => {
    const files = (await readdir(packageFile("prompts"))).filter((file) => file.endsWith(".md"));
    expect(new Set(promptNames())).toEqual(new Set(files.map((file) => file.replace(/\.md$/, ""))));
    const text = await readFile(packageFile("prompts/chat.md"), "utf8");
    expect(loadPrompt("chat")).toEqual(parsePrompt(text, "prompts/chat.md"));
  });

  it("are read from a file of the user's when they are loaded, each time", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gpt-oss-prompts-"));
    const path = join(folder, "mine.md");
    try {
      for (const name of ["one", "two"]) {
        await writeFile(path, `---\nname: ${name}\nvariables: [input]\n---\n{{input}}`);
        expect(loadPrompt(path)).toMatchObject({ name, path });
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("become a template with system message, history and braces left alone", async () => {
    const template = createChatPrompt(
      prompt("name: t\nsystem: Speak {{language}}.\nvariables: [language, input]", 'Say {{input}} as {"json": {}}'),
    );
    const messages = await template.formatMessages({
      language: "日本語",
      input: "<b> & 'x'",
      history: [new HumanMessage("Hi"), new AIMessage("Yo")],
    });
    expect(messages.map((message) => [message.type, message.text])).toEqual([
      ["system", "Speak 日本語."],
      ["human", "Hi"],
      ["ai", "Yo"],
      ["human", `Say <b> & 'x' as {"json": {}}`],
    ]);
  });

  it.each([
    ["name: t\nvariables: []", "line 6: {{input}}"],
    ["name: t\nsystem: |\n  Be brief.\n  {{ imput }}\nvariables: [input]", "line 5: {{imput}}"],
    ["name: t\nvariables: [input, more]", "more"],
    ["name: t\nvariables: [my-var]", "variables.0"],
    ["name: t\nvariables: [history]", "history"],
    ["variables: [input]", "name: "],
    ["name: t\ncolour: red\nvariables: [input]", "colour"],
    ["name: t\nvariables: [input", "line 3: "],
  ])("say what is wrong with them: %j", (matter, message) => {
    expect(() => prompt(matter)).toThrow(message);
    expect(() => prompt(matter)).toThrow("The prompt p.md can't be used: ");
  });

  it.each([
    '<div style={{color: "red"}}> {{user.name}} {{ my-var }} {{! note}}',
    "{{#question}}…{{/question}} {{^q}}{{/q}} {{> file}} {{& input}} {{=<% %>=}}",
    "{ } {{ }} {{}} {{{ }}} }}{{ {{1}} {{ two words }} { {input} }",
    "C:\\dir\\{x} \\{{color: red}} $& $1 \\",
  ])("keep every brace that is not a placeholder: %s", async (literal) => {
    const template = createChatPrompt(prompt("name: t\nvariables: [input]", `${literal} {{input}}`));
    const [message] = await template.formatMessages({ input: "<b> {{input}} & {x}" });
    expect(message?.text).toBe(`${literal} <b> {{input}} & {x}`);
  });

  it("have names of any script, spaces inside the braces, and a backslash for literal braces", async () => {
    const text = "{{名前}} {{ か\u3099_2 }} {{{名前}}} \\{{名前}} \\\\{{名前}} \\{{unknown}}";
    const template = createChatPrompt(prompt("name: t\nvariables: [名前, が_2]", text));
    const [message] = await template.formatMessages({ 名前: "花子", が_2: "2" });
    expect(message?.text).toBe("花子 2 {花子} {{名前}} \\花子 {{unknown}}");
  });

  it("are validated by the grammar that renders them, whatever their text", async () => {
    const piece = fc.oneof(
      fc.constantFrom("{", "}", "{{", "}}", "\\", "#", "/", "^", "!", ">", "&", "=", ".", " ", "\n", "input", "名前"),
      fc.string({ maxLength: 6, unit: "grapheme" }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const body = pieces.join("").normalize("NFC");
        const variables = templateVariables(body);
        const made = { name: "t", system: undefined, variables, notes: undefined, body, path: "p.md" };
        const template = createChatPrompt(made);
        expect(template.inputVariables.filter((name) => name !== "history").toSorted()).toEqual(variables.toSorted());
        const values = Object.fromEntries(variables.map((name) => [name, `<${name}>`]));
        const [message] = await template.formatMessages(values);
        expect(message?.text).toBe(fillTemplate(body, values));
        expect(body.includes("{{") || message?.text === body).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("may begin with a byte order mark", () => {
    expect(parsePrompt("\uFEFF---\r\nname: 1.10\r\n---\r\nHello", "p.md")).toMatchObject({
      name: "1.10",
      body: "Hello",
    });
  });

  it("need front matter and a body", () => {
    expect(() => parsePrompt("Hello {{input}}", "p.md")).toThrow("does not start with front matter");
    expect(() => prompt("name: t", " ")).toThrow("is empty");
  });

  it("are named when one does not exist", () => {
    for (const name of ["nothing", "../README", "constructor"])
      expect(() => loadPrompt(name)).toThrow(`Unknown prompt: ${name}.`);
  });
});
