import { foldText } from "../text/fold-text.ts";

/** Scripts that are written without spaces between words. */
const UNSPACED = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}ー々〆]`;
const RUN = new RegExp(`(?<unspaced>${UNSPACED}+)|(?<word>(?:(?!${UNSPACED})[\\p{L}\\p{N}_])+)`, "gu");

/**
 * The terms of a text that a search compares: words, and of Japanese, Chinese, Korean and Thai each pair of neighbouring characters,
 * since a dictionary's word limits differ between a question and a text (東京都 finds 東京 and 京都 alike). Full and half width,
 * upper and lower case are the same.
 */
export function searchWords(text: string): string[] {
  const words: string[] = [];
  for (const { groups } of foldText(text).matchAll(RUN)) {
    if (groups?.["word"] !== undefined) words.push(groups["word"]);
    else if (groups?.["unspaced"] !== undefined) words.push(...pairsOf(groups["unspaced"]));
  }
  return words;
}

function pairsOf(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index] ?? ""}${character}`);
}
