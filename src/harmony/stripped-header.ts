import { CHANNELS } from "./channels.ts";
import type { HarmonyHeader } from "./message.ts";
import { NAMESPACE, type OfferedTools } from "./offered-tools.ts";

/* The header of a message whose control tokens someone has removed, up to where its body begins. */

/** Longer than this is no recipient with its content type. */
export const LONGEST_ADDRESS = 256;

const channel = `(?:${CHANNELS.join("|")})`;
/** A name of which nobody knows whether a tool has it. */
const ANY_NAME = String.raw`(?:[\w-]+\.){0,8}[\w-]+?`;
/** Behind the name, perhaps glued: the channel, if it does not stand before, and the content type. Then arguments begin. */
const AFTER_NAME = String.raw`[ \t]{0,4}(${channel})?[ \t]{0,4}(json|code)?\s{0,4}(?=[{["])`;
const AFTER_OFFERED_NAME = new RegExp(AFTER_NAME, "y");
const NAME_AND_AFTER = new RegExp(`(${ANY_NAME})${AFTER_NAME}`, "y");
const TO = /[ \t]{0,4}(?:to=)?/y;
const BEGINNING = new RegExp(String.raw`^\s{0,16}(?:assistant)?(${channel})?[ \t]{0,4}`);
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
  const [whole = "", channelName] = BEGINNING.exec(text) ?? [];
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
  const [whole = "", channelName] = BEGINNING.exec(text) ?? [];
  return channelName !== undefined && BEGINNING_OF_TYPE.test(text.slice(whole.trimEnd().length));
}

/** A recipient whose arguments are no JSON: what follows a space, or the word `code`, is the body. */
const PLAIN_ADDRESS = new RegExp(String.raw`^to=(${ANY_NAME})(?:(?=assistant${channel})|\s+(code)\s*|\s+|$)`);
const TO_NOBODY = new RegExp(`^to=(?=assistant${channel})`);
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
