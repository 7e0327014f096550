import { describe, expect, it } from "@jest/globals";
import { Attempt } from "../../src/model/attempt.ts";
import { ServerKnowledge, UNKNOWN_SERVER } from "../../src/model/server-traits.ts";
import type { WireDelta } from "../../src/model/wire.ts";

function counted(deltas: readonly WireDelta[], total: number) {
  const knowledge = new ServerKnowledge(UNKNOWN_SERVER);
  const attempt = new Attempt({ knowledge, tools: ["add"], stopRepetition: false });
  for (const delta of deltas) attempt.read({ choices: [{ delta }] });
  attempt.read({ usage: { prompt_tokens: 1, completion_tokens: total, total_tokens: total + 1 } });
  attempt.end();
  return attempt.tokens;
}

const raw = (...tokens: string[]) => tokens.map((content): WireDelta => ({ content }));
const THINKING = raw("<|channel|>", "analysis", "<|message|>", "We", " add", ".", "<|end|>");

describe("tokens by channel", () => {
  it("are exact on a raw server, which sends a piece a token", () => {
    const answer = raw("<|start|>", "assistant", "<|channel|>", "final", "<|message|>", "It", " is", " 4", ".");
    // and <|return|>, which it does not send
    expect(counted([...THINKING, ...answer], 17)).toEqual({ reasoning: 3, text: 4, other: 0, isExact: true });
  });

  it("count what is held back since it could become a control token", () => {
    const answer = raw("<|channel|>", "final", "<|message|>", "1", " <", " 2");
    expect(counted(answer, 7)).toEqual({ reasoning: 0, text: 3, other: 0, isExact: true });
  });

  it("count what is held back since it could become a call, at the end too", () => {
    const answer = raw("<|channel|>", "final", "<|message|>", '{"', "a", '":', "1", "}");
    expect(counted(answer, 9)).toEqual({ reasoning: 0, text: 5, other: 0, isExact: true });
  });

  it("count preambles and calls apart", () => {
    const call = raw(
      "<|start|>",
      "assistant",
      " to",
      "=functions",
      ".add",
      "<|channel|>",
      "commentary",
      "<|message|>",
      '{"a"',
      ":1}",
    );
    expect(counted([...THINKING, ...call], 18)).toEqual({ reasoning: 3, text: 0, other: 2, isExact: true });
  });

  it("are exact on a server that splits the channels, and sends nothing of the format", () => {
    const deltas: WireDelta[] = [{ reasoning_content: "We" }, { reasoning_content: " add" }, { content: "4" }];
    expect(counted(deltas, 13)).toEqual({ reasoning: 2, text: 1, other: 0, isExact: true });
    expect(counted([{ content: "4" }], 5)).toEqual({ reasoning: 0, text: 1, other: 0, isExact: true });
  });

  it("are an estimate where several tokens came in one piece", () => {
    const answer = raw("<|channel|>", "final", "<|message|>", "👨‍👩‍👧");
    expect(counted(answer, 9)).toEqual({ reasoning: 0, text: 1, other: 0, isExact: false });
  });
});
