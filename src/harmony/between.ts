import { CHANNELS } from "./tokens.ts";

/** Longer text than this is no header that lost its start. */
const LONGEST_HEADER = 256;
const WORDS: readonly string[] = ["assistant", "json", "code", ...CHANNELS];
const OPEN_WORDS = ["to=", "functions."];

/** True for text that can be the words of a header whose markers are missing: ` to=functions.f`, `commentary json`. */
export function isHeaderLike(text: string): boolean {
  return text.length <= LONGEST_HEADER && wordsOf(text).every(isHeaderWord);
}

/** True while text may still grow into such words: only its last word can be unfinished. */
export function mayBecomeHeader(text: string): boolean {
  if (text.length > LONGEST_HEADER) return false;
  const words = wordsOf(text);
  const last = /\s$/.test(text) ? undefined : words.pop();
  if (!words.every(isHeaderWord)) return false;
  return (
    last === undefined ||
    isHeaderWord(last) ||
    [...WORDS, ...OPEN_WORDS].some((word) => word.startsWith(last)) ||
    mayBeGlued(last)
  );
}

/** True for what stands between messages and means nothing: white space, `assistant`, a lone channel name. */
export function isNoise(text: string): boolean {
  return /^\s*(?:assistant\s*)*(?:analysis|commentary|final)?\s*$/.test(text);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function isHeaderWord(word: string): boolean {
  return /^(?:assistant)*(?:assistant|analysis|commentary|final|json|code|(?:to=|functions\.).*)$/.test(word);
}

/** "assistantfin": a known word glued to the beginning of another. */
function mayBeGlued(word: string): boolean {
  const rest = word.replace(/^(?:assistant)+/, "");
  return rest !== word && [...WORDS, ...OPEN_WORDS].some((known) => known.startsWith(rest));
}
