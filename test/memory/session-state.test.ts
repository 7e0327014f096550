import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import { type NewSessionEvent, stamped, storedFrom } from "../../src/memory/session-event.ts";
import { SessionState, titleFrom } from "../../src/memory/session-state.ts";

const question = (seq: number, text: string): NewSessionEvent => ({
  type: "message",
  seq,
  message: storedFrom(new HumanMessage(text)),
});
const answer = (seq: number, text: string): NewSessionEvent => ({
  type: "message",
  seq,
  message: storedFrom(new AIMessage(text)),
});
const stateOf = (...events: NewSessionEvent[]) =>
  SessionState.of(events.map((event) => stamped(event, new Date("2026-11-26T02:00:00Z"))));
const textsOf = (state: SessionState) => state.messages.map(({ message }) => message.text);

describe("SessionState", () => {
  const turns = [question(1, "a"), answer(2, "A"), question(3, "b"), answer(4, "B")];

  it("takes back what is undone, and never uses a number twice", () => {
    const state = stateOf(...turns, { type: "undone", seq: 3 });
    expect(textsOf(state)).toEqual(["a", "A"]);
    expect(state.lastSeq).toBe(4);
    expect(textsOf(stateOf(...turns, { type: "undone", seq: 3 }, question(5, "c")))).toEqual(["a", "A", "c"]);
  });

  it("changes what is edited, and marks what was cut short", () => {
    const state = stateOf(...turns, { type: "edited", seq: 1, content: "new" }, { type: "interrupted", seq: 4 });
    expect(textsOf(state)).toEqual(["new", "A", "b", "B"]);
    expect(state.messages.map(({ interrupted }) => interrupted)).toEqual([false, false, false, true]);
  });

  it("falls back on the summary before when messages that one covers are undone", () => {
    const summary = (seq: number, text: string): NewSessionEvent => ({ type: "summary", seq, text });
    const events = [...turns.slice(0, 2), summary(2, "one"), ...turns.slice(2), summary(4, "two")];
    expect(stateOf(...events).summary).toEqual({ seq: 4, text: "two" });
    expect(stateOf(...events, { type: "undone", seq: 3 }).summary).toEqual({ seq: 2, text: "one" });
    expect(stateOf(...events, { type: "undone", seq: 1 }).summary).toBeUndefined();
  });

  it("takes its title from the first question, or as it is set", () => {
    expect(stateOf(...turns).title).toBe("a");
    expect(stateOf(...turns, { type: "renamed", title: "天気" }).title).toBe("天気");
    expect(titleFrom("\n  two\n lines")).toBe("two");
    expect(titleFrom("  ")).toBeUndefined();
    expect(titleFrom("𠮷".repeat(100))).toBe(`${"𠮷".repeat(59)}…`);
  });

  it("keeps calls, results and thinking", () => {
    const call = new AIMessage({
      content: "",
      tool_calls: [{ id: "1", name: "get_weather", args: { city: "Osaka" } }],
      additional_kwargs: { reasoning_content: "Call it." },
    });
    const result = new ToolMessage({ content: "sunny", tool_call_id: "1", name: "get_weather" });
    const state = stateOf(
      question(1, "Weather?"),
      { type: "message", seq: 2, message: storedFrom(call) },
      { type: "message", seq: 3, message: storedFrom(result) },
    );
    const [, kept, keptResult] = JSON.parse(
      JSON.stringify(state.messages.map(({ message }) => message.toDict().data)),
    ) as [unknown, Record<string, unknown>, Record<string, unknown>];
    expect(kept).toMatchObject({ tool_calls: call.tool_calls, additional_kwargs: { reasoning_content: "Call it." } });
    expect(keptResult).toMatchObject({ content: "sunny", tool_call_id: "1", name: "get_weather" });
  });
});
