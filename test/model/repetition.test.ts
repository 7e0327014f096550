import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { RepetitionDetector } from "../../src/model/repetition.ts";

/** How much of a text is read before it is taken to be endless; undefined when it never is. */
function stopsAt(text: string, piece = 7): number | undefined {
  const detector = new RepetitionDetector();
  for (let at = 0; at < text.length; at += piece) if (detector.push(text.slice(at, at + piece))) return at + piece;
  return undefined;
}

describe("the stop for endless repetition", () => {
  it("stops whatever repeats itself for ever, and soon", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
        fc.string({ maxLength: 500 }),
        (words, before) => {
          const end = stopsAt(before + words.repeat(Math.ceil(8_000 / words.length)));
          expect(end).toBeLessThan(before.length + 3_000 + 2 * 256);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ["a long count", Array.from({ length: 3_000 }, (_, n) => `${n}, `).join("")],
    ["a line across the page", "-".repeat(2_500)],
    ["a table", Array.from({ length: 200 }, (_, n) => `| row | value ${n} |\n`).join("")],
    [
      "a long verse sung a few times",
      `${Array.from({ length: 120 }, (_, n) => `line ${n} of the song`).join("\n")}\n`.repeat(4),
    ],
  ])("lets %s pass", (_, text) => {
    expect(stopsAt(text)).toBeUndefined();
  });
});
