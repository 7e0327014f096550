const MAX_ENTRIES = 1_000;

/** Arrow up and down: what was typed before, those entries that begin with what stands before the cursor. */
export class InputRecall {
  #entries: string[];
  /** Where the way back stands now, and from where it began. */
  #walk: { readonly beginning: string; readonly draft: string; index: number } | undefined;

  /** @param entries newest first */
  constructor(entries: readonly string[]) {
    this.#entries = [...entries];
  }

  /** Newest first. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  add(entry: string): void {
    this.#entries = [entry, ...this.#entries.filter((other) => other !== entry)].slice(0, MAX_ENTRIES);
    this.leave();
  }

  /** The next older entry; undefined where there is none. */
  older(line: string, cursor: number): string | undefined {
    this.#walk ??= { beginning: line.slice(0, cursor), draft: line, index: -1 };
    const walk = this.#walk;
    const index = this.#entries.findIndex(
      (entry, at) => at > walk.index && entry.startsWith(walk.beginning) && entry !== line,
    );
    if (index < 0) return undefined;
    walk.index = index;
    return this.#entries[index];
  }

  /** The next newer entry, and at the end the line that was being typed. */
  newer(line: string): string | undefined {
    const walk = this.#walk;
    if (walk === undefined) return undefined;
    const index = this.#entries.findLastIndex(
      (entry, at) => at < walk.index && entry.startsWith(walk.beginning) && entry !== line,
    );
    walk.index = index;
    if (index >= 0) return this.#entries[index];
    this.leave();
    return walk.draft;
  }

  /** Another key was typed: the line is the user's again. */
  leave(): void {
    this.#walk = undefined;
  }
}

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
