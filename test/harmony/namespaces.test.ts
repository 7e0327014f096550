import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import {
  BROWSER_NAMESPACE,
  type HarmonyNamespace,
  type HistoryMessage,
  parseHarmony,
  PYTHON_NAMESPACE,
  renderHarmony,
} from "../../src/harmony/index.ts";

const weather = {
  name: "lookup_weather",
  description:
    "Use this tool to lookup the weather in a given location. Call it with the parameter 'location', can be any textual description of a location.",
  parameters: { type: "object", properties: { location: { type: "string" } }, required: ["location"] },
};

/** The prompts of openai/harmony's test-data (at ec7606d), as SHA-256 of their text without a final line break. */
const REFERENCES = [
  {
    file: "test_browser_tool_only.txt",
    options: { namespaces: [BROWSER_NAMESPACE] },
    sha256: "7269842a4d35e7da7dc18d00591b7b0c0bc92bde11be3a643043a6b82d080e42",
  },
  {
    file: "test_browser_and_python_tool.txt",
    options: { namespaces: [BROWSER_NAMESPACE, PYTHON_NAMESPACE] },
    sha256: "38385742ec88222af208465afff5b02b75bf6964a42d77b213c3bd854f523ef4",
  },
  {
    file: "test_browser_and_function_tool.txt",
    options: { namespaces: [BROWSER_NAMESPACE], tools: [weather] },
    sha256: "fc637e64778fe0ddaa0c12904d549467ddf08c50082d7112235b3f62800d9643",
  },
];

const container: HarmonyNamespace = {
  name: "container",
  description: "Container tools.",
  functions: [
    {
      name: "exec",
      description: "Runs a command.\nIts output is returned.",
      parameters: {
        type: "object",
        properties: { command: { type: "array", items: { type: "string" }, description: "For execvp." } },
        required: ["command"],
      },
    },
    { name: "reset" },
  ],
};

/** The messages behind the system message. */
function historyOf(messages: readonly HistoryMessage[], namespaces: readonly HarmonyNamespace[]): string {
  const prompt = renderHarmony(messages, { namespaces, addGenerationPrompt: false });
  return prompt.slice(prompt.indexOf("<|end|>") + "<|end|>".length);
}

describe("renderHarmony with namespaces", () => {
  it.each(REFERENCES)("writes the prompt of $file", ({ options, sha256 }) => {
    const prompt = renderHarmony([], { currentDate: "2025-06-28", ...options });
    expect(createHash("sha256").update(prompt).digest("hex")).toBe(sha256);
  });

  it("declares any namespace with functions", () => {
    expect(renderHarmony([], { namespaces: [container] })).toContain(
      "# Tools\n\n## container\n\n// Container tools.\nnamespace container {\n\n" +
        "// Runs a command.\n// Its output is returned.\ntype exec = (_: {\n// For execvp.\ncommand: string[],\n}) => any;\n\n" +
        "type reset = () => any;\n\n} // namespace container\n\n# Valid channels",
    );
  });

  it("writes a call that the parser has read, and its result under the tool's own name", () => {
    const messages = parseHarmony(
      "<|channel|>analysis<|message|>sum<|end|><|start|>assistant<|channel|>analysis to=python code<|message|>1 + 1<|call|>",
    );
    expect(historyOf([...messages, { role: "tool", content: '"2"\n' }], [PYTHON_NAMESPACE])).toBe(
      "<|start|>assistant<|channel|>analysis<|message|>sum<|end|>" +
        "<|start|>assistant to=python<|channel|>analysis code<|message|>1 + 1<|call|>" +
        '<|start|>python to=assistant<|channel|>analysis<|message|>"2"\n<|end|>',
    );
  });

  it("writes a result on the channel of its call", () => {
    const call = { role: "assistant", channel: "commentary", recipient: "container.exec", content: "{}" };
    expect(historyOf([call, { role: "tool", content: "done" }], [container])).toBe(
      "<|start|>assistant to=container.exec<|channel|>commentary<|message|>{}<|call|>" +
        "<|start|>container.exec to=assistant<|channel|>commentary<|message|>done<|end|>",
    );
  });

  it("takes a name that only begins like a namespace for a function", () => {
    const call = { role: "assistant", recipient: "functions.container", content: "{}" };
    expect(historyOf([call, { role: "tool", content: "done" }], [container, PYTHON_NAMESPACE])).toBe(
      "<|start|>assistant to=functions.container<|channel|>commentary json<|message|>{}<|call|>" +
        '<|start|>functions.container to=assistant<|channel|>commentary<|message|>"done"<|end|>',
    );
  });
});
