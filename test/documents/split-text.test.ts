import { describe, expect, it } from "@jest/globals";
import { assert, asyncProperty, integer, string } from "fast-check";
import { splitText } from "../../src/documents/split-text.ts";

/** Every UTF-16 unit is a token. */
const count = (text: string) => Promise.resolve(text.length);

describe("splitText", () => {
  it("cuts at the best places: paragraphs, then lines, sentences, words", async () => {
    expect(await splitText("one\n\ntwo\n\nthree", 10, count)).toEqual(["one\n\ntwo\n\n", "three"]);
    expect(await splitText("one\ntwo\nthree", 8, count)).toEqual(["one\ntwo\n", "three"]);
    expect(await splitText("First one. Second one.", 12, count)).toEqual(["First one. ", "Second one."]);
    expect(await splitText("今日は晴れ。明日は雨。", 6, count)).toEqual(["今日は晴れ。", "明日は雨。"]);
    expect(await splitText("aaaa bbbb", 5, count)).toEqual(["aaaa ", "bbbb"]);
    expect(await splitText("short", 10, count)).toEqual(["short"]);
    expect(await splitText("", 10, count)).toEqual([]);
  });

  it("loses nothing and goes over the limit only for a single character", async () => {
    await assert(
      asyncProperty(string({ unit: "grapheme", maxLength: 200 }), integer({ min: 1, max: 40 }), async (text, most) => {
        const pieces = await splitText(text, most, count);
        expect(pieces.join("")).toBe(text);
        for (const piece of pieces) {
          const characters = [...new Intl.Segmenter().segment(piece)].length;
          expect(piece.length <= most || characters === 1).toBe(true);
        }
      }),
    );
  });
});
