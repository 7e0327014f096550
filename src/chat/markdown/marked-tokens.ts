import type { Token } from "marked";
import { inlineTokensOf, lettersOnly, MATH } from "./inline.ts";

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const SPACE = /\s/;
const PUNCTUATION = /[\p{P}\p{S}]/u;
/** Something of Markdown in a line, as marked reads it. */
export interface FoundToken {
  readonly token: Token;
  /** Where it ends. */
  readonly end: number;
}

/** What marked finds in a line that is not plain text, by where it begins. */
export function markedTokens(text: string): ReadonlyMap<number, FoundToken> {
  const found = new Map<number, FoundToken>();
  let at = 0;
  const read = (to: number) => {
    for (const token of inlineTokensOf(text.slice(at, to))) {
      if (token.type !== "text") found.set(at, { token, end: at + token.raw.length });
      at += token.raw.length;
    }
  };
  // math stands between texts of their own
  for (const match of text.matchAll(MATH)) {
    read(match.index);
    at = match.index + match[0].length;
  }
  read(text.length);
  return found;
}

/**
 * Whether a run of `*`, `_` or `~` may open emphasis, by CommonMark's rule for left-flanking runs: false when it never will, undefined
 * while the character after it is unknown.
 * @param before the character before the run
 */
export function canOpenEmphasis(text: string, at: number, before: string): boolean | undefined {
  const sign = text[at] ?? "";
  let end = at + 1;
  while (text[end] === sign) end++;
  const code = text.codePointAt(end);
  if (code === undefined) return undefined;
  const next = lettersOnly(String.fromCodePoint(code));
  const previous = lettersOnly(before);
  if (SPACE.test(next)) return false;
  if (sign === "_" && LETTER_OR_DIGIT.test(previous)) return false;
  const isAfterWord = previous !== "" && !SPACE.test(previous) && !PUNCTUATION.test(previous);
  // to marked, a tilde beside emphasis is no sign
  return sign === "~" || !(PUNCTUATION.test(next) && next !== "~" && isAfterWord);
}
