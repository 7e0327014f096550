import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
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
import { mostTokensOf, turnStarts } from "../../src/memory/turns.ts";
import { KEPT_SHARE, planCut } from "../../src/memory/window.ts";

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
