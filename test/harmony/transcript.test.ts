import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { TextStore } from "../../src/harmony/transcript.ts";

/** UTF-16 as it may be cut: with halves of characters. */
const piece = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });

describe("TextStore", () => {
  it("gives each text as it came, whatever its pieces, also while others follow", () => {
    fc.assert(
      fc.property(fc.array(fc.array(piece.filter((text) => text !== ""))), (texts) => {
        const store = new TextStore();
        const stored = texts.map((pieces) => {
          store.begin();
          for (const [index, text] of pieces.entries()) {
            store.append(text);
            expect(store.read(store.last)).toBe(pieces.slice(0, index + 1).join(""));
          }
          return store.last;
        });
        expect(stored.map((text) => store.read(text))).toEqual(texts.map((pieces) => pieces.join("")));
      }),
    );
  });

  it("holds texts that are longer than what one call can make a string of", () => {
    const pieces = Array.from({ length: 100_000 }, (_, index) => `${index} 天気 `);
    const store = new TextStore();
    store.begin();
    for (const text of pieces) store.append(text);
    expect(store.read(store.last)).toBe(pieces.join(""));
  });
});
