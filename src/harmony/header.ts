import { readChannel } from "./channels.ts";
import { dissectHeader, type HeaderParts } from "./header-parts.ts";
import type { HarmonyHeader } from "./message.ts";
import { isToolName, ROLES } from "./words.ts";

const PLAIN_WORD = /^[A-Za-z][\w.+/-]*$/;
/** A content type without its marker, where no body marker separates it from the body: only before what such a body begins with. */
const TYPE_BEFORE_BODY = /^\s*(json|code)(?=\s*[{["]|\s*$)/i;
const TYPE_BEFORE_ARGUMENTS = /^\s*(json|code)(?=[\s{["]|$)/i;

/** Reads what stands between `<|start|>` and `<|message|>`, whatever the model made of it. */
export function readHeader(text: string, tools: readonly string[]): HarmonyHeader {
  const parts = dissectHeader(text);
  const recipient = parts.recipient ?? parts.leftover.find(isToolName);
  return headerOf(parts, recipient, parts.contentType ?? plainType(parts.leftover, recipient), tools);
}

/** A header that no `<|message|>` ended. */
export interface BodilessHeader {
  readonly header: HarmonyHeader;
  /** What follows the channel, the recipient and the content type. */
  readonly body: string;
}

/** Reads a header that a stop, another start, or the end of the text ended: what it has left over is the message's body. */
export function readBodilessHeader(text: string, tools: readonly string[]): BodilessHeader {
  const parts = dissectHeader(text);
  if (isPlainText(parts)) return { header: { role: "assistant" }, body: text.trimStart() };
  let { contentType, tail } = parts;
  const pattern = parts.recipient === undefined ? TYPE_BEFORE_BODY : TYPE_BEFORE_ARGUMENTS;
  const typed = contentType === undefined ? pattern.exec(tail) : null;
  if (typed?.[1] !== undefined) {
    contentType = typed[1];
    tail = tail.slice(typed[0].length);
  }
  return { header: headerOf(parts, parts.recipient, contentType, tools), body: tail.trimStart() };
}

/** Words after `<|start|>` that no header has: not a tool that speaks, but text. */
function isPlainText({ role, channel, recipient, contentType, tail }: HeaderParts): boolean {
  return (
    role === "tool" && channel === undefined && recipient === undefined && contentType === undefined && /\S/.test(tail)
  );
}

function plainType(leftover: readonly string[], recipient: string | undefined): string | undefined {
  return leftover.find(
    (word) => PLAIN_WORD.test(word) && word !== recipient && !ROLES.includes(word) && !readChannel(word).isKnown,
  );
}

function headerOf(
  { role, name, channel }: HeaderParts,
  recipient: string | undefined,
  contentType: string | undefined,
  tools: readonly string[],
): HarmonyHeader {
  const unglued = recipient === undefined ? undefined : unglue(recipient, tools);
  const finalRecipient = unglued?.recipient ?? recipient;
  const finalType = contentType ?? unglued?.contentType;
  return {
    role,
    ...(name !== undefined && { name }),
    ...(channel !== undefined && { channel }),
    ...(finalRecipient !== undefined && { recipient: finalRecipient }),
    ...(finalType !== undefined && { contentType: finalType }),
  };
}

/** `to=functions.shelljson`: undone only where the caller's tools show that it is glued. */
function unglue(
  recipient: string,
  tools: readonly string[],
): { readonly recipient: string; readonly contentType: string } | undefined {
  const [, tool = "", contentType = ""] = /^(.+?)(json|code)$/.exec(recipient) ?? [];
  return !isKnownTool(recipient, tools) && isKnownTool(tool, tools) ? { recipient: tool, contentType } : undefined;
}

function isKnownTool(recipient: string, tools: readonly string[]): boolean {
  return tools.includes(recipient) || tools.some((tool) => recipient === `functions.${tool}`);
}
