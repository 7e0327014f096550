import { describe, expect, it } from "@jest/globals";
import stringWidth from "string-width";
import { widthOf } from "../../src/terminal/text-width.ts";

describe("the width of a text", () => {
  it("is string-width's for each character except marks, also where it is counted faster", () => {
    const characters = Array.from({ length: 0xd800 - 0x20 }, (_, index) => String.fromCharCode(index + 0x20));
    const others = characters.filter((character) => !/^\p{M}|\u200D/u.test(character));
    expect(others.filter((character) => widthOf(character) !== stringWidth(character))).toEqual([]);
  });

  it("adds up over scripts, and counts no marks", () => {
    expect(widthOf("gpt-oss を使う。")).toBe(16);
    expect(widthOf("か\u3099")).toBe(2);
    expect(widthOf("👩‍💻")).toBe(2);
  });
});
