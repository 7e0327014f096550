import type { LineWrapper } from "../terminal/line-wrapper.ts";
import { asItIs, both, type Paint, type Style } from "../terminal/style.ts";
import { inlineSpans, type Span, spansOf } from "./inline.ts";
import { type LineContext, type Unit, unitsOf } from "./units.ts";

/** Emphasis, code and links that go on in the next line are waited for no longer than this. */
const LONGEST_OVER_LINES = 300;

const START: LineContext = { text: "", endsPlain: true };

/** Writes the words of one paragraph as they come, each as soon as nothing that follows can change what it means. */
export class InlineWriter {
  readonly #wrapper: LineWrapper;
  readonly #style: Style;
  /** What is not written yet. */
  #held = "";
  /** What is written of the line. */
  #context: LineContext = START;

  constructor(wrapper: LineWrapper, style: Style) {
    this.#wrapper = wrapper;
    this.#style = style;
  }

  begin(text: string): void {
    this.#held = text;
    this.#context = START;
  }

  add(text: string): void {
    this.#held += text;
  }

  /** Writes what is decided, or all of it: then signs that are still open stand for themselves. */
  write(all: boolean): void {
    const { units, length } = unitsOf(this.#held, this.#context, all);
    for (const unit of units) this.#writeSpans(this.#spansOf(unit));
    this.#context = contextAfter(this.#context, units);
    this.#held = this.#held.slice(length);
  }

  /** Whether something is open at the end of a line that the next one may close. */
  get isOpen(): boolean {
    const { length } = unitsOf(`${this.#held}\n`, this.#context, false);
    return length < this.#held.length && this.#held.length <= LONGEST_OVER_LINES;
  }

  /** A line of its own look, which is there as a whole. */
  writeLine(text: string, look: Paint): void {
    for (const unit of unitsOf(text, START, true).units) {
      const spans = this.#spansOf(unit);
      this.#writeSpans(spans.map((span) => ({ text: span.text, paint: both(look, span.paint) })));
    }
  }

  #spansOf({ text, isPlain, token }: Unit): readonly Span[] {
    if (isPlain) return [{ text, paint: asItIs }];
    return token === undefined ? inlineSpans(text, this.#style) : spansOf([token], asItIs, this.#style);
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

/** Of a longer line, only the end is looked at again for emphasis that follows. */
const MAX_CONTEXT = 2_000;

function contextAfter({ text, endsPlain }: LineContext, units: readonly Unit[]): LineContext {
  const last = units.at(-1);
  if (last === undefined) return { text, endsPlain };
  const whole = text + units.map((unit) => unit.text).join("");
  // emphasis in it may be cut in two, so that nothing of it is looked at again
  if (whole.length > MAX_CONTEXT) return { text: last.isPlain ? last.text.slice(-1) : "", endsPlain: last.isPlain };
  return { text: whole, endsPlain: last.isPlain };
}
