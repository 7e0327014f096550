import type { HarmonyHeader } from "./message.ts";

/**
 * Harmony whose control tokens someone has removed: `analysisWe need…assistantfinalHello`. Only text that begins with a channel
 * name is looked at, and only what cannot be a sentence counts: glue (`assistantfinal`), or a name run together with what follows.
 */
const BEGINNING = /^\s*(assistant)?(analysis|commentary|final)/;
/** What follows a name in a sentence is a small letter or a space; a capital, a quote, a bracket or a kana is not. */
const RUN_TOGETHER = /^[\p{Lu}\p{Lo}"'“‘「『([{*#`]/u;
const GLUE = /assistant(analysis|commentary|final)/;
/** So many spaces before glue belong to it and not to the message. */
const MOST_SPACES = 16;
const LONGEST_GLUE = "assistantcommentary".length;

export type StrippedVerdict = "no" | "open" | "yes";

/** Judges the beginning of a text in which no control token has been seen. "open" until more, or the end, is there. */
export function judgeStripped(text: string): StrippedVerdict {
  const match = BEGINNING.exec(text);
  if (match === null) return mayBegin(text) ? "open" : "no";
  if (match[1] !== undefined) return "yes";
  const next = text.slice(match[0].length, match[0].length + 2);
  return RUN_TOGETHER.test(next) ? "yes" : "open";
}

function mayBegin(text: string): boolean {
  const word = text.trimStart();
  return (
    word.length <= LONGEST_GLUE &&
    ["analysis", "commentary", "final", "assistantanalysis", "assistantcommentary", "assistantfinal"].some(
      (beginning) => beginning.startsWith(word),
    )
  );
}

export function containsGlue(text: string): boolean {
  return GLUE.test(text);
}

/** How many characters at the end of a text have to be seen again together with what follows, to find glue that is cut. */
export const GLUE_OVERLAP = LONGEST_GLUE;

export interface StrippedPart {
  /** Text of the message that is open, before the glue. */
  readonly before: string;
  /** What follows the glue and its channel name; undefined when there is none yet. */
  readonly channel: string | undefined;
  readonly after: string;
}

/** Cuts text at the first glue; without one, `after` is what may be the beginning of glue and has to wait. */
export function cutAtGlue(text: string, isLast: boolean): StrippedPart {
  const glue = GLUE.exec(text);
  if (glue?.[1] !== undefined)
    return {
      before: text.slice(0, glue.index - spacesBefore(text, glue.index)),
      channel: glue[1],
      after: text.slice(glue.index + glue[0].length),
    };
  const waits = isLast ? 0 : waitingLength(text);
  return { before: text.slice(0, text.length - waits), channel: undefined, after: text.slice(text.length - waits) };
}

/** Length of the longest end of a text that can begin glue: spaces, then a beginning of `assistant…`. */
function waitingLength(text: string): number {
  const candidates = ["assistantanalysis", "assistantcommentary", "assistantfinal"];
  for (let length = Math.min(LONGEST_GLUE, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    if (candidates.some((candidate) => candidate.startsWith(end)))
      return length + spacesBefore(text, text.length - length);
  }
  return spacesBefore(text, text.length);
}

function spacesBefore(text: string, at: number): number {
  let spaces = 0;
  while (spaces < Math.min(at, MOST_SPACES) && /\s/.test(text.charAt(at - spaces - 1))) spaces++;
  return spaces;
}

/**
 * Reads what follows a channel name: perhaps a recipient and a content type, then the body.
 * @returns undefined while more text is needed
 */
export function readStrippedHeader(
  channel: string,
  text: string,
  isLast: boolean,
): { readonly header: HarmonyHeader; readonly body: string } | undefined {
  const body = text.trimStart();
  if (!isLast && (body === "" || ("to=".startsWith(body.slice(0, 3)) && body.length < 3))) return undefined;
  if (!body.startsWith("to=")) return { header: { role: "assistant", channel }, body };
  const call = /^to=([\w.-]+?)\s*(json|code)?\s*(?=[{["])/.exec(body);
  if (call?.[1] !== undefined) {
    const [whole, recipient, contentType] = call;
    return {
      header: { role: "assistant", channel, recipient, ...(contentType && { contentType }) },
      body: body.slice(whole.length),
    };
  }
  if (!isLast && /^to=[\w.-]*\s*\w*\s*$/.test(body) && body.length < 256) return undefined;
  const [whole = "", recipient = ""] = /^to=(\S*)\s*/.exec(body) ?? [];
  return { header: { role: "assistant", channel, ...(recipient && { recipient }) }, body: body.slice(whole.length) };
}
