import { automatonAccepts } from "../automaton/automaton.ts";
import { patternAutomaton } from "../automaton/pattern-automaton.ts";

const SYNTAX = new Set("^$\\.*+?()[]{}|/");

/**
 * A pattern as it has to be written for JavaScript's flag `u`, which counts characters as JSON Schema does. Most patterns in the field
 * were written without it: `[\w-.]`, `\:`, `\-`. A pattern that is valid without the flag alone stays as it is.
 * @returns undefined for anything but a regular expression
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

const DATE = String.raw`(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?`;
const OFFSET = String.raw`(?:Z|[+\-](?:[01]\d|2[0-3]):[0-5]\d)`;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?";
const BYTE = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const GROUP = "[0-9a-fA-F]{1,4}";
const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
const URI = String.raw`[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:\/?#\[\]@!$&'()*+,;=]|%[0-9a-fA-F]{2})+`;
const DAYS = String.raw`(?:\d+D)`;
const DURATION = String.raw`P(?:\d+W|(?:\d+Y(?:\d+M)?${DAYS}?|\d+M${DAYS}?|${DAYS})(?:T(?:\d+H(?:\d+M)?(?:\d+S)?|\d+M(?:\d+S)?|\d+S))?|T(?:\d+H(?:\d+M)?(?:\d+S)?|\d+M(?:\d+S)?|\d+S))`;

/**
 * The formats that are guaranteed, each as a pattern, so that grammar and check can't differ. Any other format is a note to the model.
 */
export const FORMATS: Readonly<Record<string, string>> = {
  date: `^${DATE}$`,
  time: `^${CLOCK}${OFFSET}$`,
  "date-time": `^${DATE}T${CLOCK}${OFFSET}$`,
  "local-time": `^${CLOCK}$`,
  "local-date-time": `^${DATE}T${CLOCK}$`,
  duration: `^${DURATION}$`,
  uuid: `^${UUID}$`,
  guid: `^${UUID}$`,
  email: `^[A-Za-z0-9_+\\-]+(?:\\.[A-Za-z0-9_'+\\-]+)*@(?:${LABEL}\\.)+[A-Za-z]{2,}$`,
  hostname: `^(?:${LABEL}\\.)*${LABEL}$`,
  ipv4: `^(?:${BYTE}\\.){3}${BYTE}$`,
  ipv6: `^(?:(?:${GROUP}:){7}${GROUP}|(?:${GROUP}:){1,7}:|(?:${GROUP}:){1,6}:${GROUP}|(?:${GROUP}:){1,5}(?::${GROUP}){1,2}|(?:${GROUP}:){1,4}(?::${GROUP}){1,3}|(?:${GROUP}:){1,3}(?::${GROUP}){1,4}|(?:${GROUP}:){1,2}(?::${GROUP}){1,5}|${GROUP}:(?::${GROUP}){1,6}|:(?:(?::${GROUP}){1,7}|:))$`,
  uri: `^${URI}$`,
  url: `^${URI}$`,
};

export function formatPattern(format: string | undefined): string | undefined {
  return format !== undefined && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
}

/**
 * zod says "time" also of times without an offset, which the standard's never are; its pattern says what is meant.
 * @returns the format that a pattern beside it allows
 */
export function formatBesidePattern(format: string, matches: (text: string) => boolean): string {
  const samples: Readonly<Record<string, string>> = { time: "12:00:00Z", "date-time": "2024-01-01T12:00:00Z" };
  const sample = Object.hasOwn(samples, format) ? samples[format] : undefined;
  return sample === undefined || matches(sample) ? format : `local-${format}`;
}
