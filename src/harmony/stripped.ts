import { CHANNELS, type HarmonyHeader } from "./format.ts";
import { mayBecomeHeader } from "./header.ts";
import { type OfferedTools, NAMESPACE } from "./offered-tools.ts";

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
  // one half of a surrogate pair is not a character yet
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

/* The header of a message whose control tokens someone has removed, up to where its body begins. */

/** A recipient with its content type is not longer than this. */
export const LONGEST_ADDRESS = 256;

const channelOfHeader = `(?:${CHANNELS.join("|")})`;
/** A name of which nobody knows whether a tool has it. */
const ANY_NAME = String.raw`(?:[\w-]+\.){0,8}[\w-]+?`;
/** Behind the name, perhaps glued: the channel, if it does not stand before, and the content type. Then arguments begin. */
const AFTER_NAME = String.raw`[ \t]{0,4}(${channelOfHeader})?[ \t]{0,4}(json|code)?\s{0,4}(?=[{["])`;
const AFTER_OFFERED_NAME = new RegExp(AFTER_NAME, "y");
const NAME_AND_AFTER = new RegExp(`(${ANY_NAME})${AFTER_NAME}`, "y");
const TO = /[ \t]{0,4}(?:to=)?/y;
const HEADER_BEGINNING = new RegExp(String.raw`^\s{0,16}(?:assistant)?(${channelOfHeader})?[ \t]{0,4}`);
const TYPED_BODY = /^[ \t]{0,4}(json|code)\s{0,4}(?=[{["])/;
const BEGINNING_OF_TYPE = /^[ \t]*(?:j|js|jso|json|c|co|cod|code)?\s{0,4}$/;

/** A stripped call's header. */
interface StrippedCall {
  readonly recipient: string;
  readonly channel: string | undefined;
  readonly contentType: string | undefined;
  /** Where the arguments begin. */
  readonly end: number;
}

/** Reads `to=functions.f json{` or `to=functions.f commentary json{`. Of an offered tool, `f json{` does too. */
export function strippedCallAt(text: string, from: number, tools: OfferedTools): StrippedCall | undefined {
  TO.lastIndex = from;
  const to = TO.exec(text)?.[0] ?? "";
  const isAddressed = to.endsWith("to=");
  const nameAt = from + to.length;
  const call = offeredCallAt(text, nameAt, tools) ?? (isAddressed ? anyCallAt(text, nameAt) : undefined);
  if (call === undefined || call.end - from > LONGEST_ADDRESS) return undefined;
  return isAddressed || call.contentType !== undefined ? call : undefined;
}

function offeredCallAt(text: string, at: number, tools: OfferedTools): StrippedCall | undefined {
  for (const name of tools.names) {
    for (const written of [NAMESPACE + name, name]) {
      // such a name would begin the arguments
      if (/[{["]/.test(name) || !text.startsWith(written, at)) continue;
      AFTER_OFFERED_NAME.lastIndex = at + written.length;
      const after = AFTER_OFFERED_NAME.exec(text);
      if (after === null) continue;
      const [, channelName, contentType] = after;
      return { recipient: NAMESPACE + name, channel: channelName, contentType, end: AFTER_OFFERED_NAME.lastIndex };
    }
  }
  return undefined;
}

function anyCallAt(text: string, at: number): StrippedCall | undefined {
  NAME_AND_AFTER.lastIndex = at;
  const [, recipient, channelName, contentType] = NAME_AND_AFTER.exec(text.slice(0, at + LONGEST_ADDRESS + 1)) ?? [];
  if (recipient === undefined) return undefined;
  return { recipient, channel: channelName, contentType, end: NAME_AND_AFTER.lastIndex };
}

/** Where the end of a text begins that may become `assistant to=functions.f commentary json{`, or the text's length. */
export function unfinishedCallAt(text: string, tools: OfferedTools): number {
  let at = text.indexOf(ASSISTANT, text.length - LONGEST_ADDRESS - ASSISTANT.length);
  while (at >= 0 && !mayBecomeCall(text.slice(at + ASSISTANT.length), tools)) at = text.indexOf(ASSISTANT, at + 1);
  return at < 0 ? text.length : at;
}

function mayBecomeCall(text: string, tools: OfferedTools): boolean {
  const address = text.replace(/^\s/, "");
  return "to=".startsWith(address) || (address.startsWith("to=") && mayBecomeAddress(address, tools));
}

const ASSISTANT = "assistant";

/** Whether a text begins with a header that no sentence begins with: `commentary to=functions.f json{`, `final json{`. */
export function beginsStrippedHeader(text: string, tools: OfferedTools): boolean {
  const [whole = "", channelName] = HEADER_BEGINNING.exec(text) ?? [];
  if (channelName !== undefined) {
    if (TYPED_BODY.test(text.slice(whole.trimEnd().length))) return true;
    if (!/\s$/.test(whole)) return false;
  }
  const call = strippedCallAt(text, whole.length, tools);
  const hasRecipientFirst = call !== undefined && /^[ \t]*to=/.test(text.slice(whole.length));
  return call !== undefined && call.end <= LONGEST_ADDRESS && (channelName !== undefined || hasRecipientFirst);
}

/** Whether a text may become a channel's name with a content type glued to it, and a body that shows that it is one. */
export function mayBeginTypedBody(text: string): boolean {
  const [whole = "", channelName] = HEADER_BEGINNING.exec(text) ?? [];
  return channelName !== undefined && BEGINNING_OF_TYPE.test(text.slice(whole.trimEnd().length));
}

/** A recipient whose arguments are not JSON: the text after a space, or after the word `code`, is the body. */
const PLAIN_ADDRESS = new RegExp(String.raw`^to=(${ANY_NAME})(?:(?=assistant${channelOfHeader})|\s+(code)\s*|\s+|$)`);
const TO_NOBODY = new RegExp(`^to=(?=assistant${channelOfHeader})`);
const BEGINNING_OF_ADDRESS = /^(?:t|to|to=[\w.-]*\s*(?:[a-z]{1,10}\s*){0,2})?$/;
const BEGINNING_AFTER_NAME = /^\s*(?:[a-z]{1,10}\s*){0,2}$/;

/**
 * Reads what follows a stripped channel's name: perhaps a recipient and a content type, then the body.
 * @param channelName empty where the recipient comes first
 * @param isWhole whether the text ends here
 * @returns undefined while more text is needed
 */
export function readStrippedHeader(
  channelName: string,
  text: string,
  tools: OfferedTools,
  isWhole: boolean,
): { readonly header: HarmonyHeader; readonly bodyAt: number } | undefined {
  const call = strippedCallAt(text, 0, tools);
  const name = channelName === "" ? call?.channel : channelName;
  const said = { role: ASSISTANT, ...(name !== undefined && { channel: name }) };
  if (call !== undefined) {
    const { recipient, contentType, end } = call;
    return { header: { ...said, recipient, ...(contentType !== undefined && { contentType }) }, bodyAt: end };
  }
  const [typed, contentType] = TYPED_BODY.exec(text) ?? [];
  if (typed !== undefined && contentType !== undefined) {
    return { header: { ...said, contentType }, bodyAt: typed.length };
  }
  if (!isWhole && text.length < LONGEST_ADDRESS && mayBecomeAddress(text, tools)) return undefined;
  const [nobody] = TO_NOBODY.exec(text) ?? [];
  if (nobody !== undefined) return { header: said, bodyAt: nobody.length };
  const offered = text.startsWith("to=") ? tools.findAt(text, "to=".length) : undefined;
  if (offered?.end === text.length && !isWhole) return undefined;
  if (offered !== undefined) {
    const [spaces = "", code] = /^(?:\s+(code))?\s*/.exec(text.slice(offered.end)) ?? [];
    const type = code ?? offered.contentType;
    const header = { ...said, recipient: offered.asWritten, ...(type !== undefined && { contentType: type }) };
    return { header, bodyAt: offered.end + spaces.length };
  }
  const [addressed, recipient, code] = PLAIN_ADDRESS.exec(text) ?? [];
  if (addressed === undefined || recipient === undefined) return { header: said, bodyAt: 0 };
  const header = { ...said, recipient, ...(code !== undefined && { contentType: code }) };
  return { header, bodyAt: addressed.length };
}

function mayBecomeAddress(text: string, tools: OfferedTools): boolean {
  if (BEGINNING_OF_ADDRESS.test(text) || BEGINNING_OF_TYPE.test(text)) return true;
  const given = text.replace(/^to=/, "");
  return tools.names.some((name) =>
    [name, NAMESPACE + name].some(
      (written) =>
        written.startsWith(given) ||
        (given.startsWith(written) && BEGINNING_AFTER_NAME.test(given.slice(written.length))),
    ),
  );
}
