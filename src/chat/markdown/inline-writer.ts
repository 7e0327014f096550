import type { LineWrapper } from "../terminal/line-wrapper.ts";
import { asItIs, both, type Paint, type Style } from "../terminal/style.ts";
import { inlineSpans, type Span } from "./inline.ts";
import { unitsOf } from "./units.ts";

/** Emphasis, code and links that go on in the next line are waited for no longer than this. */
const LONGEST_OVER_LINES = 300;

/** Writes the words of one paragraph as they come, each as soon as nothing that follows can change what it means. */
export class InlineWriter {
  readonly #wrapper: LineWrapper;
  readonly #style: Style;
  /** What is not written yet. */
  #held = "";
  /** The last character that is written. */
  #before = "";

  constructor(wrapper: LineWrapper, style: Style) {
    this.#wrapper = wrapper;
    this.#style = style;
  }

  begin(text: string): void {
    this.#held = text;
    this.#before = "";
  }

  add(text: string): void {
    this.#held += text;
  }

  /** Writes what is decided, or all of it: then signs that are still open stand for themselves. */
  write(all: boolean): void {
    const { units, length } = unitsOf(this.#held, this.#before, all);
    for (const unit of units)
      this.#writeSpans(unit.isPlain ? [{ text: unit.text, paint: asItIs }] : inlineSpans(unit.text, this.#style));
    this.#before = this.#held.slice(0, length).at(-1) ?? this.#before;
    this.#held = this.#held.slice(length);
  }

  /** Whether something is open at the end of a line that the next one may close. */
  get isOpen(): boolean {
    const { length } = unitsOf(`${this.#held}\n`, this.#before, false);
    return length < this.#held.length && this.#held.length <= LONGEST_OVER_LINES;
  }

  /** A line of its own look, which is there as a whole. */
  writeLine(text: string, look: Paint): void {
    for (const unit of unitsOf(text, "", true).units) {
      const spans = unit.isPlain ? [{ text: unit.text, paint: asItIs }] : inlineSpans(unit.text, this.#style);
      this.#writeSpans(spans.map((span) => ({ text: span.text, paint: both(look, span.paint) })));
    }
  }

  #writeSpans(spans: readonly Span[]): void {
    for (const { text, paint } of spans) {
      for (const [index, line] of text.split("\n").entries()) {
        if (index > 0) {
          this.#wrapper.newline();
          this.#wrapper.writeRaw(this.#wrapper.hanging.text, this.#wrapper.hanging.paint);
        }
        this.#wrapper.write(line, paint);
      }
    }
  }
}
