import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import { SHORT_RESULT_BYTES, shortenResults, withShortResults } from "../../src/memory/shorten-results.ts";

const bytesOf = (messages: readonly BaseMessage[]) =>
  messages.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
const within = (bytes: number) => (messages: readonly BaseMessage[]) => Promise.resolve(bytesOf(messages) <= bytes);

function turnWith(...results: string[]): BaseMessage[] {
  const calls = results.flatMap((content, index) => [
    new AIMessage({ content: "", tool_calls: [{ id: `${index}`, name: "read", args: {} }] }),
    new ToolMessage({ content, tool_call_id: `${index}`, name: "read" }),
  ]);
  return [new HumanMessage("Read."), ...calls];
}
const resultsOf = (messages: readonly BaseMessage[] | undefined) =>
  (messages ?? []).filter((message) => ToolMessage.isInstance(message)).map(({ text }) => text);

const LONG = "あ".repeat(2_000);

describe("shortenResults", () => {
  it("shortens the oldest results, as few as have to be, and says so in them", async () => {
    const [first, second, third] = resultsOf(await shortenResults(turnWith(LONG, LONG, LONG), within(14_000)));
    expect([second, third]).toEqual([LONG, LONG]);
    expect(first).toMatch(/^あ{341}\n\[cut: 1023 of 6000 bytes are still shown, since the context is full\]$/);
  });

  it("leaves the last result as long as it can be", async () => {
    const [first, last] = resultsOf(await shortenResults(turnWith(LONG, LONG), within(5_000)));
    expect(first?.length).toBeLessThan(450);
    const shown = Buffer.byteLength(last ?? "");
    expect(shown).toBeGreaterThan(3_400);
    expect(shown).toBeLessThan(4_000);
  });

  it("keeps a call together with its result, and short results and everything else as they are", async () => {
    const turn = turnWith(LONG, "short", LONG);
    const sent = await shortenResults(turn, within(8_500));
    expect(sent?.map(({ type }) => type)).toEqual(turn.map(({ type }) => type));
    expect(resultsOf(sent)[1]).toBe("short");
    expect(sent?.filter((message) => ToolMessage.isInstance(message)).map(({ tool_call_id: id }) => id)).toEqual([
      "0",
      "1",
      "2",
    ]);
  });

  it("gives up when what is left is still too much, or when there is no result", async () => {
    expect(await shortenResults(turnWith(LONG, LONG), within(1_500))).toBeUndefined();
    expect(await shortenResults([new HumanMessage(LONG)], within(100))).toBeUndefined();
  });
});

describe("withShortResults", () => {
  it("shows every result by its beginning", () => {
    for (const text of resultsOf(withShortResults(turnWith(LONG, "short", LONG)))) {
      expect(Buffer.byteLength(text)).toBeLessThan(SHORT_RESULT_BYTES + 100);
    }
  });
});
