import { CHANNELS, readChannel, type HarmonyHeader, isNobody, type TokenName } from "./format.ts";
import { dissectHeader, type HeaderParts } from "./header-parts.ts";
import { type OfferedTools, ROLES } from "./offered-tools.ts";

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

/** A header that the model began again, as in `commentary?commentary?`: punctuation and a header's words are not text. */
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

/** A name of a tool that is one even without `to=`. */
const TOOL = /^(?:(?:functions|browser|container|repo_browser)\.\S+|python)$/;

/** Complete words of headers, and beginnings of words that may continue in any way. */
const WORDS: readonly string[] = [...ROLES, ...CHANNELS, "json", "code", "python"];
const BEGINNINGS: readonly string[] = ["to=", "functions.", "browser.", "container.", "repo_browser."];
/** A header that lost its markers is not longer than this. */
const LONGEST_HEADER = 256;

export function isToolName(word: string): boolean {
  return TOOL.test(word);
}

/** True for text that can be a header whose markers are missing: ` to=functions.f`, `assistantcommentary json`. */
export function isHeaderLike(text: string, tools: OfferedTools): boolean {
  return judgeWords(text, tools, false).verdict === "header";
}

/** True while text may still grow into a header: only its last word can be unfinished. */
export function mayBecomeHeader(text: string, tools: OfferedTools): boolean {
  return judgeWords(text, tools, true).verdict !== "text";
}

/** True for the words of a header that name a tool of the caller's. */
export function namesOfferedTool(text: string, tools: OfferedTools): boolean {
  const { verdict, namesTool } = judgeWords(text, tools, false);
  return verdict === "header" && namesTool;
}

/** True for what stands between messages and means nothing: white space, `assistant`, a lone channel name. */
export function isNoise(text: string): boolean {
  return text.length <= LONGEST_HEADER && /^\s*(?:assistant\s*)*(?:analysis|commentary|final)?\s*$/.test(text);
}

/** True for a channel's name and nothing else, which can be a whole answer. */
export function isChannelWord(text: string): boolean {
  return text.length <= LONGEST_HEADER && /^\s*(?:analysis|commentary|final)\s*$/.test(text);
}

/** True for what remains of a header that the model began again. */
export function isJunk(text: string, tools: OfferedTools): boolean {
  return isNoise(text) || (isHeaderLike(text, tools) && /(?:^|\s)to=|(?:analysis|commentary|final)(?!\w)/.test(text));
}

/** True for the words of a header that can be no answer, as a lone "json" could. */
export function isCutHeader(text: string, tools: OfferedTools): boolean {
  return isHeaderLike(text, tools) && /(?:^|\s|assistant)to=|assistant(?:analysis|commentary|final)/.test(text);
}

interface JudgedWords {
  /** "open" when the last word is unfinished. */
  readonly verdict: "header" | "open" | "text";
  readonly namesTool: boolean;
}

const NEXT_WORD = /\s*(\S*)/y;

/** Goes through the words; a tool's name may consist of several. */
function judgeWords(text: string, tools: OfferedTools, mayGrow: boolean): JudgedWords {
  let namesTool = false;
  if (text.length > LONGEST_HEADER) return { verdict: "text", namesTool };
  for (let at = 0; at < text.length;) {
    NEXT_WORD.lastIndex = at;
    const word = NEXT_WORD.exec(text)?.[1] ?? "";
    const end = NEXT_WORD.lastIndex;
    if (word === "") break;
    const from = end - word.length;
    const nameAt = from + nameOffset(word);
    if (mayGrow && tools.names.length > 0 && [from, nameAt].some((start) => tools.mayBecomeName(text.slice(start)))) {
      return { verdict: "open", namesTool };
    }
    const named = tools.findAt(text, from) ?? tools.findAt(text, nameAt);
    if (named !== undefined) {
      namesTool ||= tools.findBareAt(text, nameAt) !== undefined;
      at = named.end + (text.charAt(named.end) === '"' ? 1 : 0);
    } else if (isHeaderWord(word)) {
      at = end;
    } else {
      return { verdict: mayGrow && end === text.length && beginsHeaderWord(word) ? "open" : "text", namesTool };
    }
  }
  return { verdict: "header", namesTool };
}

/** Where a name can begin inside a word: behind glued roles, `to=` and a quote. */
function nameOffset(word: string): number {
  return /^(?:assistant)*(?:to="?)?/.exec(word)?.[0].length ?? 0;
}

function isHeaderWord(word: string): boolean {
  const rest = withoutAssistants(word);
  return rest === "" || WORDS.includes(rest) || BEGINNINGS.some((beginning) => rest.startsWith(beginning));
}

function beginsHeaderWord(word: string): boolean {
  const rest = withoutAssistants(word);
  return [...WORDS, ...BEGINNINGS].some((known) => known.startsWith(rest));
}

/** "assistant" is often there twice, and glued to what follows. */
function withoutAssistants(word: string): string {
  return word.replace(/^(?:assistant)+/, "");
}
