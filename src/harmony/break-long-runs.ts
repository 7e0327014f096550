/**
 * The tokenizer of llama.cpp v0.5.0 matches each run of letters, of blanks or of signs with a recursive regular expression. With 8 MB of
 * stack it overflowed at 25,800 letters, 37,100 blanks or signs and 74,200 units of emoji, and took the server and everybody's answers with
 * it. A thread of macOS has 512 KB, a sixteenth of that.
 */
const MAX_RUN = 1_000;
/** No reader sees it; it is neither a letter nor a blank. */
const ZERO_WIDTH_SPACE = "\u200B";

/** Greedy, so that each run is looked at once. */
const RUNS: readonly (readonly [run: RegExp, separator: string])[] = [
  [/[\p{L}\p{M}]+/gu, ZERO_WIDTH_SPACE],
  [/\s+/g, ZERO_WIDTH_SPACE],
  // to the tokenizer, a zero-width space is a sign like the others
  [/[^\s\p{L}\p{N}]+/gu, " "],
];
const FULL_RUN = /.{1000}(?!$)/gsu;

/**
 * Separates runs of more than a thousand characters of one kind, so that no request can overflow the stack of a server's tokenizer. Any
 * other text stays byte for byte, and text that is safe already stays too.
 */
export function breakLongRuns(text: string): string {
  if (!mayHaveLongRun(text)) return text;
  return RUNS.reduce((safe, [pattern, separator]) => {
    const separate = (run: string) =>
      run.length <= MAX_RUN ? run : run.replaceAll(FULL_RUN, (full) => full + separator);
    return safe.replaceAll(pattern, separate);
  }, text);
}

const RUNS_AT = RUNS.map(([{ source }]) => new RegExp(source, "yu"));
const STEP = MAX_RUN / 2;

/** Looks at a few places alone: a run that is too long covers two of them, and all that is between. */
function mayHaveLongRun(text: string): boolean {
  for (let at = 0; at + STEP < text.length; at += STEP) {
    for (const run of RUNS_AT) {
      run.lastIndex = at;
      if ((run.exec(text)?.[0].length ?? 0) >= STEP) return true;
    }
  }
  return false;
}
