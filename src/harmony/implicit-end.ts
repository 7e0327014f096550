import { CHANNELS } from "./channels.ts";
import { TOKENS } from "./tokens.ts";
import { ROLES } from "./words.ts";

/** Whether a marker inside a body begins a new message, the stop having been left out, or is text; "wait" until more is there. */
export type Verdict = "close" | "text" | "wait";

/** So many characters after a marker decide at most. */
export const LOOK_AHEAD = 256;

const channel = `(?:${CHANNELS.join("|")})`;
const role = `(?:${ROLES.join("|")})`;
const beginnings = [
  // a role, and not a longer word or a mention in quotes
  String.raw`${role}(?=[\s<:])`,
  `assistant(?=assistant|to=|${channel})`,
  // a channel's name, or nothing, in its place
  String.raw`${channel}<\|(?:message|channel)\|>`,
  String.raw`<\|channel\|>`,
  String.raw`to=\w`,
  // a tool's result
  String.raw`[\w.:-]{1,128} to=assistant`,
];
/** Few spaces, and the start repeated. */
const lead = String.raw`^(?:\s{0,8}<\|start\|>)*\s{0,8}`;
const LEAD = new RegExp(lead);
const BEGINS_HEADER = new RegExp(`${lead}(?:${beginnings.join("|")})`);
const ROLE_ALONE = new RegExp(`${lead}${role}$`);

/**
 * @param rest what follows a `<|start|>`, at most LOOK_AHEAD characters
 */
export function judgeStart(rest: string, isLast: boolean): Verdict {
  if (BEGINS_HEADER.test(rest)) return "close";
  if (isLast) return ROLE_ALONE.test(rest) ? "close" : "text";
  return rest.length < LOOK_AHEAD && mayBeginHeader(rest) ? "wait" : "text";
}

function mayBeginHeader(rest: string): boolean {
  const word = rest.replace(LEAD, "");
  const [, name = "", after = ""] = /^([\w.:-]{0,128})(.*)$/s.exec(word) ?? [];
  if (after === "") return true;
  return (
    " to=assistant".startsWith(after) ||
    (name === "to" && after === "=") ||
    TOKENS.channel.startsWith(word) ||
    TOKENS.start.startsWith(word) ||
    (isChannel(name) && (TOKENS.message.startsWith(after) || TOKENS.channel.startsWith(after)))
  );
}

function isChannel(name: string): boolean {
  return (CHANNELS as readonly string[]).includes(name);
}

const NAMES_CHANNEL = new RegExp(String.raw`^\s{0,8}${channel}(?![\x60"'”’)])`);

/**
 * A channel begins a message only when it is one of the format's, and not a mention in quotes.
 * @param rest what follows a `<|channel|>`
 */
export function judgeChannel(rest: string, isLast: boolean): Verdict {
  const word = rest.trimStart();
  const mayBegin = rest.length - word.length <= 8 && CHANNELS.some((name) => name.startsWith(word));
  // the character after the name is still to come
  if (mayBegin && !isLast) return "wait";
  return NAMES_CHANNEL.test(rest) ? "close" : "text";
}
