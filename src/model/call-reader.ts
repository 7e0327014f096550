import { randomBytes } from "node:crypto";
import type { MessagePiece } from "./message-piece.ts";
import type { WireCallPart } from "./wire.ts";

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
  read(parts: readonly WireCallPart[]): MessagePiece[] {
    const areAnonymous = parts.length > 1 && parts.every(({ index, id }) => index === undefined && id === "");
    return parts.flatMap((part, position) => {
      const call = this.#callOf(part, areAnonymous ? position : undefined);
      return this.#take(call, part);
    });
  }

  /** The calls that never got any arguments. */
  end(): MessagePiece[] {
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

  #take(call: OpenCall, part: WireCallPart): MessagePiece[] {
    if (call.serverId === "") call.serverId = part.id;
    if (!call.isAnnounced) call.name = joinName(call.name, part.name);
    const isRepeated = part.arguments === call.written && isJsonObject(call.written);
    if (part.arguments === "" || isRepeated) return [];
    call.written += part.arguments;
    // a name may still be on its way
    if (call.isAnnounced) return [{ type: "arguments", index: call.index, text: part.arguments }];
    return call.name === "" ? [] : this.#announce(call);
  }

  #announce(call: OpenCall): MessagePiece[] {
    const { index, serverId, written } = call;
    call.isAnnounced = true;
    const begin: MessagePiece = { type: "call", index, id: this.uniqueId(serverId), name: this.#cleanName(call.name) };
    return written === "" ? [begin] : [begin, { type: "arguments", index, text: written }];
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
