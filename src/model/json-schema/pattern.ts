import { automatonAccepts } from "../automaton/automaton.ts";
import { patternAutomaton } from "../automaton/pattern-automaton.ts";

const SYNTAX = new Set("^$\\.*+?()[]{}|/");

/**
 * A pattern as it has to be written for JavaScript's flag `u`, which counts characters as JSON Schema does. Most patterns in the field
 * were written without it: `[\w-.]`, `\:`, `\-`. A pattern that is valid without the flag alone stays as it is.
 * @returns undefined for what is no regular expression
 */
export function unicodePattern(source: string): string | undefined {
  if (compiles(source, "u")) return source;
  if (!compiles(source, "")) return undefined;
  const rewritten = rewrite(source);
  return compiles(rewritten, "u") ? rewritten : source;
}

/** Whether a text matches; linear in its length for all patterns that a grammar can say. */
export function patternMatcher(source: string): { readonly test: (text: string) => boolean } {
  const automaton = patternAutomaton(source);
  if (automaton !== undefined) return { test: (text) => automatonAccepts(automaton, text) };
  return new RegExp(source, compiles(source, "u") ? "u" : "");
}

function compiles(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags).flags === flags;
  } catch {
    return false; // which is what was asked
  }
}

function rewrite(source: string): string {
  let result = "";
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at] ?? "";
    const [piece, length] =
      character === "\\" ? escapeAt(source, at, inClass) : [plain(source, at, character, inClass), 1];
    if (character === "[") inClass = true;
    if (character === "]") inClass = false;
    result += piece;
    at += length - 1;
  }
  return result;
}

/** An escape with its backslash, and how many characters it takes. */
function escapeAt(source: string, at: number, inClass: boolean): readonly [string, number] {
  const known =
    /\\(?:u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|[pP]\{[^}]*\}|k<[^>]+>|0(?!\d)|[1-9]\d*)/y;
  known.lastIndex = at;
  const match = known.exec(source)?.[0];
  // without the flag, \u{…} and \p{…} are letters and a repetition; nobody means that
  if (match !== undefined) return [match, match.length];
  const next = source[at + 1] ?? "";
  const isKnown = SYNTAX.has(next) || /[dDwWsStnvfr]/.test(next) || (inClass ? /[b-]/.test(next) : /[bB]/.test(next));
  if (!isKnown) return [next, 2];
  // a class of several characters can't begin or end a range
  const isHyphenBehindClass = inClass && /[dDwWsS]/.test(next) && source[at + 2] === "-" && source[at + 3] !== "]";
  return isHyphenBehindClass ? [`\\${next}\\-`, 3] : [`\\${next}`, 2];
}

function plain(source: string, at: number, character: string, inClass: boolean): string {
  if (inClass) {
    const endsInClass = character === "-" && /^\\[dDwWsS]/.test(source.slice(at + 1)) && source[at - 1] !== "[";
    return endsInClass ? String.raw`\-` : character;
  }
  if (character === "]" || character === "}") return isQuantifierEnd(source, at) ? character : `\\${character}`;
  if (character === "{") return /^\{\d+(?:,\d*)?\}/.test(source.slice(at)) ? character : String.raw`\{`;
  return character;
}

function isQuantifierEnd(source: string, at: number): boolean {
  return source[at] === "}" && /\{\d+(?:,\d*)?$/.test(source.slice(0, at));
}
