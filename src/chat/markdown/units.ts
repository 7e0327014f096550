import { graphemesOf } from "../../text/width.ts";
import { endOfUnit } from "./unit-end.ts";

/** A piece of a line that means what it means whatever stands around it: a run of plain text, or one thing of Markdown. */
export interface Unit {
  readonly text: string;
  readonly isPlain: boolean;
}

export interface Units {
  readonly units: readonly Unit[];
  /** Where they end: what follows is not decided yet. UTF-16 units. */
  readonly length: number;
}

/** A sign that opens something is waited for no longer than this; then it stands for itself. */
const LONGEST_UNIT = 1_000;

/**
 * Takes the beginning of a line apart as far as it is decided, whatever may follow: up to the first sign of which only more text tells
 * what it means (`**` without its end, `[` without its address, …), and not up to the middle of a character.
 * @param before the character before the text
 * @param isWhole nothing follows: signs that are still open stand for themselves
 */
export function unitsOf(text: string, before: string, isWhole: boolean): Units {
  const units: Unit[] = [];
  let [at, plainFrom] = [0, 0];
  const endPlain = (to: number) => {
    if (to > plainFrom) units.push({ text: text.slice(plainFrom, to), isPlain: true });
  };
  while (at < text.length) {
    const length = unitLength(text, at, text[at - 1] ?? before, isWhole);
    if (length === undefined) break;
    if (length > 1) {
      endPlain(at);
      units.push({ text: text.slice(at, at + length), isPlain: false });
      plainFrom = at + length;
    }
    at += length;
  }
  const end = isWhole ? at : Math.max(plainFrom, withoutLastCharacter(text, plainFrom, at));
  endPlain(end);
  return { units, length: end };
}

/** 1 for what is plain; undefined while that is open. */
function unitLength(text: string, at: number, before: string, isWhole: boolean): number | undefined {
  const rest = text.slice(at, at + LONGEST_UNIT + 1);
  // the end of the line ends what is open at its very end
  const length = endOfUnit(isWhole && rest.length <= LONGEST_UNIT ? `${rest}\n` : rest, before);
  if (length === undefined) return isWhole || rest.length > LONGEST_UNIT ? 1 : undefined;
  return length > Math.min(LONGEST_UNIT, rest.length) ? 1 : length;
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
