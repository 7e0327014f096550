import { describe, expect, it } from "@jest/globals";
import { approximateTokens, countTokens } from "../../src/model/token-count.ts";
import { deadAddress } from "../support/chat-server.ts";
import { modelFor } from "../support/chat-model.ts";

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
