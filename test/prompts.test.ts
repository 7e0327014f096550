import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import { chatPromptOf, loadPrompt, parsePrompt, promptNames } from "../src/prompts.ts";

const prompt = (matter: string, body = "{{input}}") => parsePrompt(`---\n${matter}\n---\n\n${body}\n`, "p.md");

describe("prompts", () => {
  it.each([...promptNames()])("%s, which ships with the package, is sound", (name) => {
    expect(loadPrompt(name).name).toBe(name);
  });

  it("become a template with system message, history and braces left alone", async () => {
    const template = chatPromptOf(
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
    ["name: t\nvariables: []", "{{input}} is used, but not named in variables"],
    ["name: t\nvariables: [input, more]", "more is named in variables, but not used"],
    ["variables: [input]", "name: "],
    ["name: t\ncolour: red\nvariables: [input]", "colour"],
    ["name: t\nvariables: [input", "line 3: "],
  ])("say what is wrong with them: %j", (matter, message) => {
    expect(() => prompt(matter)).toThrow(message);
    expect(() => prompt(matter)).toThrow("The prompt p.md can't be used: ");
  });

  it("need front matter and a body", () => {
    expect(() => parsePrompt("Hello {{input}}", "p.md")).toThrow("does not begin with front matter");
    expect(() => prompt("name: t", " ")).toThrow("is empty");
  });

  it("are named when one does not exist", () => {
    expect(() => loadPrompt("nothing")).toThrow("There is no prompt nothing.");
  });
});
