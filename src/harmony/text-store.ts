const FIRST_UNITS = 4_096;
/** Arguments that one call may have on every engine. */
const UNITS_AT_ONCE = 8_192;

/** A text that came in one piece, or where it stands in the store. */
export type StoredText = string | { readonly from: number; readonly to: number };

/**
 * Texts that come piece by piece, one after the other. Pieces are copied to where the garbage collector has nothing to look at, and become
 * a string when somebody asks: many small strings that live on cost more than reading them does.
 */
export class TextStore {
  #units = new Uint16Array(FIRST_UNITS);
  /** UTF-16 units of all texts. */
  #length = 0;
  /** Where the last text begins, and the whole of it while it is one piece. */
  #from = 0;
  #only = "";

  /** Begins another text. */
  begin(): void {
    this.#from = this.#length;
    this.#only = "";
  }

  append(piece: string): void {
    if (this.#only === "" && this.#length === this.#from) {
      this.#only = piece;
      return;
    }
    if (this.#only !== "") {
      this.#copy(this.#only);
      this.#only = "";
    }
    this.#copy(piece);
  }

  /** The last text, as far as it is there. */
  get last(): StoredText {
    return this.#only === "" ? { from: this.#from, to: this.#length } : this.#only;
  }

  /** As it was appended, halves of characters too. */
  read(text: StoredText): string {
    if (typeof text === "string") return text;
    let read = "";
    for (let at = text.from; at < text.to; at += UNITS_AT_ONCE) {
      const units = this.#units.subarray(at, Math.min(text.to, at + UNITS_AT_ONCE));
      // it takes whatever has a length; spreading it would take ten times as long
      read += String.fromCharCode.apply(undefined, units as unknown as number[]);
    }
    return read;
  }

  #copy(piece: string): void {
    const end = this.#length + piece.length;
    if (end > this.#units.length) this.#grow(end);
    const units = this.#units;
    for (let from = 0, to = this.#length; to < end; from++, to++) units[to] = piece.charCodeAt(from);
    this.#length = end;
  }

  #grow(atLeast: number): void {
    const units = new Uint16Array(Math.max(atLeast, 2 * this.#units.length));
    units.set(this.#units.subarray(0, this.#length));
    this.#units = units;
  }
}
