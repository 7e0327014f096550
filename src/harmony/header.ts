import { CHANNELS, readChannel } from "./channels.ts";
import { dissectHeader, type HeaderParts } from "./header-parts.ts";
import type { HarmonyHeader } from "./message.ts";
import { type OfferedTools, ROLES } from "./offered-tools.ts";
import { isNobody } from "./summarize.ts";
import type { TokenName } from "./tokens.ts";
import { isToolName } from "./words.ts";

const PLAIN_WORD = /^[A-Za-z][\w.+/-]*$/;
/** A content type without its marker, where no body marker separates it from the body: only before what such a body begins with. */
const TYPE_BEFORE_BODY = /^\s*(json|code)(?=\s*[{["]|\s*$)/i;
const TYPE_BEFORE_ARGUMENTS = /^\s*(json|code)(?=[\s{["]|$)/i;

/**
 * A header that the body, or the token that ends it, may still make a call.
 * `named`: it names an offered tool without `to=`. JSON arguments or `<|call|>` make it a call.
 * `only`: it names nobody, and one tool is offered. `<|call|>` makes it a call.
 */
export interface PossibleCall {
  readonly header: HarmonyHeader;
  readonly because: "named" | "only";
}

/** What a header says, and what it says if it turns out to belong to a call. */
export interface ReadHeader {
  readonly header: HarmonyHeader;
  readonly possibleCall: PossibleCall | undefined;
}

/** Reads what stands between `<|start|>` and `<|message|>`, whatever the model made of it. */
export function readHeader(text: string, tools: OfferedTools): ReadHeader {
  const parts = dissectHeader(text, tools, "tools");
  const recipient = recipientOf(parts);
  const possibleCall = isNobody(recipient) ? possibleCallOf(parts, tools) : undefined;
  if (possibleCall?.because !== "named") return { header: headerOf(parts, recipient), possibleCall };
  const plain = dissectHeader(text, tools, "plain");
  return { header: headerOf(plain, recipientOf(plain)), possibleCall };
}

function possibleCallOf(parts: HeaderParts, tools: OfferedTools): PossibleCall | undefined {
  const recipient = parts.offered ?? tools.only;
  if (recipient === undefined || parts.role !== "assistant") return undefined;
  return { header: headerOf(parts, recipient), because: parts.offered === undefined ? "only" : "named" };
}

function recipientOf({ recipient, leftover }: HeaderParts): string | undefined {
  return recipient ?? leftover.find(isToolName);
}

/** A message whose header no `<|message|>` ended. */
export interface BodilessMessage {
  readonly header: HarmonyHeader;
  /** What follows the channel, the recipient and the content type. */
  readonly body: string;
}

/** What came instead of `<|message|>`; "cut" is the end of the text. */
export type HeaderEnd = TokenName | "cut";

/**
 * Reads a header that a stop, another start, or the end of the text ended. Its arguments make it a call; text behind a channel's name is that
 * message's body; nothing else of it is a message.
 */
export function readBodilessMessage(text: string, tools: OfferedTools, end: HeaderEnd): BodilessMessage | undefined {
  const parts = dissectHeader(text, tools, "tools");
  if (!isNobody(parts.recipient)) return readArguments(parts, parts.recipient, end);
  const { header, because } = possibleCallOf(parts, tools) ?? {};
  if (header !== undefined) {
    const call = readArguments(parts, header.recipient, end);
    const isCall = because === "named" || (end === "call" && (header.channel ?? header.contentType) !== undefined);
    if (isCall && call !== undefined && /^(?:[{[]|$)/.test(call.body)) return call;
  }
  return readPlainText(text, dissectHeader(text, tools, "plain"));
}

/** A call needs JSON, or a `<|call|>` that ends it. */
function readArguments(parts: HeaderParts, recipient: string | undefined, end: HeaderEnd): BodilessMessage | undefined {
  const { contentType, tail } = cutContentType(parts, TYPE_BEFORE_ARGUMENTS);
  const body = tail.trimStart();
  if (end !== "call" && !/^[{[]/.test(body)) return undefined;
  return { header: headerOf({ ...parts, contentType, leftover: [] }, recipient), body };
}

function readPlainText(text: string, parts: HeaderParts): BodilessMessage | undefined {
  if (isPlainText(parts)) return { header: { role: "assistant" }, body: text.trimStart() };
  const { contentType, tail } = cutContentType(parts, TYPE_BEFORE_BODY);
  const body = tail.trimStart();
  if (isHeaderNoise(body)) return undefined;
  return { header: headerOf({ ...parts, contentType, leftover: [] }, parts.recipient), body };
}

function cutContentType(
  { contentType, tail }: HeaderParts,
  pattern: RegExp,
): { readonly contentType: string | undefined; readonly tail: string } {
  const [whole = "", type] = (contentType === undefined && pattern.exec(tail)) || [];
  return { contentType: contentType ?? type, tail: tail.slice(whole.length) };
}

/** Words after `<|start|>` that no header has: not a tool that speaks, but text. */
function isPlainText({ role, channel, recipient, contentType, tail }: HeaderParts): boolean {
  return (
    role === "tool" && channel === undefined && recipient === undefined && contentType === undefined && /\S/.test(tail)
  );
}

const NOISE = new RegExp(String.raw`^(?:[\s\p{P}]|${CHANNELS.join("|")}|assistant|json|code)+$`, "u");

/** A header that the model began again, as in `commentary?commentary?`: punctuation and a header's words are no text. */
function isHeaderNoise(body: string): boolean {
  return NOISE.test(body);
}

function headerOf(parts: HeaderParts, recipient: string | undefined): HarmonyHeader {
  const { role, name, channel } = parts;
  const contentType = parts.contentType ?? plainType(parts.leftover, recipient) ?? parts.gluedType;
  return {
    role,
    ...(name !== undefined && { name }),
    ...(channel !== undefined && { channel }),
    ...(recipient !== undefined && { recipient }),
    ...(contentType !== undefined && { contentType }),
  };
}

function plainType(leftover: readonly string[], recipient: string | undefined): string | undefined {
  return leftover.find(
    (word) => PLAIN_WORD.test(word) && word !== recipient && !ROLES.includes(word) && !readChannel(word).isKnown,
  );
}
