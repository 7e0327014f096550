import { describe, expect, it } from "@jest/globals";
import { Attempt } from "../../src/inference/attempt.ts";
import { KnownServer, UNKNOWN_SERVER } from "../../src/inference/capabilities.ts";
import { approximateTokens, countTokens } from "../../src/inference/token-count.ts";
import type { WireDelta } from "../../src/inference/wire.ts";
import { modelFor } from "../support/chat-model.ts";
import { deadAddress } from "../support/chat-server.ts";

function counted(deltas: readonly WireDelta[], total: number) {
  const knownServer = new KnownServer(UNKNOWN_SERVER);
  const attempt = new Attempt({ knownServer, tools: ["add"], stopRepetition: false });
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

describe("counting tokens", () => {
  it("estimates rather too many, in Japanese as in English", () => {
    // 10 and 11 tokens of o200k_harmony
    expect(approximateTokens("The quick brown fox jumps over the lazy dog.")).toBe(14);
    expect(approximateTokens("私の名前はケンです。よろしく")).toBe(14);
    expect(approximateTokens("")).toBe(0);
  });

  it("asks nobody for a server that can't count, and estimates when one does not answer", async () => {
    const baseUrl = await deadAddress();
    expect(await modelFor({ baseUrl }).getNumTokens("Hello")).toBe(2);
    expect(await countTokens("Hello", baseUrl, undefined)).toBe(2);
    // LangChain's own way takes a minute and a half to find out, and runs into the limit
  }, 30_000);
});
