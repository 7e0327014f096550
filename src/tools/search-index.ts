import MiniSearch from "minisearch";
import { foldText } from "../terminal/unicode.ts";

export interface SearchHit<Item> {
  readonly item: Item;
  /** Of the item in the list that the index was made of. */
  readonly position: number;
  /** BM25; comparable within one search only. */
  readonly score: number;
}

/** From this length on a word also finds longer ones: "file" finds "files". */
const PREFIX_LENGTH = 4;

/** Finds texts by the words of a question, the best first (BM25). */
export class SearchIndex<Item extends { readonly text: string }> {
  readonly #items: readonly Item[];
  readonly #index: MiniSearch<{ id: number; text: string }>;

  constructor(items: readonly Item[]) {
    this.#items = items;
    this.#index = new MiniSearch({ fields: ["text"], tokenize: searchWords, processTerm: (term) => term });
    this.#index.addAll(items.map(({ text }, id) => ({ id, text })));
  }

  search(question: string, most: number): SearchHit<Item>[] {
    const found = this.#index.search(question, { prefix: (term) => term.length >= PREFIX_LENGTH });
    return found.slice(0, most).flatMap(({ id, score }) => {
      const position = Number(id);
      const item = this.#items[position];
      return item === undefined ? [] : [{ item, position, score }];
    });
  }
}

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
