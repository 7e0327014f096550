/**
 * Ends the visible answer where it contains one of the user's stop sequences. The server can't do it: on a raw completion `stop` also
 * matches the thinking, the headers of channels (`final`) and the arguments of calls.
 */
export class StopSequences {
  readonly #sequences: readonly string[];
  /** The end of the text so far, as long as it may be the beginning of a sequence. */
  #held = "";
  #found: string | undefined;

  constructor(sequences: readonly string[] | string | undefined) {
    const given = typeof sequences === "string" ? [sequences] : (sequences ?? []);
    this.#sequences = given.filter((sequence) => typeof sequence === "string" && sequence !== "");
  }

  /** The sequence that ended the answer; undefined as long as none has. */
  get found(): string | undefined {
    return this.#found;
  }

  /** Takes the next piece of the answer; returns what of it can be shown. */
  push(text: string): string {
    if (this.#found !== undefined) return "";
    if (this.#sequences.length === 0) return text;
    const whole = this.#held + text;
    // the one that is complete first ends the answer, so that it does not matter how the text is cut into pieces
    const [first] = this.#sequences
      .map((sequence) => ({ sequence, at: whole.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .toSorted((one, other) => one.at + one.sequence.length - (other.at + other.sequence.length) || one.at - other.at);
    if (first !== undefined) {
      this.#found = first.sequence;
      this.#held = "";
      return whole.slice(0, first.at);
    }
    const heldFrom = this.#heldFrom(whole);
    this.#held = whole.slice(heldFrom);
    return whole.slice(0, heldFrom);
  }

  /** What was held back, at the end of the answer. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** Where the longest end of the text begins that is the beginning of a sequence. */
  #heldFrom(text: string): number {
    const longest = Math.max(...this.#sequences.map((sequence) => sequence.length));
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      const end = text.slice(at);
      if (this.#sequences.some((sequence) => sequence.startsWith(end))) return at;
    }
    return text.length;
  }
}
