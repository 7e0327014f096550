import type { Token } from "marked";
import type { LineWrapper } from "../../terminal/line-wrapper.ts";
import { asItIs, both, type Paint, type Style } from "../../terminal/style.ts";
import { graphemesOf } from "../../terminal/text-width.ts";
import { inlineSpans, type Span, spansOf, canOpenEmphasis, type FoundToken, markedTokens } from "./inline.ts";

/** Emphasis, code and links may continue in the next line; the writer waits no longer than this for their end. */
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

  /** A complete line with a style of its own. */
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

/** A piece of a line that means what it means whatever stands around it: a run of plain text, or one thing of Markdown. */
export interface Unit {
  readonly text: string;
  readonly isPlain: boolean;
  /** What marked has read there. */
  readonly token?: Token;
}

export interface Units {
  readonly units: readonly Unit[];
  /** Where they end: what follows is not decided yet. UTF-16 units. */
  readonly length: number;
}

/** The beginning of a line, before its text. */
export interface LineContext {
  readonly text: string;
  /** It ends with plain text, and not with something of Markdown, before which emphasis sees nothing. */
  readonly endsPlain: boolean;
}

/** A sign that opens something is waited for no longer than this; then it stands for itself. */
const LONGEST_UNIT = 1_000;
/** No more of a line than this is looked through for emphasis: marked's time grows with the square of hostile text. */
const MAX_READ = 20_000;
/**
 * Takes the beginning of a line apart as far as it is decided, whatever may follow: up to the first sign of which only more text tells
 * what it means (`**` without its end, `[` without its address, …), and not up to the middle of a character.
 * @param isWhole nothing follows: signs that are still open stand for themselves
 */
export function unitsOf(text: string, context: LineContext, isWhole: boolean): Units {
  const units: Unit[] = [];
  let [at, plainFrom] = [0, 0];
  const endPlain = (to: number) => {
    if (to > plainFrom) units.push({ text: text.slice(plainFrom, to), isPlain: true });
  };
  const reader = new UnitReader(text, context, isWhole);
  while (at < text.length) {
    const unit = reader.unitAt(at, plainFrom);
    if (unit === undefined) break;
    if (!unit.isPlain) {
      endPlain(at);
      const { length, token } = unit;
      units.push({ text: text.slice(at, at + length), isPlain: false, ...(token && { token }) });
      plainFrom = at + length;
    }
    at += unit.length;
  }
  const end = isWhole ? at : Math.max(plainFrom, withoutLastCharacter(text, plainFrom, at));
  endPlain(end);
  return { units, length: end };
}

interface FoundUnit {
  readonly length: number;
  readonly isPlain?: boolean;
  readonly token?: Token;
}

const PLAIN: FoundUnit = { length: 1, isPlain: true };
/** Begin what could hide the end of emphasis from marked: links, code, tags, math, escapes. */
const HIDING = /[\\`$![<]/g;
const UNCLOSED_ANGLE = /<(?! )[^<>]*$/;

/** Finds units in the rest of a line. */
class UnitReader {
  readonly #text: string;
  readonly #context: LineContext;
  readonly #isWhole: boolean;
  /** Of the whole line: emphasis depends on what stands before it. */
  #tokens: ReadonlyMap<number, FoundToken> | undefined;

  constructor(text: string, context: LineContext, isWhole: boolean) {
    this.#text = text;
    this.#context = context;
    this.#isWhole = isWhole;
  }

  /**
   * Undefined while it is open.
   * @param plainFrom where the plain text before it begins
   */
  unitAt(at: number, plainFrom: number): FoundUnit | undefined {
    return /[*_~]/.test(this.#text[at] ?? "") ? this.#emphasisAt(at, plainFrom) : this.#otherAt(at);
  }

  #emphasisAt(at: number, plainFrom: number): FoundUnit | undefined {
    const found = this.#tokenAt(at);
    const isOpen = !this.#isWhole && canOpenEmphasis(this.#text, at, this.#beforeRun(at, plainFrom)) !== false;
    if (found !== undefined && found.end - at <= LONGEST_UNIT && !(isOpen && this.#mayChange(at, found.end)))
      return { length: found.end - at, token: found.token };
    return isOpen && this.#text.length - at <= LONGEST_UNIT ? undefined : PLAIN;
  }

  /** The character before a run of the same sign; nothing where that is the end of something of Markdown. */
  #beforeRun(at: number, plainFrom: number): string {
    let start = at;
    while (start > plainFrom && this.#text[start - 1] === this.#text[at]) start--;
    if (start > plainFrom) return this.#text[start - 1] ?? "";
    return start === 0 && this.#context.endsPlain ? (this.#context.text.at(-1) ?? "") : "";
  }

  #tokenAt(at: number): FoundToken | undefined {
    const offset = this.#context.text.length;
    this.#tokens ??= markedTokens(this.#context.text + this.#text.slice(0, MAX_READ));
    const found = this.#tokens.get(offset + at);
    return found && { token: found.token, end: found.end - offset };
  }

  /** Whether more text may move the end of emphasis: what follows its last sign is unknown, or something inside is open. */
  #mayChange(from: number, end: number): boolean {
    // the run that ends it may still grow
    let next = end;
    while (this.#text[next] === this.#text[end - 1]) next++;
    if (next >= this.#text.length) return true;
    const inside = this.#text.slice(from, end);
    if (UNCLOSED_ANGLE.test(inside) && !/[<>]/.test(this.#text.slice(end))) return true;
    return Array.from(inside.matchAll(HIDING)).some(
      ({ index }) => endOfUnit(this.#text.slice(from + index), this.#text[from + index - 1] ?? "") === undefined,
    );
  }

  #otherAt(at: number): FoundUnit | undefined {
    const rest = this.#text.slice(at, at + LONGEST_UNIT + 1);
    const before = this.#text[at - 1] ?? this.#context.text.at(-1) ?? "";
    // the end of the line ends what is open at its very end
    const isEnd = this.#isWhole && rest.length <= LONGEST_UNIT;
    const length = endOfUnit(isEnd ? `${rest}\n` : rest, before);
    if (length === undefined && !this.#isWhole && rest.length <= LONGEST_UNIT) return undefined;
    const isMath = length !== undefined && /^\\[([]|^\$/.test(rest);
    if (/^[\\`<[!]/.test(rest) && !isMath) return this.#markedAt(at, rest);
    return length === undefined || length === 1 || length > Math.min(LONGEST_UNIT, rest.length) ? PLAIN : { length };
  }

  #markedAt(at: number, rest: string): FoundUnit {
    const found = this.#tokenAt(at);
    if (found !== undefined && found.end - at <= LONGEST_UNIT) return { length: found.end - at, token: found.token };
    // backticks that open nothing stand for themselves together
    return { length: /^`+/.exec(rest)?.[0].length ?? 1, isPlain: true };
  }
}

/**
 * Letters, digits and signs of Latin and of Chinese and Japanese: what may combine with one of these takes no place of its own, so that
 * it can be shown at once. An emoji or a syllable of other scripts may become another one by what follows.
 */
const SETTLED = /(?:[\u0020-\u024F\u2010-\u2027\u3000-\u3098\u309B-\u30FF\u4E00-\u9FFF\uFF00-\uFFEF]|\u3099|\u309A)$/;

/** The last character may still combine with the next one; half of a surrogate pair may even be what joins them. */
function withoutLastCharacter(text: string, from: number, to: number): number {
  if (SETTLED.test(text.slice(from, to))) return to;
  const isHalf = /[\uD800-\uDBFF]/.test(text[to - 1] ?? "");
  const end = isHalf ? to - 1 : to;
  const last = graphemesOf(text.slice(Math.max(from, end - 32), end)).at(-1) ?? "";
  return Math.max(from, end - last.length);
}

const ADDRESS = /^(?:https?:\/\/|www\.)[!-~]*/;
const ADDRESS_MARKS = ["https://", "http://", "www."];
const TAG = /^<(?:\/?[a-z][^<>\n]{0,200}|!--)/i;
const ENTITY = /^&(?:#\d{1,6}|#x[\da-f]{1,6}|[a-z]\w{1,8});/i;
const ENTITY_BEGINNING = /^&[#\w]{0,10}$/;

/**
 * How long the thing of Markdown at the beginning of a text is (emphasis aside), 1 when it is a plain character, undefined while it is
 * open. An answer stays the same however the text continues.
 * @param before the character before the text
 */
export function endOfUnit(text: string, before: string): number | undefined {
  const character = text[0] ?? "";
  switch (character) {
    case "\\":
      return endOfEscape(text);
    case "`":
      return endOfCode(text, 0);
    case "$":
      if (text.length === 1) return undefined;
      return text[1] === "$" ? after(text, "$$") : 1;
    case "!":
      if (text.length === 1) return undefined;
      return text[1] === "[" ? endOfLink(text, 1) : 1;
    case "[":
      return endOfLink(text, 0);
    case "<":
      return endOfTag(text);
    case "h":
    case "w":
      return /[a-z\d]/i.test(before) ? 1 : endOfAddress(text);
    case "&":
      return ENTITY.exec(text)?.[0].length ?? (ENTITY_BEGINNING.test(text) ? undefined : 1);
    default:
      return 1;
  }
}

/** The end of the next mark behind the first two characters. */
function after(text: string, mark: string): number | undefined {
  const found = text.indexOf(mark, 2);
  return found < 0 ? undefined : found + mark.length;
}

function endOfEscape(text: string): number | undefined {
  const next = text[1];
  if (next === undefined) return undefined;
  if (next === "(") return after(text, "\\)");
  if (next === "[") return after(text, "\\]");
  return /[!-/:-@[-`{-~]/.test(next) ? 2 : 1;
}

function runLength(text: string, at: number): number {
  let length = 1;
  while (text[at + length] === text[at]) length++;
  return length;
}

/** A code span ends with as many backticks as it began with. */
function endOfCode(text: string, at: number): number | undefined {
  const opening = runLength(text, at);
  if (at + opening === text.length) return undefined;
  for (let found = text.indexOf("`", at + opening); found >= 0;) {
    const length = runLength(text, found);
    // at the very end it could still grow
    if (found + length === text.length) return undefined;
    if (length === opening) return found + length;
    found = text.indexOf("`", found + length);
  }
  return undefined;
}

function endOfLink(text: string, at: number): number | undefined {
  const label = endOfBracket(text, at, "[", "]");
  if (label === undefined || label === text.length) return undefined;
  return text[label] === "(" ? endOfBracket(text, label, "(", ")") : label;
}

function endOfBracket(text: string, at: number, open: string, close: string): number | undefined {
  let depth = 0;
  for (let index = at; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === open) depth++;
    else if (text[index] === close && --depth === 0) return index + 1;
  }
  return undefined;
}

function endOfTag(text: string): number | undefined {
  if (/^<[!/]?$/.test(text) || text === "<!-") return undefined;
  const [tag] = TAG.exec(text) ?? [];
  if (tag === undefined) return 1;
  const end = text.indexOf(">");
  if (end >= 0 && end <= tag.length) return end + 1;
  return tag.length === text.length ? undefined : 1;
}

/** An address is known as a whole, so that the whole of it can be followed. */
function endOfAddress(text: string): number | undefined {
  const [address] = ADDRESS.exec(text) ?? [];
  if (address !== undefined) return address.length === text.length ? undefined : address.length;
  const mayBecome = ADDRESS_MARKS.some((mark) => text.length < mark.length && mark.startsWith(text));
  return mayBecome ? undefined : 1;
}
