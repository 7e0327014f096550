import { describe, expect, it } from "@jest/globals";
import { resumeOptionsOf } from "../../src/chat/resume.ts";
import type { StreamedAnswer } from "../../src/chat/stream-answer.ts";

interface Cut {
  readonly thinking?: string;
  readonly text?: string;
  readonly lastPiece?: string;
}
const cut = ({ thinking = "", text = "", lastPiece = "" }: Cut): Pick<StreamedAnswer, "current" | "lastPiece"> => ({
  current: { thinking, text },
  lastPiece,
});

describe("resumeOptionsOf", () => {
  it("goes back by the last piece, and knows the whitespace that the server strips", () => {
    expect(resumeOptionsOf(cut({ thinking: "Well.", text: "one two three", lastPiece: " three" }))).toEqual({
      from: { channel: "final", text: "one two", analysis: "Well." },
      lead: " ",
      begun: { thinking: "Well.", text: "one two" },
    });
    expect(resumeOptionsOf(cut({ text: "a.\n\n- b", lastPiece: "- b" }))).toMatchObject({
      from: { channel: "final", text: "a." },
      lead: "\n\n",
    });
    expect(resumeOptionsOf(cut({ text: "日本語", lastPiece: "語" }))).toMatchObject({
      from: { text: "日本" },
      lead: "",
    });
  });

  it("resumes inside the thinking", () => {
    expect(resumeOptionsOf(cut({ thinking: "I think so", lastPiece: " so" }))).toEqual({
      from: { channel: "analysis", text: "I think" },
      lead: " ",
      begun: { thinking: "I think", text: "" },
    });
  });

  it("goes back by a word where the pieces are not known any more", () => {
    expect(resumeOptionsOf(cut({ text: "one two thr" }))).toMatchObject({ from: { text: "one two" }, lead: " " });
    const japanese = "東京は日本の首都です。人口は約千四百万人で";
    const { from } = resumeOptionsOf(cut({ text: japanese }));
    expect(japanese.startsWith(from.text)).toBe(true);
    expect(from.text.length).toBeGreaterThan(japanese.length - 6);
    expect(from.text).not.toBe(japanese);
    expect(resumeOptionsOf(cut({ text: "はい。\n次" }))).toMatchObject({ from: { text: "はい。" }, lead: "\n" });
    const json = `{"names":[${'"Ann","Bob",'.repeat(10)}"Ca`;
    expect(resumeOptionsOf(cut({ text: json })).from.text.length).toBeGreaterThan(json.length - 6);
    expect(resumeOptionsOf(cut({ text: "one" }))).toMatchObject({ from: { text: "" }, lead: "" });
  });
});
