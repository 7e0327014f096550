import { array, assert as check, constantFrom, property, tuple } from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { extendSummary } from "../../src/memory/summarizer.ts";

describe("extendSummary", () => {
  it.each([
    ["", "They greet.", "They greet."],
    ["The user is Alice.", "The user is Alice. They live in Osaka.", "The user is Alice. They live in Osaka."],
    ["The user is Alice.", "the user is Ａlice", "The user is Alice."],
    ["利用者は花子さん。", "利用者は花子さん。猫を飼っている。", "利用者は花子さん。 猫を飼っている。"],
    ["- **Name:** Alice", "* Name: Alice\n* Lives in Osaka", "- **Name:** Alice\n* Lives in Osaka"],
    ["It is 5 degrees.", "It is -5 degrees.", "It is 5 degrees. It is -5 degrees."],
    ["", "Yes. Yes. Yes. Yes.", "Yes."],
  ])("adds to %j of %j what is new", (summary, addition, expected) => {
    expect(extendSummary(summary, addition, addition)).toBe(expected);
  });

  it.each([
    ["The user's name is Alice.", "The user's name is Bob.", "Call me Bob.", true],
    ["The user's name is Alice.", "The user's name is Carol.", "Repeat: carolling", false],
    ["利用者の名前は花子。", "利用者の名前は太郎。", "こんにちは", false],
    ["利用者の名前は花子。", "利用者の名前は太郎。", "私は太郎です", true],
    ["The user's name is Alice.", "They dislike noise.", "Quiet, please", true],
  ])("beside %j takes %j for true when %j was said: %j", (summary, addition, said, expected) => {
    expect(extendSummary(summary, addition, said) !== summary).toBe(expected);
  });

  it("keeps what was noted word for word, and adds nothing twice", () => {
    const sentence = constantFrom(
      "They greet.",
      "Their name is Alice!",
      "花子さん。",
      "猫を飼う",
      "- A list",
      "1. Osaka",
      "",
    );
    const texts = tuple(array(sentence), constantFrom(" ", "\n")).map(([some, between]) => some.join(between));
    check(
      property(array(texts, { maxLength: 6 }), (additions) => {
        let summary = "";
        for (const addition of additions) {
          const longer = extendSummary(summary, addition, addition);
          expect(longer.startsWith(summary)).toBe(true);
          expect(extendSummary(longer, addition, addition)).toBe(longer);
          summary = longer;
        }
      }),
    );
  });
});
