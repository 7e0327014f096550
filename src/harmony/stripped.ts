import { CHANNELS } from "./channels.ts";
import type { HarmonyHeader } from "./message.ts";
import { mayBecomeHeader } from "./words.ts";

/*
 * Harmony whose control tokens someone has removed: `analysisWe need…assistantfinalHello`. Only text that begins with a channel's
 * name is looked at, and only what can be no sentence counts: glue (`assistantfinal`), or a name run together with what follows.
 */

const channel = `(${CHANNELS.join("|")})`;
const BEGINNING = new RegExp(String.raw`^\s{0,16}(assistant)?${channel}`);
const GLUE = new RegExp(`assistant${channel}`);
const NEXT_GLUE = new RegExp(GLUE, "g");
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
export function judgeStripped(text: string): "yes" | "no" | "open" | "undecided" {
  const [whole, assistant] = BEGINNING.exec(text) ?? [];
  if (whole === undefined) return mayBegin(text) ? "open" : "no";
  // a token may follow, which makes a header of it
  if (assistant !== undefined) return mayBecomeHeader(text) ? "open" : "yes";
  const next = text.slice(whole.length, whole.length + 2);
  if (RUN_TOGETHER.test(next)) return "yes";
  // half of a character that takes two is no character yet
  return next === "" || /^[\uD800-\uDBFF]$/.test(next) ? "open" : "undecided";
}

function mayBegin(text: string): boolean {
  const word = text.trimStart();
  return text.length - word.length <= 16 && [...CHANNELS, ...GLUES].some((beginning) => beginning.startsWith(word));
}

export function hasGlue(text: string): boolean {
  return GLUE.test(text);
}

/** The end of a text that has to be searched for glue again, together with what follows. */
export function endOfGlueSearch(text: string): string {
  return text.slice(-LONGEST_GLUE);
}

/** Cuts the first channel's name off stripped text. */
export function cutFirstChannel(text: string): { readonly channel: string; readonly rest: string } {
  const [whole = "", , name = ""] = BEGINNING.exec(text) ?? [];
  return { channel: name, rest: text.slice(whole.length) };
}

/** Where a stripped message ends and the next one begins. */
export interface FoundGlue {
  /** Where the text ends, without the spaces before the glue. */
  readonly textEnd: number;
  /** Where what follows the glue begins. */
  readonly end: number;
  /** The channel of the message that follows. */
  readonly channel: string;
}

/** Finds the first glue from `from` on. */
export function findGlue(text: string, from: number): FoundGlue | undefined {
  NEXT_GLUE.lastIndex = from;
  const glue = NEXT_GLUE.exec(text);
  if (glue?.[1] === undefined) return undefined;
  const spaces = spacesBefore(text.slice(from, glue.index), glue.index - from);
  return { textEnd: glue.index - spaces, end: NEXT_GLUE.lastIndex, channel: glue[1] };
}

/** Where the end of a text begins that can be the beginning of glue: spaces, then a beginning of `assistant…`. */
export function undecidedFrom(text: string): number {
  for (let at = Math.max(0, text.length - LONGEST_GLUE); at < text.length; at++) {
    const ending = text.slice(at);
    if (GLUES.some((glue) => glue.startsWith(ending))) return at - spacesBefore(text, at);
  }
  return text.length - spacesBefore(text, text.length);
}

function spacesBefore(text: string, at: number): number {
  let spaces = 0;
  while (spaces < Math.min(at, MOST_SPACES) && /\s/.test(text.charAt(at - spaces - 1))) spaces++;
  return spaces;
}

/** Longer than this is no recipient with its content type. */
export const LONGEST_ADDRESS = 256;
const TYPE_BEFORE_BODY = /^\s*(json|code)?\s*(?=[{["])/;
const BEGINNING_OF_TYPE = /^\s*(?:j|js|jso|json|c|co|cod|code)?\s*$/;

/** Whom a stripped message is for. */
interface Address {
  readonly recipient?: string;
  readonly contentType?: string;
  readonly length: number;
}

const NO_ADDRESS: Address = { length: 0 };

/**
 * Reads what follows a stripped channel's name: perhaps a recipient and a content type, then the body.
 * @returns undefined while more text is needed
 */
export function readStrippedHeader(
  channelName: string,
  text: string,
  isLast: boolean,
): { readonly header: HarmonyHeader; readonly bodyAt: number } | undefined {
  const address = readAddress(text, isLast || text.length === LONGEST_ADDRESS);
  if (address === undefined) return undefined;
  const { length, ...header } = address;
  return { header: { role: "assistant", channel: channelName, ...header }, bodyAt: length };
}

function readAddress(text: string, isWhole: boolean): Address | undefined {
  const [whole = "", word = ""] = /^to=([\w.-]+)/.exec(text) ?? [];
  if (whole === "") return !isWhole && "to=".startsWith(text) ? undefined : NO_ADDRESS;
  const after = text.slice(whole.length);
  if (after === "" && !isWhole) return undefined;
  const glue = GLUE.exec(word);
  if (glue?.index === 0) return { length: "to=".length };
  if (glue !== null) return { recipient: word.slice(0, glue.index), length: "to=".length + glue.index };
  const typed = TYPE_BEFORE_BODY.exec(after);
  if (typed !== null) return { ...withType(word, typed), length: whole.length + typed[0].length };
  if (!isWhole && BEGINNING_OF_TYPE.test(after)) return undefined;
  const spaces = after.length - after.trimStart().length;
  return spaces > 0 || after === "" ? { recipient: word, length: whole.length + spaces } : NO_ADDRESS;
}

/** `to=functions.fjson{`: the type can be glued to the recipient too. */
function withType(word: string, [spaces, type]: RegExpExecArray): Omit<Address, "length"> {
  const [, recipient, glued] = (spaces === "" && /^(.+?)(json|code)$/.exec(word)) || [undefined, word, type];
  return { recipient, ...(glued !== undefined && { contentType: glued }) };
}
