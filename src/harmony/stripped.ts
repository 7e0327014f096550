import { CHANNELS } from "./channels.ts";
import type { OfferedTools } from "./offered-tools.ts";
import { beginsStrippedHeader, mayBeginTypedBody, strippedCallAt, unfinishedCallAt } from "./stripped-header.ts";
import { mayBecomeHeader } from "./words.ts";

/*
 * Harmony whose control tokens someone has removed: `analysisWe need…assistantfinalHello`. Only text that begins with a channel's
 * name is looked at, and only what can be no sentence counts: glue (`assistantfinal`), or a name run together with what follows.
 */

const channel = `(${CHANNELS.join("|")})`;
const BEGINNING = new RegExp(String.raw`^\s{0,16}(assistant)?${channel}`);
/** Or the recipient follows, and then the channel. */
const NEXT_GLUE = new RegExp(`assistant(?:${channel}|(?=\\s?to=))`, "g");
/** No sentence begins so. */
const ADDRESSED = new RegExp(String.raw`^\s{0,16}(?:assistant)?${channel}[ \t]{1,4}to=[\w"]`);
const GLUES = CHANNELS.map((name) => `assistant${name}`);
const LONGEST_GLUE = Math.max(...GLUES.map((glue) => glue.length));
/** So many spaces before glue are the glue's and not the message's. */
const MOST_SPACES = 16;
/** In a sentence a small letter or a space follows a word; a capital, a letter without case, a quote or a bracket does not. */
const RUN_TOGETHER = /^[\p{Lu}\p{Lo}\p{Extended_Pictographic}"'“‘「『（([{*#`]/u;

/**
 * Whether a text in which no control token has been seen is stripped harmony. "open": more characters tell. "undecided": glue, a
 * token or the end of the text tells.
 */
export function judgeStripped(text: string, tools: OfferedTools): "yes" | "no" | "open" | "undecided" {
  if (beginsStrippedHeader(text, tools)) return "yes";
  const [whole, assistant] = BEGINNING.exec(text) ?? [];
  // a token may follow, which makes a header of it
  const isOpen = mayBecomeHeader(text, tools);
  if (!isOpen && ADDRESSED.test(text)) return "yes";
  if (whole === undefined) return isOpen || mayBegin(text) ? "open" : "no";
  if (assistant !== undefined) return isOpen ? "open" : "yes";
  if (isOpen || mayBeginTypedBody(text)) return "open";
  const next = text.slice(whole.length, whole.length + 2);
  if (RUN_TOGETHER.test(next)) return "yes";
  // half of a character that takes two is no character yet
  return next === "" || /^[\uD800-\uDBFF]$/.test(next) ? "open" : "undecided";
}

function mayBegin(text: string): boolean {
  const word = text.trimStart();
  return text.length - word.length <= 16 && [...CHANNELS, ...GLUES].some((beginning) => beginning.startsWith(word));
}

export function hasGlue(text: string, tools: OfferedTools): boolean {
  return findGlue(text, 0, tools) !== undefined;
}

/** The end of a text that has to be searched for glue again, together with what follows. */
export function endOfGlueSearch(text: string, tools: OfferedTools): string {
  return text.slice(Math.max(0, Math.min(text.length - LONGEST_GLUE, unfinishedCallAt(text, tools))));
}

/** Cuts the first channel's name off stripped text; there is none where the recipient comes first. */
export function cutFirstChannel(text: string): { readonly channel: string; readonly rest: string } {
  const [whole = "", , name = ""] = BEGINNING.exec(text) ?? [];
  const rest = text.slice(whole.length);
  return { channel: name, rest: name === "" ? rest.replace(/^\s*assistant/, "") : rest };
}

/** Where a stripped message ends and the next one begins. */
export interface FoundGlue {
  /** Where the text ends, without the spaces before the glue. */
  readonly textEnd: number;
  /** Where what follows the glue begins. */
  readonly end: number;
  /** The channel of the message that follows; empty where its recipient comes first. */
  readonly channel: string;
}

/** Finds the first glue from `from` on. */
export function findGlue(text: string, from: number, tools: OfferedTools): FoundGlue | undefined {
  NEXT_GLUE.lastIndex = from;
  for (let glue = NEXT_GLUE.exec(text); glue !== null; glue = NEXT_GLUE.exec(text)) {
    const [, channelName = ""] = glue;
    const end = NEXT_GLUE.lastIndex;
    if (channelName === "" && strippedCallAt(text, end, tools) === undefined) continue;
    const spaces = spacesBefore(text.slice(from, glue.index), glue.index - from);
    return { textEnd: glue.index - spaces, end, channel: channelName };
  }
  return undefined;
}

/** Where the end of a text begins that can be the beginning of glue: spaces, then a beginning of `assistant…`. */
export function undecidedFrom(text: string, tools: OfferedTools): number {
  const call = unfinishedCallAt(text, tools);
  for (let at = Math.max(0, text.length - LONGEST_GLUE); at < call; at++) {
    const ending = text.slice(at);
    if (GLUES.some((glue) => glue.startsWith(ending))) return at - spacesBefore(text, at);
  }
  if (call < text.length) return call - spacesBefore(text, call);
  return text.length - spacesBefore(text, text.length);
}

function spacesBefore(text: string, at: number): number {
  let spaces = 0;
  while (spaces < Math.min(at, MOST_SPACES) && /\s/.test(text.charAt(at - spaces - 1))) spaces++;
  return spaces;
}
