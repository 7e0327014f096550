import MiniSearch from "minisearch";
import { searchWords } from "./search-words.ts";

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
