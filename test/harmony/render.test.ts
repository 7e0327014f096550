import { describe, expect, it } from "@jest/globals";
import { array, assert, constantFrom, property, record, string } from "fast-check";
import { type HistoryMessage, parseHarmony, renderHarmony, type RenderOptions } from "../../src/harmony/index.ts";

const SYSTEM_END = "Channel must be included for every message.<|end|>";

/** The prompt behind the system message. */
function bodyOf(messages: readonly HistoryMessage[], options?: RenderOptions): string {
  const prompt = renderHarmony(messages, options);
  return prompt.slice(prompt.indexOf(SYSTEM_END) + SYSTEM_END.length);
}

const said = (role: string, content: string): HistoryMessage => ({ role, content });
const spoken = (channel: string, content: string): HistoryMessage => ({ role: "assistant", channel, content });
const call: HistoryMessage = {
  ...spoken("commentary", '{"city":"Tokyo"}'),
  recipient: "functions.get_weather",
  contentType: "json",
};
const CALL = '<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{"city":"Tokyo"}<|call|>';
const THINKING = "<|start|>assistant<|channel|>analysis<|message|>hm<|end|>";

describe("renderHarmony", () => {
  it("writes the whole of a prompt", () => {
    expect(
      renderHarmony([said("system", "Be brief."), said("user", "Hi")], {
        currentDate: "2026-01-31",
        reasoningEffort: "low",
        tools: [{ name: "now", description: "The time" }],
      }),
    ).toBe(
      "<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\nKnowledge cutoff: 2024-06\n" +
        "Current date: 2026-01-31\n\nReasoning: low\n\n# Valid channels: analysis, commentary, final. " +
        "Channel must be included for every message.\nCalls to these tools must go to the commentary channel: 'functions'.<|end|>" +
        "<|start|>developer<|message|># Instructions\n\nBe brief.\n\n# Tools\n\n## functions\n\nnamespace functions {\n\n" +
        "// The time\ntype now = () => any;\n\n} // namespace functions<|end|>" +
        "<|start|>user<|message|>Hi<|end|><|start|>assistant",
    );
  });

  it("names no date unless it is given one", () => {
    expect(renderHarmony([])).not.toContain("Current date");
  });

  it("drops thinking that an answer has followed", () => {
    expect(bodyOf([said("user", "Hi"), spoken("analysis", "hm"), spoken("final", "Hello"), said("user", "Bye")])).toBe(
      "<|start|>user<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hello<|end|>" +
        "<|start|>user<|message|>Bye<|end|><|start|>assistant",
    );
  });

  it("keeps thinking in an open tool loop, and gives a result the name of its call", () => {
    expect(bodyOf([spoken("analysis", "hm"), call, said("tool", "晴れ\n")])).toBe(
      `${THINKING}${CALL}<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>"晴れ\\n"<|end|><|start|>assistant`,
    );
  });

  it("drops the thinking of a loop that an answer has closed", () => {
    const messages = [
      spoken("analysis", "hm"),
      call,
      said("tool", "晴れ"),
      spoken("analysis", "hm"),
      spoken("final", "Yes"),
    ];
    expect(bodyOf(messages)).not.toContain("analysis");
    expect(bodyOf(messages)).toContain(CALL);
  });

  it("keeps a preamble, which is not an answer", () => {
    expect(bodyOf([spoken("analysis", "hm"), spoken("commentary", "Let me look."), call])).toBe(
      `${THINKING}<|start|>assistant<|channel|>commentary<|message|>Let me look.<|end|>${CALL}<|start|>assistant`,
    );
  });

  it("writes names and later instructions", () => {
    expect(bodyOf([{ ...said("user", "Hi"), name: "ann" }, said("system", "Be brief.")])).toBe(
      "<|start|>user:ann<|message|>Hi<|end|><|start|>developer<|message|># Instructions\n\nBe brief.\n\n<|end|><|start|>assistant",
    );
  });

  it("ends in an answer to be resumed, or in none", () => {
    expect(bodyOf([], { resumeFrom: { channel: "final", text: "Hel" } })).toBe(
      "<|start|>assistant<|channel|>final<|message|>Hel",
    );
    expect(bodyOf([], { addGenerationPrompt: false })).toBe("");
  });

  it("is read back by the parser", () => {
    const content = string().filter((text) => !text.includes("<|"));
    const message = record({ role: constantFrom("assistant"), channel: constantFrom("commentary", "final"), content });
    assert(
      property(array(message, { minLength: 1 }), (messages) => {
        const text = bodyOf(messages, { addGenerationPrompt: false });
        expect(parseHarmony(text, { promptEndsWith: "" })).toEqual(messages.map((each) => ({ ...each, ended: true })));
      }),
    );
  });
});
