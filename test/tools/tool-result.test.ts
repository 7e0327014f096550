import { describe, expect, it } from "@jest/globals";
import { assert, integer, property, string } from "fast-check";
import { beginningOf } from "../../src/terminal/unicode.ts";
import { cutToBudget } from "../../src/tools/tool-result.ts";

describe("cutToBudget", () => {
  it("leaves alone what fits, and says what was cut from what does not", () => {
    expect(cutToBudget("short")).toBe("short");
    expect(cutToBudget("x".repeat(1_000), 500, "read on from line 9")).toMatch(
      /^x+\n\[cut: \d+ of 1000 bytes are shown; read on from line 9\]$/,
    );
  });

  it("never goes over the budget, nor cuts inside a character", () => {
    assert(
      property(string({ unit: "grapheme", maxLength: 400 }), integer({ min: 200, max: 600 }), (text, bytes) => {
        const cut = cutToBudget(text, bytes);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
        expect(cut).not.toContain("\uFFFD");
      }),
    );
  });

  it("keeps as much of the beginning as fits", () => {
    expect(beginningOf("aあb", 3)).toBe("a");
    expect(beginningOf("aあb", 4)).toBe("aあ");
    expect(beginningOf("a", 9)).toBe("a");
  });
});
