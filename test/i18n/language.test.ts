import { describe, expect, it } from "@jest/globals";
import { textFor } from "../../src/i18n/catalogue.ts";
import { detectLanguage } from "../../src/i18n/language.ts";

describe("detectLanguage", () => {
  it.each([
    [{ LANG: "ja_JP.UTF-8" }, "ja"],
    [{ LANG: "ja" }, "ja"],
    [{ LANG: "en_US.UTF-8" }, "en"],
    [{ LANG: "fr_FR.UTF-8" }, "en"],
    [{}, "en"],
    [{ LC_ALL: "C", LANG: "ja_JP.UTF-8" }, "en"],
    [{ LC_ALL: "", LC_MESSAGES: "ja_JP.UTF-8", LANG: "en_US" }, "ja"],
  ])("reads %j", (environment, language) => {
    expect(detectLanguage(environment)).toBe(language);
  });
});

describe("the catalogue", () => {
  it("says every sentence in Japanese with other words than in English", () => {
    const same = Object.entries(textFor("en").chat).filter(([key, text]) => {
      const other = textFor("ja").chat[key as "greeting"] as unknown;
      return typeof text === "string" && text === other;
    });
    expect(same).toEqual([]);
  });
});
