import { francAll } from "franc-min";
import type { CheckOf, Language } from "../definition/check-schema.ts";
import { type CheckFunction, failed, passed, unknown } from "./check.ts";

/** Languages that their writing tells; what is written in letters of another script is foreign. */
const SCRIPTS = {
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー]/gu,
  zh: /\p{Script=Han}/gu,
  ko: /[\p{Script=Hangul}\p{Script=Han}]/gu,
  ru: /\p{Script=Cyrillic}/gu,
} as const satisfies Partial<Record<Language, RegExp>>;

/** franc's names (ISO 639-3) of those that are written in Latin letters. */
const LATIN = { en: "eng", de: "deu", fr: "fra", es: "spa", it: "ita", pt: "por", nl: "nld" } as const;

/** Below this many letters trigrams are guesswork. */
const ENOUGH_LETTERS = 15;
/** Names and terms in other letters are part of any language. */
const MOST_FOREIGN = 0.4;
/** Beyond this many letters no Japanese text does without kana. */
const LONGEST_HAN_ALONE = 12;

/** The text is in this language; the score is the share of its letters that are of the language's script. */
export function language({ language: wanted }: CheckOf<"language">): CheckFunction {
  return ({ text }) => {
    const letters = [...text.matchAll(/\p{L}/gu)].length;
    if (letters === 0) return unknown("has no letters");
    return isLatin(wanted) ? judgeLatin(text, letters, wanted) : judgeScript(text, letters, wanted);
  };
}

function isLatin(wanted: Language): wanted is keyof typeof LATIN {
  return wanted in LATIN;
}

function judgeScript(text: string, letters: number, wanted: keyof typeof SCRIPTS) {
  const kana = countOf(text, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const hangul = countOf(text, /\p{Script=Hangul}/gu);
  const share = Math.min(1, countOf(text, SCRIPTS[wanted]) / letters);
  const percent = `${Math.round(share * 100)} % of its letters are of ${wanted}`;
  if (share < 1 - MOST_FOREIGN) return failed(`only ${percent}`, share);
  if (wanted === "ja" && kana === 0 && letters > LONGEST_HAN_ALONE)
    return failed("has no kana, so it is rather Chinese");
  if (wanted === "zh" && kana > 0) return failed("has kana, so it is rather Japanese");
  if (wanted === "ko" && hangul === 0) return failed("has no hangul");
  return { ...passed(percent), score: share };
}

function judgeLatin(text: string, letters: number, wanted: keyof typeof LATIN) {
  const share = countOf(text, /\p{Script=Latin}/gu) / letters;
  if (share < 1 - MOST_FOREIGN) return failed(`only ${Math.round(share * 100)} % of its letters are Latin`, share);
  if (letters < ENOUGH_LETTERS) return unknown(`${letters} letters are too few to tell the language`);
  const [best] = francAll(text, { minLength: 1, only: Object.values(LATIN) });
  const found = best?.[0];
  return found === LATIN[wanted] ? { ...passed(`is ${wanted}`), score: share } : failed(`is rather ${nameOf(found)}`);
}

function nameOf(code: string | undefined): string {
  return Object.entries(LATIN).find(([, long]) => long === code)?.[0] ?? "another language";
}

function countOf(text: string, letters: RegExp): number {
  return [...text.matchAll(letters)].length;
}
