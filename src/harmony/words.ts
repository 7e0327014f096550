import { CHANNELS } from "./channels.ts";

/** The roles of the format; any other word in their place names a tool. */
export const ROLES: readonly string[] = ["system", "developer", "user", "assistant", "tool"];
/** A name of a tool that is one even without `to=`. */
const TOOL = /^(?:(?:functions|browser|container)\.\S+|python)$/;

/** Words that stand in headers as they are, and beginnings of such that go on freely. */
const WORDS: readonly string[] = [...ROLES, ...CHANNELS, "json", "code", "python"];
const BEGINNINGS: readonly string[] = ["to=", "functions.", "browser.", "container."];
/** Longer text than this is no header that lost its markers. */
const LONGEST_HEADER = 256;

export function isToolName(word: string): boolean {
  return TOOL.test(word);
}

/** True for text that can be a header whose markers are missing: ` to=functions.f`, `assistantcommentary json`. */
export function isHeaderLike(text: string): boolean {
  return text.length <= LONGEST_HEADER && wordsOf(text).every(isHeaderWord);
}

/** True while text may still grow into a header: only its last word can be unfinished. */
export function mayBecomeHeader(text: string): boolean {
  if (text.length > LONGEST_HEADER) return false;
  const words = wordsOf(text);
  const last = words.pop();
  return (
    words.every(isHeaderWord) &&
    (last === undefined || isHeaderWord(last) || (!/\s$/.test(text) && beginsHeaderWord(last)))
  );
}

/** True for what stands between messages and means nothing: white space, `assistant`, a lone channel name. */
export function isNoise(text: string): boolean {
  return text.length <= LONGEST_HEADER && /^\s*(?:assistant\s*)*(?:analysis|commentary|final)?\s*$/.test(text);
}

/** True for what a header leaves behind that is begun anew. */
export function isJunk(text: string): boolean {
  return isNoise(text) || (isHeaderLike(text) && /(?:^|\s)to=|analysis|commentary|final/.test(text));
}

/** True for the words of a header that can be no answer, as a lone "json" could. */
export function isCutHeader(text: string): boolean {
  return isHeaderLike(text) && /(?:^|\s|assistant)to=|assistant(?:analysis|commentary|final)/.test(text);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function isHeaderWord(word: string): boolean {
  const rest = withoutAssistants(word);
  return rest === "" || WORDS.includes(rest) || BEGINNINGS.some((beginning) => rest.startsWith(beginning));
}

function beginsHeaderWord(word: string): boolean {
  const rest = withoutAssistants(word);
  return [...WORDS, ...BEGINNINGS].some((known) => known.startsWith(rest));
}

/** "assistant" is often there twice, and glued to what follows. */
function withoutAssistants(word: string): string {
  return word.replace(/^(?:assistant)+/, "");
}
