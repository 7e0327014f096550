import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { splitText } from "../../src/documents/markdown.ts";
import { graphemesOf } from "../../src/terminal/text-width.ts";
import { segmentsOf, decodeText } from "../../src/terminal/unicode.ts";

describe("the segments of a text", () => {
  it("match the segments of the whole text, for characters", () => {
    const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
    const text = fc.string({
      unit: fc.constantFrom("a", " ", "が", "か\u3099", "👨‍👩‍👧", "👍🏽", "e\u0301", "🇯🇵", "\r\n"),
      maxLength: 1_500,
    });
    fc.assert(
      fc.property(text, (sample) => {
        expect(graphemesOf(sample)).toEqual(Array.from(segmenter.segment(sample), ({ segment }) => segment));
      }),
      { numRuns: 30 },
    );
  });

  it.each(["grapheme", "word", "sentence"] as const)("are the text when they are joined (%s)", (granularity) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (sample) => {
        expect([...segmentsOf(sample, granularity)].join("")).toBe(sample);
      }),
      { numRuns: 30 },
    );
    for (const sample of ["", "a".repeat(5_000), `a${"\u0301".repeat(5_000)}`, "日本語の文章です。".repeat(1_000)]) {
      expect([...segmentsOf(sample, granularity)].join("")).toBe(sample);
    }
  });

  it("cover a line of many thousand characters", async () => {
    const line = "日本語の文章 and words ".repeat(8_000);
    expect(graphemesOf(line)).toHaveLength(line.length);
    const pieces = await splitText(line, 1_000, (text) => Promise.resolve(text.length));
    expect(pieces.join("")).toBe(line);
  });
});

it.each([
  ["UTF-8", [0xe3, 0x81, 0x82, 0xe4, 0xba, 0x9c], "あ亜"],
  ["UTF-16, little end first", [0xff, 0xfe, 0x42, 0x30], "あ"],
  ["UTF-16, big end first", [0xfe, 0xff, 0x30, 0x42], "あ"],
  ["Shift_JIS", [0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd], "こんにちは"],
  ["Shift_JIS of kanji alone", [0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea], "日本語"],
  ["EUC-JP of kanji alone", [0xc6, 0xfc, 0xcb, 0xdc, 0xb8, 0xec], "日本語"],
  ["EUC-JP of kana alone", [0xa4, 0xb3, 0xa4, 0xf3, 0xa4, 0xcb, 0xa4, 0xc1, 0xa4, 0xcf], "こんにちは"],
  ["nothing", [], ""],
])("reads %s", (_, bytes, text) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe(text);
});

it.each([
  ["a zero byte", [0x61, 0x00]],
  ["bytes of no encoding", [0xff, 0xff, 0x80, 0x81]],
  ["bytes that are no letters of either", [0xb0]],
])("takes %s for no text", (_, bytes) => {
  expect(decodeText(Uint8Array.from(bytes))).toBeUndefined();
});
