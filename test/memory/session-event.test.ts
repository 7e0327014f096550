import { describe, expect, it } from "@jest/globals";
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { localize } from "../../src/i18n/error-messages.ts";
import {
  describeDamage,
  readSession,
  SessionState,
  type NewSessionEvent,
  stamped,
  storedFrom,
  titleFrom,
} from "../../src/memory/session-event.ts";

const AT = "2026-11-26T02:00:00.000Z";
const line = (event: object) => JSON.stringify({ v: 1, at: AT, ...event });
const message = (seq: number, content: string) =>
  line({ type: "message", seq, message: { type: seq % 2 === 1 ? "human" : "ai", data: { content } } });
const STARTED = line({ type: "started", id: "s", model: "demo", prompt: "chat", settings: { effort: "low" } });
const LINES = [STARTED, message(1, "Hello"), message(2, "天気は晴れ"), message(3, "And?"), message(4, "So.")];
const whole = (lines: readonly string[]) => `${lines.join("\n")}\n`;

const textsOf = (text: string) => SessionState.of(readSession(text).events).messages.map((kept) => kept.message.text);
const damageOf = (text: string) => readSession(text).damage.map(({ line: at, what }) => `${at} ${what}`);
const without = (index: number) => ["Hello", "天気は晴れ", "And?", "So."].toSpliced(index, 1);

describe("readSession", () => {
  it("reads an undamaged session", () => {
    expect(textsOf(whole(LINES))).toEqual(["Hello", "天気は晴れ", "And?", "So."]);
    expect(damageOf(whole(LINES))).toEqual([]);
  });

  it("knows a last line that was cut", () => {
    const text = whole(LINES).slice(0, -20);
    expect(textsOf(text)).toEqual(without(3));
    expect(damageOf(text)).toEqual(["5 is incomplete"]);
  });

  it("knows a last line that was cut inside a character", () => {
    const bytes = Buffer.from(whole(LINES.slice(0, 3)));
    const text = bytes.subarray(0, bytes.indexOf("晴") + 1).toString("utf8");
    expect(textsOf(text)).toEqual(["Hello"]);
    expect(damageOf(text)).toEqual(["3 is incomplete", "3 is not valid UTF-8"]);
  });

  it("passes over a line that is not valid JSON", () => {
    const text = whole(LINES.with(2, "@@@ not JSON {"));
    expect(textsOf(text)).toEqual(without(1));
    expect(damageOf(text)).toEqual(["3 is not valid JSON"]);
  });

  it("reads on after zeros that a disk left", () => {
    const text = `${whole(LINES.slice(0, 3))}${"\0".repeat(512)}\n${whole(LINES.slice(3))}`;
    expect(textsOf(text)).toEqual(["Hello", "天気は晴れ", "And?", "So."]);
    expect(damageOf(text)).toEqual(["4 is not valid JSON"]);
    const before = whole(LINES).replace(LINES[3] ?? "", `${"\0".repeat(64)}${LINES[3]}`);
    expect(textsOf(before)).toEqual(["Hello", "天気は晴れ", "And?", "So."]);
  });

  it("skips JSON that is not an event", () => {
    const text = whole(LINES.with(2, line({ type: "message", seq: "two", message: {} })));
    expect(textsOf(text)).toEqual(without(1));
    expect(damageOf(text)).toEqual([expect.stringMatching(/^3 is not a session event \(seq: /)]);
    expect(damageOf(whole([...LINES, "null", "[]", '"x"']))).toHaveLength(3);
  });

  it("leaves a later version's event alone", () => {
    const text = whole(LINES.toSpliced(2, 0, JSON.stringify({ v: 2, at: AT, type: "branched" })));
    expect(textsOf(text)).toEqual(["Hello", "天気は晴れ", "And?", "So."]);
    expect(damageOf(text)).toEqual(["3 was written by a later version (2)"]);
  });

  it("does without the first line", () => {
    const { events } = readSession(whole(LINES.slice(1)));
    const state = SessionState.of(events);
    expect([state.started, state.title, state.messages.length]).toEqual([undefined, "Hello", 4]);
  });

  it("takes an empty file and one with nothing but white space", () => {
    for (const text of ["", "\n", " \n\n\t\n"]) expect(readSession(text)).toEqual({ events: [], damage: [] });
  });

  it("reads what an editor has saved, with its byte order mark and line ends", () => {
    expect(textsOf(`\uFEFF${LINES.join("\r\n")}\r\n`)).toEqual(["Hello", "天気は晴れ", "And?", "So."]);
    expect(damageOf(`\uFEFF${LINES.join("\r\n")}\r\n`)).toEqual([]);
  });

  it("parts two events that share a line", () => {
    const text = `${LINES[0]}\n${LINES[1]}${LINES[2]}\n${LINES[3]}\n${LINES[4]}\n`;
    expect(textsOf(text)).toEqual(["Hello", "天気は晴れ", "And?", "So."]);
    const cut = `${LINES[0]}\n${LINES[1]?.slice(0, -9)}${LINES[2]}\n${LINES[3]}\n`;
    expect(textsOf(cut)).toEqual(["天気は晴れ", "And?"]);
  });

  it("counts a line that occurs twice once", () => {
    const text = whole([...LINES.slice(0, 3), ...LINES.slice(1)]);
    expect(textsOf(text)).toEqual(["Hello", "天気は晴れ", "And?", "So."]);
    expect(damageOf(text)).toEqual(["4 occurs twice", "5 occurs twice"]);
  });

  it("reads around bytes that are not UTF-8", () => {
    const bytes = Buffer.from(whole(LINES));
    bytes[bytes.indexOf("晴")] = 0xff;
    expect(textsOf(bytes.toString("utf8"))).toHaveLength(4);
    expect(damageOf(bytes.toString("utf8"))).toEqual(["3 is not valid UTF-8"]);
  });
});

describe("describeDamage", () => {
  it("names the first damage in one sentence, in either language", () => {
    expect(describeDamage("s", [])).toBeUndefined();
    const { damage } = readSession('no JSON\n{"v":1,"at":"20');
    const sentence = describeDamage("s", damage) ?? "";
    expect(localize("en", sentence)).toBe(
      "The session s is damaged: line 1 is not valid JSON (and 1 more). The rest is readable.",
    );
    expect(localize("ja", sentence)).toBe(
      "会話 s が壊れています: 1 行目が正しい JSON ではありません (ほか 1 か所)。それ以外は読み取れます。",
    );
  });
});

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
const shownBy = (state: SessionState) => state.messages.map((stored) => stored.message.text);

describe("SessionState", () => {
  const turns = [question(1, "a"), answer(2, "A"), question(3, "b"), answer(4, "B")];

  it("takes back what is undone, and never uses a number twice", () => {
    const state = stateOf(...turns, { type: "undone", seq: 3 });
    expect(shownBy(state)).toEqual(["a", "A"]);
    expect(state.lastSeq).toBe(4);
    expect(shownBy(stateOf(...turns, { type: "undone", seq: 3 }, question(5, "c")))).toEqual(["a", "A", "c"]);
  });

  it("changes what is edited, and marks what was cut short", () => {
    const state = stateOf(...turns, { type: "edited", seq: 1, content: "new" }, { type: "interrupted", seq: 4 });
    expect(shownBy(state)).toEqual(["new", "A", "b", "B"]);
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
      JSON.stringify(state.messages.map((stored) => stored.message.toDict().data)),
    ) as [unknown, Record<string, unknown>, Record<string, unknown>];
    expect(kept).toMatchObject({ tool_calls: call.tool_calls, additional_kwargs: { reasoning_content: "Call it." } });
    expect(keptResult).toMatchObject({ content: "sunny", tool_call_id: "1", name: "get_weather" });
  });
});
