export type Verdict = "text" | "wait" | "close";

const ROLE =
  /^\s*(?:system|developer|user|assistant|tool)(?![a-z])|^\s*assistant(?:assistant|analysis|commentary|final)/;
const ROLE_WORDS = ["system", "developer", "user", "assistant", "tool"];
/** A tool's result: `functions.f to=assistant`. */
const TOOL_RESULT = /^\s*[\w.:-]{1,128} to=assistant/;
const BEGINNING_OF_TOOL_RESULT = /^\s*[\w.:-]{0,128}(?: (?:t(?:o(?:=(?:a[a-z]{0,8})?)?)?)?)?$/;
const CHANNEL_AS_ROLE = /^\s*(?:analysis|commentary|final)<\|(?:message|channel)\|>/;
const BEGINNING_OF_CHANNEL_AS_ROLE = /^\s*(?:analysis|commentary|final)<(?:\|(?:[a-z]{0,7}\|?)?)?$/;
const CHANNEL_NAMES = ["analysis", "commentary", "final"];
/** So many spaces may stand before a word that decides. */
const MOST_SPACES = 8;

/**
 * Whether a `<|start|>` inside a body begins a new message, the stop having been left out, or is text about harmony.
 * @param rest what follows the token, as far as it is there
 */
export function closesAtStart(rest: string, isLast: boolean): Verdict {
  if (/^\s*<\|channel\|>/.test(rest) || TOOL_RESULT.test(rest) || CHANNEL_AS_ROLE.test(rest)) return "close";
  // "assistant" at the end may still become "assistants"
  if (ROLE.test(rest) && (isLast || !endsInRole(rest))) return "close";
  if (isLast) return "text";
  return mayStillClose(rest) ? "wait" : "text";
}

function endsInRole(rest: string): boolean {
  return ROLE_WORDS.includes(rest.trimStart());
}

function mayStillClose(rest: string): boolean {
  const word = rest.trimStart();
  if (rest.length - word.length > MOST_SPACES) return false;
  return (
    "<|channel|>".startsWith(word) || BEGINNING_OF_TOOL_RESULT.test(rest) || BEGINNING_OF_CHANNEL_AS_ROLE.test(rest)
  );
}

/** Whether a `<|channel|>` inside a body begins a new message: only when a channel that exists is named. */
export function closesAtChannel(rest: string, isLast: boolean): Verdict {
  const word = rest.trimStart();
  if (CHANNEL_NAMES.some((name) => word.startsWith(name))) return "close";
  const isOpen =
    !isLast && rest.length - word.length <= MOST_SPACES && CHANNEL_NAMES.some((name) => name.startsWith(word));
  return isOpen ? "wait" : "text";
}
