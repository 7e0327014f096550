import { CHANNELS, TOKENS } from "./format.ts";
import { type OfferedTools, ROLES } from "./offered-tools.ts";

/** Whether a marker inside a body begins a new message, the stop having been left out, or is text; "wait" until more has arrived. */
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
export function judgeStart(rest: string, isLast: boolean, tools: OfferedTools): Verdict {
  if (BEGINS_HEADER.test(rest)) return "close";
  const byTool = judgeTool(rest, LEAD.exec(rest)?.[0].length ?? 0, tools);
  if (byTool === "close") return "close";
  if (isLast) return ROLE_ALONE.test(rest) ? "close" : "text";
  return rest.length < LOOK_AHEAD && (byTool === "wait" || mayBeginHeader(rest)) ? "wait" : "text";
}

const AFTER_TOOL = /^\s{0,8}(?:(?:json|code)\s{0,8})?(?:to=|<\|(?:channel|message|constrain|call)\|>)/;
const WORDS_AFTER_TOOL = /^\s{0,8}(?:(?:json|code)\s{0,8})?/;
const NEXT_AFTER_TOOL = ["to=", "json", "code", TOKENS.channel, TOKENS.message, TOKENS.constrain, TOKENS.call];

/** An offered tool's name begins a header where a marker of the header follows: in the role's place, or in the channel's. */
function judgeTool(rest: string, from: number, tools: OfferedTools): Verdict {
  const named = tools.findBareAt(rest, from);
  const after = named === undefined ? "" : rest.slice(named.end);
  if (named !== undefined && AFTER_TOOL.test(after)) return "close";
  if (tools.mayBecomeName(rest.slice(from)) && tools.names.length > 0) return "wait";
  if (named === undefined) return "text";
  const next = after.replace(WORDS_AFTER_TOOL, "");
  return NEXT_AFTER_TOOL.some((expected) => expected.startsWith(next)) ? "wait" : "text";
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
export function judgeChannel(rest: string, isLast: boolean, tools: OfferedTools): Verdict {
  const word = rest.trimStart();
  const mayBegin = rest.length - word.length <= 8 && CHANNELS.some((name) => name.startsWith(word));
  // the character after the name is still to come
  if (mayBegin && !isLast) return "wait";
  const byTool = rest.length - word.length <= 8 ? judgeTool(rest, rest.length - word.length, tools) : "text";
  if (byTool === "close") return "close";
  if (byTool === "wait" && !isLast && rest.length < LOOK_AHEAD) return "wait";
  return NAMES_CHANNEL.test(rest) ? "close" : "text";
}
