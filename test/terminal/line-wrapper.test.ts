import { describe, expect, it } from "@jest/globals";
import { assert, array, constantFrom, integer, property } from "fast-check";
import { LineWrapper } from "../../src/terminal/line-wrapper.ts";
import { widthOf } from "../../src/terminal/text-width.ts";

function wrap(text: string, columns: number, column = 0): string {
  let written = "";
  const wrapper = new LineWrapper({ write: (piece) => (written += piece), columns: () => columns, column });
  wrapper.write(text);
  wrapper.flush();
  return written;
}

describe("LineWrapper", () => {
  it("breaks between words, and Japanese between characters", () => {
    expect(wrap("the quick brown fox", 10)).toBe("the quick\nbrown fox");
    expect(wrap("日本語の文章です", 10)).toBe("日本語の文\n章です");
    expect(wrap("word 日本語 word", 10)).toBe("word 日本\n語 word");
  });

  it("puts no closing sign at a line's beginning and no opening one at its end", () => {
    expect(wrap("あいうえお。かき", 10)).toBe("あいうえ\nお。かき");
    expect(wrap("あいうえ「おか」", 10)).toBe("あいうえ\n「おか」");
    expect(wrap("きょうはキャッチ", 6)).toBe("きょう\nはキャッ\nチ".replace("はキャッ", "は\nキャッ"));
  });

  it("breaks a word that is longer than a line", () => {
    expect(wrap("abcdefghijkl", 5)).toBe("abcde\nfghij\nkl");
  });

  it("knows where the cursor stands at the beginning", () => {
    expect(wrap("one two", 12, 6)).toBe("one\ntwo");
  });

  it("never writes a line wider than the window, and loses nothing but spaces", () => {
    const words = constantFrom("a", "word", "日本", "。", "「", "🙂", "𠮷", " ", "  ", "longer-word");
    assert(
      property(array(words, { maxLength: 60 }), integer({ min: 12, max: 40 }), (parts, columns) => {
        const text = parts.join("");
        const written = wrap(text, columns);
        for (const line of written.split("\n")) expect(widthOf(line.trimEnd())).toBeLessThanOrEqual(columns);
        expect(written.replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
      }),
    );
  });
});
