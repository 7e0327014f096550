import stringWidth from "string-width";
import { segmentsOf } from "./unicode.ts";

/** Marks that are drawn on the character before them; the dots of kana would count as full-width on their own. */
const MARKS_BEFORE = /^[\p{M}\u200D]+/u;

/** Nearly all text: counted a hundred times faster than what may have marks and emoji in it. */
const NARROW = /^[ -~]*$/;
const WIDE = /^[\u3001\u3002\u3041-\u3096\u30A1-\u30FA\u30FC\u4E00-\u9FFF]*$/;

/** Columns that a text takes: two for full-width characters and most emoji, none for what combines, also with what comes before it. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  if (WIDE.test(text)) return 2 * text.length;
  return stringWidth(text.replace(MARKS_BEFORE, ""));
}

export function isMark(text: string): boolean {
  return text !== "" && text.replace(MARKS_BEFORE, "") === "";
}

/** The characters as a reader counts them: an emoji of several code points is one. */
export function graphemesOf(text: string): string[] {
  return [...segmentsOf(text, "grapheme")];
}

/** As much of the beginning as fits into so many columns, with `…` where something is left out. */
export function fitInto(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : `${cutTo(text, columns - 1)}…`;
}

/** As much of the beginning as fits into so many columns. */
function cutTo(text: string, columns: number): string {
  let fitting = "";
  let width = 0;
  for (const grapheme of graphemesOf(text)) {
    width += widthOf(grapheme);
    if (width > columns) break;
    fitting += grapheme;
  }
  return fitting;
}

export type Alignment = "left" | "center" | "right";

/** The spaces before and after something that takes `taken` of `columns`. */
export function marginsOf(taken: number, columns: number, align: Alignment = "left"): readonly [string, string] {
  const missing = Math.max(0, columns - taken);
  const left = align === "right" ? missing : align === "center" ? Math.floor(missing / 2) : 0;
  return [" ".repeat(left), " ".repeat(missing - left)];
}

export function padTo(text: string, columns: number, align: Alignment = "left"): string {
  const [before, behind] = marginsOf(widthOf(text), columns, align);
  return before + text + behind;
}
