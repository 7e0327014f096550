import { graphemesOf } from "../../text/width.ts";
import type { Token } from "marked";
import { canOpenEmphasis, type FoundToken, markedTokens } from "./marked-tokens.ts";
import { endOfUnit } from "./unit-end.ts";

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

/** What stands in a line before a text. */
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
