import { describe, expect, it } from "@jest/globals";
import { phraseIn } from "../../src/i18n/error-messages.ts";
import { describeDamage, readSession } from "../../src/memory/session-event.ts";
import { SessionState } from "../../src/memory/session-state.ts";

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

  it("passes over JSON that is no event", () => {
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
    expect(phraseIn("en", sentence)).toBe(
      "The session s is damaged: line 1 is not valid JSON (and 1 more). The rest is readable.",
    );
    expect(phraseIn("ja", sentence)).toBe(
      "会話 s が壊れています: 1 行目が 正しい JSON ではありません (ほか 1 か所)。それ以外は読み取れます。",
    );
  });
});
