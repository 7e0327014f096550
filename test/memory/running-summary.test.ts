import { array, assert as check, constantFrom, property, string } from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { extendSummary } from "../../src/memory/running-summary.ts";

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
    expect(extendSummary(summary, addition)).toBe(expected);
  });

  it("keeps what was noted word for word, and adds nothing twice", () => {
    const texts = string({ unit: constantFrom("A", "B", "名", ".", "。", " ", "\n", "- ") });
    check(
      property(array(texts), (additions) => {
        let summary = "";
        for (const addition of additions) {
          const longer = extendSummary(summary, addition);
          expect(longer.startsWith(summary)).toBe(true);
          expect(extendSummary(longer, addition)).toBe(longer);
          summary = longer;
        }
      }),
    );
  });
});
