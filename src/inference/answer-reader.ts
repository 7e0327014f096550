import { randomBytes } from "node:crypto";
import { type HarmonyEvent, type HarmonyMessage, HarmonyParser, getHarmonyPurpose } from "../harmony/index.ts";
import type { ContentPart } from "./answer-part.ts";
import { type CallHeader, readCallHeaders } from "./call-header.ts";
import type { KnownServer } from "./capabilities.ts";
import type { OfferedNativeTool, OfferedNativeTools } from "./native-tools.ts";
import type { WireDelta, WireCallPart } from "./wire.ts";

export interface IncomingOptions {
  readonly knownServer: KnownServer;
  /** Names of the tools that were offered. */
  readonly tools: readonly string[];
  /** gpt-oss's own tools, which it calls by other names. */
  readonly nativeTools?: OfferedNativeTools | undefined;
  /** Ids of the calls in the conversation, which none of the answer's gets. */
  readonly usedIds?: ReadonlySet<string> | undefined;
  /** Thinking has come before, from an earlier request of the same answer. */
  readonly continuesReasoning?: boolean;
  /** How the prompt ended; defaults to `<|start|>assistant`. */
  readonly promptEndsWith?: string;
}

const CHANNEL_OF = { final: "final", reasoning: "analysis", preamble: "commentary" } as const;

/** Control tokens at the beginning of a content: a text that a server has parsed only in part continues as harmony. */
const BEGINS_AS_HARMONY = /^\s*<\|(?:start|channel|message)\|>/;

/**
 * Reads the deltas of one answer: raw harmony, channels that the server has split off, or both mixed, as a server leaves them whose
 * parser gave up half way. Once reasoning has come apart, text is the answer, unless it begins with a control token.
 */
export class IncomingReader {
  readonly #parser: HarmonyParser;
  readonly #knownServer: KnownServer;
  #isSplit = false;
  /** Whether any content has come; only its beginning tells whether it is harmony. */
  #sawContent = false;
  readonly #calls: CallReader;
  /** The call of raw harmony whose arguments are arriving. */
  #rawCall = 0;
  /** The tool that it calls, if that is one of gpt-oss's own. */
  #nativeCall: OfferedNativeTool | undefined;
  readonly #nativeTools: OfferedNativeTools | undefined;
  #reasoning: "none" | "open" | "closed" = "none";
  #raw = "";

  constructor({ knownServer, tools, nativeTools, usedIds, continuesReasoning, promptEndsWith }: IncomingOptions) {
    if (continuesReasoning) this.#reasoning = "closed";
    this.#knownServer = knownServer;
    this.#nativeTools = nativeTools;
    this.#calls = new CallReader({ tools, usedIds });
    this.#parser = new HarmonyParser({ tools, ...(promptEndsWith !== undefined && { promptEndsWith }) });
  }

  /** The headers of the calls as the model wrote them; undefined where the server has split one of them. */
  get callHeaders(): readonly CallHeader[] | undefined {
    return readCallHeaders(this.#raw, this.#calls.count);
  }

  /** The messages of the completion as the harmony parser read them; empty when the server has split them all. */
  get messages(): readonly HarmonyMessage[] {
    return this.#parser.messages;
  }

  /** The content as it arrived. */
  get raw(): string {
    return this.#raw;
  }

  /** Text has come that is held back. */
  get isHoldingText(): boolean {
    return this.#parser.isHoldingText;
  }

  read({ content, refusal, reasoning_content, reasoning, tool_calls, function_call }: WireDelta): ContentPart[] {
    const pieces: ContentPart[] = [];
    if (reasoning_content) pieces.push(...this.#readReasoning(reasoning_content, "reasoning_content"));
    else if (reasoning) pieces.push(...this.#readReasoning(reasoning, "reasoning"));
    if (content) pieces.push(...this.#readContent(content));
    if (refusal) pieces.push({ type: "text", channel: "final", text: refusal });
    if (tool_calls) pieces.push(...this.#calls.read(tool_calls));
    if (function_call) pieces.push(...this.#calls.read([function_call]));
    return this.#separated(pieces);
  }

  /**
   * What was held back, at the end of the stream.
   * @param isCut whether something is missing: text for a tool does not show its end, and half of it must not become a call
   */
  end(isCut: boolean): ContentPart[] {
    return this.#separated([...this.#piecesOf(this.#parser.end(), isCut), ...this.#calls.end()]);
  }

  #readReasoning(text: string, field: "reasoning_content" | "reasoning"): ContentPart[] {
    this.#knownServer.sawReasoning(field);
    this.#isSplit = true;
    return [{ type: "text", channel: "analysis", text }];
  }

  /** Separates the parts of the thinking by line breaks. An empty piece begins a part. */
  #separated(pieces: readonly ContentPart[]): ContentPart[] {
    return pieces.flatMap((piece): ContentPart[] => {
      const isAnalysis = piece.type === "text" && piece.channel === "analysis";
      if (!isAnalysis || piece.text === "") {
        if (this.#reasoning === "open") this.#reasoning = "closed";
        return isAnalysis ? [] : [piece];
      }
      const isAnotherPart = this.#reasoning === "closed";
      this.#reasoning = "open";
      return [isAnotherPart ? { ...piece, text: `\n${piece.text}` } : piece];
    });
  }

  #readContent(text: string): ContentPart[] {
    this.#raw += text;
    if (!this.#sawContent && this.#isSplit && BEGINS_AS_HARMONY.test(text)) this.#isSplit = false;
    this.#sawContent = true;
    if (this.#isSplit) return [{ type: "text", channel: "final", text }];
    return this.#piecesOf(this.#parser.push(text));
  }

  #piecesOf(events: readonly HarmonyEvent[], isCut = false): ContentPart[] {
    return events.flatMap((event): ContentPart[] => {
      const purpose = getHarmonyPurpose(event);
      if (event.type === "message-end") return purpose === "tool-call" && !isCut ? this.#endText() : [];
      if (purpose === "other") return [];
      if (event.type === "message-start") return this.#begin(event);
      if (purpose === "tool-call") return [this.#arguments(event.text)];
      return [{ type: "text", channel: CHANNEL_OF[purpose], text: event.text }];
    });
  }

  #begin(event: HarmonyEvent): ContentPart[] {
    if (event.channel !== undefined) this.#knownServer.sawHarmony();
    const purpose = getHarmonyPurpose(event);
    if (purpose === "tool-call") {
      const recipient = event.recipient ?? "";
      this.#nativeCall = this.#nativeTools?.find(recipient);
      const name = this.#nativeCall?.name ?? recipient.replace(/^functions\./, "");
      this.#rawCall = this.#calls.nextIndex();
      const call: ContentPart = { type: "tool-call", index: this.#rawCall, id: this.#calls.uniqueId(), name };
      const { textArgument } = this.#nativeCall ?? {};
      if (textArgument === undefined) return [call];
      return [call, { type: "tool-arguments", index: this.#rawCall, text: `{${JSON.stringify(textArgument)}:"` }];
    }
    return purpose === "reasoning" ? [{ type: "text", channel: "analysis", text: "" }] : [];
  }

  /** A tool that takes text gets it as a string in JSON, as every tool of LangChain gets its arguments. */
  #arguments(written: string): ContentPart {
    const isText = this.#nativeCall?.textArgument !== undefined;
    const text = isText ? JSON.stringify(written).slice(1, -1) : written;
    return { type: "tool-arguments", index: this.#rawCall, text };
  }

  #endText(): ContentPart[] {
    if (this.#nativeCall?.textArgument === undefined) return [];
    return [{ type: "tool-arguments", index: this.#rawCall, text: '"}' }];
  }
}

/** A call as far as it has arrived. */
interface OpenCall {
  /** Counts the calls of the message. */
  readonly index: number;
  /** The server's number; undefined where it sends none. */
  readonly serverIndex: number | undefined;
  /** The server's id; empty as long as it has sent none. */
  serverId: string;
  name: string;
  /** Arguments as far as they have arrived. */
  written: string;
  /** Whether the call's name was passed on, after which its arguments are. */
  isAnnounced: boolean;
}

export interface CallReaderOptions {
  /** Names of the tools that were offered. */
  readonly tools: readonly string[];
  /** Ids of the conversation: LangChain tells calls and results apart by theirs, and some servers count from 0 in each answer. */
  readonly usedIds?: ReadonlySet<string> | undefined;
}

/**
 * Reads the calls that a server has split off itself. Servers disagree on every field of them: the number of a call is missing or always
 * 0, the id is empty or repeated, the name comes late, in parts or with harmony's header still on it.
 */
export class CallReader {
  readonly #tools: readonly string[];
  readonly #usedIds: Set<string>;
  readonly #calls: OpenCall[] = [];
  #count = 0;

  constructor({ tools, usedIds }: CallReaderOptions) {
    this.#tools = tools;
    this.#usedIds = new Set(usedIds);
  }

  /** The calls so far. */
  get count(): number {
    return this.#count;
  }

  /** The number of another call, for one that was read from raw harmony. */
  nextIndex(): number {
    return this.#count++;
  }

  /** An id that nothing else in the conversation has: the server's, where it is one. */
  uniqueId(given = ""): string {
    const id = given === "" || this.#usedIds.has(given) ? `call_${randomBytes(12).toString("base64url")}` : given;
    this.#usedIds.add(id);
    return id;
  }

  /** Takes the entries of one chunk. */
  read(parts: readonly WireCallPart[]): ContentPart[] {
    const areAnonymous = parts.length > 1 && parts.every(({ index, id }) => index === undefined && id === "");
    return parts.flatMap((part, position) => {
      const call = this.#callOf(part, areAnonymous ? position : undefined);
      return this.#take(call, part);
    });
  }

  /** The calls that never got any arguments. */
  end(): ContentPart[] {
    return this.#calls.flatMap((call) => (call.isAnnounced ? [] : this.#announce(call)));
  }

  /** The call that an entry belongs to: a known one, or another. */
  #callOf(part: WireCallPart, position: number | undefined): OpenCall {
    const known = this.#find(part, position);
    if (known !== undefined && !isAnotherCall(known, part) && !this.#isAnotherTool(known, part)) return known;
    const call: OpenCall = {
      index: this.nextIndex(),
      serverIndex: part.index,
      serverId: part.id,
      name: "",
      written: "",
      isAnnounced: false,
    };
    this.#calls.push(call);
    return call;
  }

  /** Whether both names are whole names of tools. A call that has no arguments does not show its end. */
  #isAnotherTool(known: OpenCall, { name }: WireCallPart): boolean {
    return (
      name !== known.name && !name.startsWith(known.name) && [name, known.name].every((each) => this.#isOffered(each))
    );
  }

  #isOffered(name: string): boolean {
    return this.#tools.includes(this.#cleanName(name));
  }

  #find({ index, id, name }: WireCallPart, position: number | undefined): OpenCall | undefined {
    if (position !== undefined)
      return name === "" || this.#calls[position]?.name === name ? this.#calls[position] : undefined;
    const sameId = id === "" ? undefined : this.#calls.findLast((call) => call.serverId === id);
    if (index === undefined) return sameId ?? (id === "" ? this.#calls.at(-1) : this.#calls.findLast(isWithoutId));
    if (sameId !== undefined && (sameId.serverIndex === index || name === "")) return sameId;
    return this.#calls.findLast(
      (call) => call.serverIndex === index && (id === "" || isWithoutId(call) || (name === "" && isUnfinished(call))),
    );
  }

  #take(call: OpenCall, part: WireCallPart): ContentPart[] {
    if (call.serverId === "") call.serverId = part.id;
    if (!call.isAnnounced) call.name = joinName(call.name, part.name);
    const isRepeated = part.arguments === call.written && isJsonObject(call.written);
    if (part.arguments === "" || isRepeated) return [];
    call.written += part.arguments;
    // a name may still be on its way
    if (call.isAnnounced) return [{ type: "tool-arguments", index: call.index, text: part.arguments }];
    return call.name === "" ? [] : this.#announce(call);
  }

  #announce(call: OpenCall): ContentPart[] {
    const { index, serverId, written } = call;
    call.isAnnounced = true;
    const begin: ContentPart = {
      type: "tool-call",
      index,
      id: this.uniqueId(serverId),
      name: this.#cleanName(call.name),
    };
    return written === "" ? [begin] : [begin, { type: "tool-arguments", index, text: written }];
  }

  /** A name without what belongs to harmony's header: `functions.` before it, `<|channel|>commentary` after it. */
  #cleanName(given: string): string {
    if (this.#tools.includes(given)) return given;
    const name = given.replace(/<\|[\s\S]*$/, "").trim();
    const bare = name.replace(/^(?:to=)?functions?\./, "");
    if (this.#tools.includes(name) || bare === "") return name;
    // the channel or the content type stands behind the name, with or without a space
    const [, cut = bare] = /^(.+?)(?:\s*(?:commentary|analysis|final|json|code))+$/.exec(bare) ?? [];
    return !this.#tools.includes(bare) && this.#tools.includes(cut) ? cut : bare;
  }
}

function isWithoutId({ serverId }: OpenCall): boolean {
  return serverId === "";
}

/** Some servers make up another id for each chunk: one that brings no name is the rest of a call whose arguments have no end yet. */
function isUnfinished({ name, written }: OpenCall): boolean {
  return name !== "" && !isJsonObject(written);
}

/** Whether an entry can't be the rest of a call: the call is complete, and the entry brings something of its own. */
function isAnotherCall(known: OpenCall, { id, name, arguments: written }: WireCallPart): boolean {
  const isComplete = isJsonObject(known.written);
  if (name !== "" && known.name !== "" && name !== known.name && known.written !== "") return true;
  if (!isComplete || written.trim() === "") return false;
  const isSame = written === known.written && (id === "" || id === known.serverId);
  return isSame ? id === "" && name !== "" : name !== "" || isJsonObject(written);
}

/** A name that comes whole with each chunk, grows with each, or comes in parts. */
function joinName(known: string, given: string): string {
  if (given === known || given === "") return known;
  return given.startsWith(known) ? given : known + given;
}

function isJsonObject(text: string): boolean {
  if (!text.trimEnd().endsWith("}")) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false; // not yet
  }
}
