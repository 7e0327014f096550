import { breakLongRuns } from "./break-long-runs.ts";

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
export function neutralizeControlTokens(text: string): string {
  // a run that would overflow the stack of the server's tokenizer ends the server
  return breakLongRuns(text.replace(CONTROL_TOKEN, `<${ZERO_WIDTH_SPACE}`));
}

/**
 * The same for every string and every name inside a JSON value: a tool's schema, or a call's arguments once they are parsed. In JSON
 * text a marker can hide behind an escape (`\u003c|end|>`), which the server's template undoes.
 */
export function neutralizeControlTokensIn(value: unknown): unknown {
  if (typeof value === "string") return neutralizeControlTokens(value);
  if (Array.isArray(value)) return value.map(neutralizeControlTokensIn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [neutralizeControlTokens(name), neutralizeControlTokensIn(inner)]),
  );
}
