import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { segmentsOf } from "../../src/text/segments.ts";
import { splitText } from "../../src/documents/split-text.ts";
import { graphemesOf } from "../../src/text/width.ts";

describe("the segments of a text", () => {
  it("are those of the whole text at once, for characters", () => {
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

  it("take no minutes for a line of a megabyte, whoever asks for them", async () => {
    const began = performance.now();
    const line = "日本語の文章 and words ".repeat(8_000);
    expect(graphemesOf(line)).toHaveLength(line.length);
    const pieces = await splitText(line, 1_000, (text) => Promise.resolve(text.length));
    expect(pieces.join("")).toBe(line);
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});
