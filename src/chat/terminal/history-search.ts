/** Ctrl-R: looks for what was typed before while the words to look for are still being typed. */
export class HistorySearch {
  #words = "";
  #index = -1;
  readonly #entries: readonly string[];

  /** @param entries newest first */
  constructor(entries: readonly string[]) {
    this.#entries = entries;
  }

  get words(): string {
    return this.#words;
  }

  /** The entry that was found; undefined before the first word and where nothing fits. */
  get found(): string | undefined {
    return this.#entries[this.#index];
  }

  type(text: string): void {
    this.#words += text;
    this.#find(Math.max(0, this.#index));
  }

  deleteLeft(): void {
    this.#words = Array.from(this.#words).slice(0, -1).join("");
    this.#find(0);
  }

  /** The next older entry; the one that was found stays where there is none. */
  older(): void {
    const current = this.#index;
    this.#find(current + 1);
    if (this.#index < 0) this.#index = current;
  }

  #find(from: number): void {
    const wanted = foldForSearch(this.#words);
    this.#index =
      wanted === ""
        ? -1
        : this.#entries.findIndex((entry, index) => index >= from && foldForSearch(entry).includes(wanted));
  }
}

function foldForSearch(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}
