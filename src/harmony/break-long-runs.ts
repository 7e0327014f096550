/**
 * The tokenizer of llama.cpp v0.5.0 matches each run of letters, of blanks or of signs with a recursive regular expression. With 8 MB of
 * stack it overflowed at 25,800 letters, 37,100 blanks or signs and 74,200 units of emoji, and took the server and everybody's answers with
 * it. A thread of macOS has 512 KB, a sixteenth of that.
 */
const MAX_RUN = 1_000;
/** No reader sees it; it is neither a letter nor a blank. */
const ZERO_WIDTH_SPACE = "\u200B";

const LONG_RUNS: readonly (readonly [run: RegExp, separator: string])[] = [
  [/[\p{L}\p{M}]{1000}(?=[\p{L}\p{M}])/gu, ZERO_WIDTH_SPACE],
  [/\s{1000}(?=\s)/gu, ZERO_WIDTH_SPACE],
  // to the tokenizer, a zero-width space is a sign like the others
  [/[^\s\p{L}\p{N}]{1000}(?=[^\s\p{L}\p{N}])/gu, " "],
];

/**
 * Separates runs of more than a thousand characters of one kind, so that no request can overflow the stack of a server's tokenizer. Any
 * other text stays byte for byte, and text that is safe already stays too.
 */
export function breakLongRuns(text: string): string {
  if (text.length <= MAX_RUN) return text;
  return LONG_RUNS.reduce((safe, [run, separator]) => safe.replace(run, (whole) => whole + separator), text);
}
