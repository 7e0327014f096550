import { z } from "zod";
import { isErrorReply, reportOf, ServerError } from "../llama-server/server-report.ts";
import { type WireChunk, wireChunkSchema } from "./wire.ts";

/** Something that is neither an answer nor an error. */
export class UnreadableReplyError extends Error {
  override readonly name = "UnreadableReplyError";
}

/** What a stream brings: chunks, and last the server's own mark that nothing is missing, where it sends one. */
export type CompletionEvent = { readonly chunk: WireChunk } | { readonly isDone: true };

/**
 * Reads a reply: server-sent events, or one JSON completion from a server that does not stream.
 * @throws ServerError for an error inside of it, UnreadableReplyError for anything else
 */
export async function* readCompletion(response: Response): AsyncGenerator<CompletionEvent> {
  const events = new ServerSentEventReader();
  /** Everything so far, until it is clear whether it is a stream, and all of it where it is none. */
  let beginning = "";
  let isStream: boolean | undefined;
  for await (const text of textOf(response)) {
    if (isStream === undefined) {
      beginning += text;
      isStream = looksLikeEvents(beginning);
      if (isStream) yield* readEvents(events.push(beginning));
    } else if (isStream) yield* readEvents(events.push(text));
    else beginning += text;
  }
  if (isStream) yield* readEvents(events.end());
  else yield* readWhole(beginning);
}

async function* textOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const bytes of body) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

/** Undefined as long as that can't be told: from the content type it can't, as some servers send either kind with the other's. */
function looksLikeEvents(beginning: string): boolean | undefined {
  const text = beginning.trimStart();
  if (/^(?:data|event|id|retry|error|):|^data[\r\n]/.test(text)) return true;
  return text === "" || ["data", "event", "id", "retry", "error"].some((field) => field.startsWith(text))
    ? undefined
    : false;
}

function* readEvents(events: readonly ServerSentEvent[]): Generator<CompletionEvent> {
  for (const { event, data, isCut } of events) {
    if (data.trim() === "") continue;
    if (data.trim().startsWith("[DONE]")) {
      yield { isDone: true };
      return;
    }
    const value = parseJson(data);
    // the reader sees that the answer has no end
    if (value === undefined && isCut) return;
    if (isErrorReply(value, event)) throw new ServerError(reportOf(value ?? data));
    if (value === undefined || typeof value === "string") throw new UnreadableReplyError(reportOf(data).message);
    if (typeof value === "object" && value !== null) yield { chunk: parseChunk(value) };
  }
}

/** A reply in one piece. */
function* readWhole(reply: string): Generator<CompletionEvent> {
  const text = reply.replace(/^\uFEFF/, "");
  if (text.trim() === "") return;
  const value = parseJson(text);
  // JSON that is cut off: the reader sees that the answer has no end
  if (value === undefined && /^\s*[{[]/.test(text)) return;
  if (isErrorReply(value)) throw new ServerError(reportOf(value));
  if (typeof value !== "object" || value === null) throw new UnreadableReplyError(reportOf(text).message);
  const chunk = parseChunk(value);
  if (!chunk.choices?.some((choice) => choice?.message ?? choice?.delta)) {
    throw new UnreadableReplyError(reportOf(text).message);
  }
  for (const choice of chunk.choices) if (choice?.message) choice.delta = choice.message;
  yield { chunk };
  yield { isDone: true };
}

function parseChunk(value: object): WireChunk {
  const { data, error } = wireChunkSchema.safeParse(value);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new UnreadableReplyError(`${issue?.path.join(".") ?? ""} ${issue?.message ?? z.prettifyError(error)}`.trim());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // it is text, and said to be so
  }
}

/** One event of a stream. */
export interface ServerSentEvent {
  /** The event's type; undefined where the server does not name it. */
  readonly event?: string | undefined;
  readonly data: string;
  /** The stream ended in the middle of its last line. */
  readonly isCut?: boolean;
}

/**
 * Reads server-sent events as the HTML standard defines them, with three tolerances that real servers need: a line that begins with
 * `{` is data without its field name, a field `error` is an event of that type, and the last event counts without the empty line after it.
 */
export class ServerSentEventReader {
  #line = "";
  #endedInReturn = false;
  #isFirstLine = true;
  #event: string | undefined;
  #data: string[] = [];

  /** Takes the next piece of decoded text; returns the events that are complete. */
  push(text: string): ServerSentEvent[] {
    // a line break may be CR LF, cut between the two
    const rest = this.#endedInReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.#endedInReturn = text.endsWith("\r");
    const [first = "", ...others] = rest.split(/\r\n|\n|\r/);
    this.#line += first;
    const events: ServerSentEvent[] = [];
    for (const next of others) {
      events.push(...this.#readLine(this.#line));
      this.#line = next;
    }
    return events;
  }

  /** The event that the end of the stream completes. */
  end(): ServerSentEvent[] {
    const isCut = this.#line !== "";
    const events = [...this.#readLine(this.#line), ...this.#dispatch()];
    this.#line = "";
    return isCut ? events.map((event) => ({ ...event, isCut })) : events;
  }

  #readLine(given: string): ServerSentEvent[] {
    const line = this.#isFirstLine ? given.replace(/^\uFEFF/, "") : given;
    this.#isFirstLine = false;
    if (line === "") return this.#dispatch();
    if (line.startsWith("{")) {
      this.#data.push(line);
      return [];
    }
    const colon = line.indexOf(":");
    const [field, value] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    // not a field of the standard: llama-server has written its errors so
    else if (field === "error" && value !== "") {
      this.#event = "error";
      this.#data.push(value);
    }
    return [];
  }

  #dispatch(): ServerSentEvent[] {
    const [event, data] = [this.#event, this.#data];
    this.#event = undefined;
    this.#data = [];
    return data.length === 0 ? [] : [{ event, data: data.join("\n") }];
  }
}
