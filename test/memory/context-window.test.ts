import { describe, expect, it } from "@jest/globals";
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import {
  array,
  assert as check,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  pre,
  property,
  string,
} from "fast-check";
import {
  mostTokensOf,
  turnStarts,
  KEPT_SHARE,
  planCut,
  SHORT_RESULT_BYTES,
  shortenResults,
  withShortResults,
} from "../../src/memory/context-window.ts";

const sizes = array(integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 });
const fixed = integer({ min: 0, max: 300 });
const budgets = integer({ min: 100, max: 3_000 });
const measureOf = (turns: readonly number[], around: number) => (dropped: number) =>
  Promise.resolve(around + turns.slice(dropped).reduce((sum, size) => sum + size, 0));

describe("planCut", () => {
  it("never leaves more than the budget, unless what is always sent is more", async () => {
    await check(
      asyncProperty(sizes, fixed, budgets, async (turns, around, budget) => {
        const measure = measureOf(turns, around);
        const dropped = await planCut({ turns: turns.length, budget, measure });
        expect(await measure(dropped)).toBeLessThanOrEqual(Math.max(budget, around));
      }),
    );
  });

  it("drops no more turns than leave a third of the budget, where turns that are smaller than the rest allow it", async () => {
    await check(
      asyncProperty(sizes, fixed, budgets, async (turns, around, budget) => {
        const measure = measureOf(turns, around);
        const dropped = await planCut({ turns: turns.length, budget, measure });
        const largest = Math.max(...turns);
        pre((await measure(0)) > budget && largest < budget * (1 - KEPT_SHARE));
        expect(await measure(dropped)).toBeGreaterThanOrEqual(budget * KEPT_SHARE);
        // and far: one turn more would be too many
        const next = dropped + 1 < turns.length ? await measure(dropped + 1) : 0;
        expect(next).toBeLessThan(budget * KEPT_SHARE);
      }),
    );
  });

  it("leaves the reserve free", async () => {
    const measure = measureOf([50, 50, 50, 880], 0);
    expect(await planCut({ turns: 4, budget: 1_000, measure })).toBe(3);
    expect(await planCut({ turns: 4, budget: 1_000, reserve: 200, measure })).toBe(4);
  });

  it("asks for few sizes", async () => {
    let asked = 0;
    const measure = measureOf(
      Array.from({ length: 1_000 }, () => 10),
      50,
    );
    await planCut({ turns: 1_000, budget: 3_000, measure: (dropped) => (asked++, measure(dropped)) });
    expect(asked).toBeLessThanOrEqual(20);
  });
});

describe("turnStarts", () => {
  const turn = constantFrom<readonly BaseMessage[]>(
    [new HumanMessage("q"), new AIMessage("a")],
    [new HumanMessage("q")],
    [
      new HumanMessage("q"),
      new AIMessage({ content: "", tool_calls: [{ id: "1", name: "f", args: {} }] }),
      new ToolMessage({ content: "r", tool_call_id: "1" }),
      new AIMessage({ content: "", tool_calls: [{ id: "2", name: "f", args: {} }] }),
      new ToolMessage({ content: "r", tool_call_id: "2" }),
      new AIMessage("a"),
    ],
  );

  it("never parts a call from its result", () => {
    check(
      property(array(turn, { maxLength: 20 }), boolean(), (turns, pinned) => {
        const messages = [...(pinned ? [new SystemMessage("s")] : []), ...turns.flat()];
        for (const start of turnStarts(messages)) {
          const [kept, dropped] = [messages.slice(start), messages.slice(0, start)];
          const callsOf = (some: readonly BaseMessage[]) =>
            some.flatMap((message) =>
              AIMessage.isInstance(message) ? (message.tool_calls ?? []).map(({ id }) => id) : [],
            );
          const resultsOf = (some: readonly BaseMessage[]) =>
            some.flatMap((message) => (ToolMessage.isInstance(message) ? [message.tool_call_id] : []));
          expect(resultsOf(kept)).toEqual(callsOf(kept));
          expect(resultsOf(dropped)).toEqual(callsOf(dropped));
        }
      }),
    );
  });

  it("begins a turn at whatever comes first", () => {
    expect(turnStarts([])).toEqual([]);
    expect(turnStarts([new AIMessage("a"), new HumanMessage("q"), new AIMessage("a")])).toEqual([0, 1]);
  });
});

describe("mostTokensOf", () => {
  it("is never less than the bytes of the text", () => {
    check(
      property(string({ unit: "binary" }), (text) => {
        expect(mostTokensOf([new HumanMessage(text)])).toBeGreaterThan(Buffer.byteLength(text));
      }),
    );
  });
});

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

  it("gives up when the rest is still too much, or without a result", async () => {
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
