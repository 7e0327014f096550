import { describe, expect, it } from "@jest/globals";
import { assert, property, string } from "fast-check";
import { breakLongRuns } from "../../src/harmony/break-long-runs.ts";
import { neutralizeControlTokens } from "../../src/harmony/neutralize.ts";

/** The alternatives of gpt-4o's pattern that can match a run of any length. */
const TOKENIZER_RUNS = /[\p{L}\p{M}]+|\s+|[^\s\p{L}\p{N}]+/gu;
const longestRun = (text: string) => Math.max(0, ...(text.match(TOKENIZER_RUNS) ?? []).map((run) => run.length));

describe("a run that would overflow the stack of a tokenizer", () => {
  it.each(["a", "A", "aA", "漢", "あ", "a\u0301", " ", "\n", " \n", "\t", "!", "-", "😀", "<|", "\u200B", "!\u0301"])(
    "is separated: %j",
    (unit) => {
      const text = `before ${unit.repeat(50_000)} after`;
      const safe = neutralizeControlTokens(text);
      expect(longestRun(safe)).toBeLessThanOrEqual(2_100);
      expect(safe.replaceAll(/[\u200B ]/g, "")).toBe(text.replaceAll(/[\u200B ]/g, ""));
      expect(neutralizeControlTokens(safe)).toBe(safe);
    },
  );

  it("is rare: other text stays as it is", () => {
    assert(
      property(string({ unit: "grapheme", maxLength: 900 }), (text) => {
        expect(breakLongRuns(text)).toBe(text);
      }),
    );
    expect(breakLongRuns("ordinary words, ".repeat(5_000))).toBe("ordinary words, ".repeat(5_000));
    expect(breakLongRuns("1".repeat(50_000))).toBe("1".repeat(50_000));
  });
});
