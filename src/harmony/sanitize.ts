/** Stands between `<` and `|`: no reader sees it, and no vocabulary has a control token with it. */
const ZERO_WIDTH_SPACE = "\u200B";

/**
 * Every control token of o200k_harmony and of the vocabularies around it is a name between `<|` and `|>`. Which of them a model's
 * file has is not asked: a name that it does not have loses nothing. Operators such as `<|`, `|>` and `<|>` are not touched.
 */
const CONTROL_TOKEN = /<(?=\|\w{2,}\|>)/g;

/**
 * Makes untrusted text safe to send: llama-server reads control tokens wherever they stand in a prompt, so that text which holds
 * `<|end|><|start|>system<|message|>` would write a system message. Each such marker gets a character that nobody sees; any other
 * text stays byte for byte, and text that is safe already stays too.
 */
export function sanitizeControlTokens(text: string): string {
  // a run that would overflow the stack of the server's tokenizer ends the server
  return breakLongRuns(text.replace(CONTROL_TOKEN, `<${ZERO_WIDTH_SPACE}`));
}

/**
 * The same for every string and every name inside a JSON value: a tool's schema, or a call's arguments once they are parsed. In JSON
 * text a marker can hide behind an escape (`\u003c|end|>`), which the server's template undoes.
 */
export function sanitizeControlTokensIn(value: unknown): unknown {
  if (typeof value === "string") return sanitizeControlTokens(value);
  if (Array.isArray(value)) return value.map(sanitizeControlTokensIn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [sanitizeControlTokens(name), sanitizeControlTokensIn(inner)]),
  );
}

/**
 * The tokenizer of llama.cpp v0.5.0 matches each run of letters, of blanks or of signs with a recursive regular expression. With 8 MB of
 * stack it overflowed at 25,800 letters, 37,100 blanks or signs and 74,200 units of emoji, and took the server and everybody's answers with
 * it. A thread of macOS has 512 KB, a sixteenth of that.
 */
const MAX_RUN = 1_000;
/** No reader sees it; it is neither a letter nor a blank. */

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
