import { type HarmonyEvent, type HarmonyHeader, type HarmonyMessage, purposeOf, type TokenName } from "./format.ts";
import type { PossibleCall } from "./header.ts";

const FIRST_UNITS = 4_096;
/** Arguments that one call may have on every engine. */
const UNITS_AT_ONCE = 8_192;

/** A text that came in one piece, or where it stands in the store. */
export type StoredText = string | { readonly from: number; readonly to: number };

/**
 * Texts that come piece by piece, one after the other. Pieces are copied to where the garbage collector has nothing to look at, and become
 * a string when somebody asks: many small strings that live on cost more than reading them does.
 */
export class TextStore {
  #units = new Uint16Array(FIRST_UNITS);
  /** UTF-16 units of all texts. */
  #length = 0;
  /** Where the last text begins, and the whole of it while it is one piece. */
  #from = 0;
  #only = "";

  /** Begins another text. */
  begin(): void {
    this.#from = this.#length;
    this.#only = "";
  }

  append(piece: string): void {
    if (this.#only === "" && this.#length === this.#from) {
      this.#only = piece;
      return;
    }
    if (this.#only !== "") {
      this.#copy(this.#only);
      this.#only = "";
    }
    this.#copy(piece);
  }

  /** The last text, as far as it is there. */
  get last(): StoredText {
    return this.#only === "" ? { from: this.#from, to: this.#length } : this.#only;
  }

  /** As it was appended, halves of characters too. */
  read(text: StoredText): string {
    if (typeof text === "string") return text;
    let read = "";
    for (let at = text.from; at < text.to; at += UNITS_AT_ONCE) {
      const units = this.#units.subarray(at, Math.min(text.to, at + UNITS_AT_ONCE));
      // it takes whatever has a length; spreading it would take ten times as long
      read += String.fromCharCode.apply(undefined, units as unknown as number[]);
    }
    return read;
  }

  #copy(piece: string): void {
    const end = this.#length + piece.length;
    if (end > this.#units.length) this.#grow(end);
    const units = this.#units;
    for (let from = 0, to = this.#length; to < end; from++, to++) units[to] = piece.charCodeAt(from);
    this.#length = end;
  }

  #grow(atLeast: number): void {
    const units = new Uint16Array(Math.max(atLeast, 2 * this.#units.length));
    units.set(this.#units.subarray(0, this.#length));
    this.#units = units;
  }
}

/** A message whose text nobody has asked for yet. */
interface StoredMessage {
  readonly header: HarmonyHeader;
  readonly text: StoredText;
  readonly ended: boolean;
}

/** A message of which it is not known yet whether it is a call. Its text so far is the last of the store. */
interface UndecidedMessage {
  readonly header: HarmonyHeader;
  readonly call: PossibleCall;
  readonly start: JsonObjectStart;
}

/** The messages read so far, and the events that nobody has fetched yet. */
export class Transcript {
  #messages: HarmonyMessage[] = [];
  /** Those after them: who reads the events may never ask for messages. */
  #stored: StoredMessage[] = [];
  /** Their texts, and that of the open message. */
  #texts = new TextStore();
  #events: HarmonyEvent[] = [];
  /** The open message's. */
  #header: HarmonyHeader | undefined;
  /** It holds nothing but role and channel. */
  #isPlain = false;
  /** The message that is held back. */
  #undecided: UndecidedMessage | undefined;

  /** Text of a message has come that is not reported yet. */
  get isHoldingText(): boolean {
    return this.#undecided !== undefined && this.#undecided.start.hasRead;
  }

  /** There is text for the user, or a call. */
  get hasAnswer(): boolean {
    return this.messages.some((message) => {
      const purpose = purposeOf(message);
      return purpose === "tool-call" || (purpose === "final" && /\S/.test(message.content));
    });
  }

  /** All messages; the one that is open comes last, as far as it is there. */
  get messages(): readonly HarmonyMessage[] {
    for (const stored of this.#stored) this.#messages.push(this.#read(stored));
    this.#stored = [];
    const header = this.#header;
    if (header === undefined) return [...this.#messages];
    return [...this.#messages, this.#read({ header, text: this.#texts.last, ended: false })];
  }

  /** @param possibleCall what the message is if it turns out to be a call: until that is known, it is held back */
  begin(header: HarmonyHeader, possibleCall?: PossibleCall): void {
    this.#texts.begin();
    if (possibleCall === undefined) this.#open(header);
    else this.#undecided = { header, call: possibleCall, start: new JsonObjectStart() };
  }

  #open(header: HarmonyHeader): void {
    this.#header = header;
    this.#isPlain = header.name === undefined && header.recipient === undefined && header.contentType === undefined;
    this.#events.push({ type: "message-start", ...header });
  }

  append(text: string): void {
    if (text === "") return;
    if (this.#undecided !== undefined) this.#hold(this.#undecided, text);
    if (this.#header === undefined) return;
    this.#texts.append(text);
    this.#events.push(contentDelta(this.#header, text));
  }

  /** `append` and `takeEvents` in one: the case that is as frequent as tokens are. */
  appendAlone(text: string): HarmonyEvent[] {
    const header = this.#header;
    if (header === undefined || this.#events.length > 0) {
      this.append(text);
      return this.takeEvents();
    }
    this.#texts.append(text);
    const { role, channel } = header;
    // not by contentDelta: V8 decides by the place in the code where objects are put, and those of a whole text, which live longer, would
    // bring these to where making one takes three times as long
    if (this.#isPlain && channel !== undefined) return [{ type: "content-delta", role, channel, text }];
    return [contentDelta(header, text)];
  }

  /** Holds text back until it tells whether its message is a call. */
  #hold(undecided: UndecidedMessage, text: string): void {
    const { header, call, start } = undecided;
    const verdict = start.read(text);
    const mayStayOpen = call.because === "named" || verdict === "object" || hasArgumentsType(header);
    if (call.because === "named" && verdict === "object") this.#decide(call.header);
    else if (!mayStayOpen && verdict === "other") this.#decide(header);
    else this.#texts.append(text);
  }

  /** Reports a message that was held back, with its text so far. */
  #decide(header: HarmonyHeader): void {
    this.#undecided = undefined;
    const text = this.#texts.read(this.#texts.last);
    this.#open(header);
    if (text !== "") this.#events.push(contentDelta(header, text));
  }

  #decideAtEnd({ header, call, start }: UndecidedMessage, stop: TokenName | undefined): void {
    const isCall = stop === "call" || (call.because === "named" && start.verdict === "begun");
    this.#decide(isCall ? call.header : header);
  }

  /** @param stop the token that ended the message */
  end(stop: TokenName | undefined): void {
    if (this.#undecided !== undefined) this.#decideAtEnd(this.#undecided, stop);
    const header = this.#header;
    if (header === undefined) return;
    const ended = stop !== undefined;
    this.#stored.push({ header, text: this.#texts.last, ended });
    this.#events.push({ type: "message-end", ...header, ended });
    this.#header = undefined;
  }

  takeEvents(): HarmonyEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Forgets everything but that a message is open: what stands before this is the prompt's and not the completion's. */
  forgetPrompt(): void {
    this.#messages = [];
    this.#stored = [];
    this.#texts = new TextStore();
    this.#texts.begin();
    this.#events = [];
    if (this.#header !== undefined) this.#events.push({ type: "message-start", ...this.#header });
  }

  #read({ header, text, ended }: StoredMessage): HarmonyMessage {
    return { ...header, content: this.#texts.read(text), ended };
  }
}

/** Written out for the headers that nearly every message has: copying a header takes ten times as long. */
function contentDelta(header: HarmonyHeader, text: string): HarmonyEvent {
  const { role, name, channel, recipient, contentType } = header;
  if (name === undefined && channel !== undefined) {
    if (recipient === undefined && contentType === undefined) return { type: "content-delta", role, channel, text };
    if (recipient !== undefined && contentType !== undefined) {
      return { type: "content-delta", role, channel, recipient, contentType, text };
    }
  }
  return { type: "content-delta", ...header, text };
}

/** The content types of arguments; on the answer's channel one says nothing of a call. */
function hasArgumentsType({ channel, contentType }: HarmonyHeader): boolean {
  return channel !== "final" && contentType !== undefined && /^(?:json|code)$/i.test(contentType);
}

const SPACE = /\s/;

/** Tells by the first characters of a text, however it is cut, whether it is a JSON object. */
export class JsonObjectStart {
  /** open: nothing but white space so far. begun: a brace, and what follows is not known. */
  verdict: "open" | "begun" | "object" | "other" = "open";
  hasRead = false;

  read(text: string): JsonObjectStart["verdict"] {
    this.hasRead ||= text !== "";
    for (const character of text) {
      if (this.verdict === "object" || this.verdict === "other") break;
      if (SPACE.test(character)) continue;
      if (this.verdict === "open") this.verdict = character === "{" ? "begun" : "other";
      else this.verdict = character === '"' || character === "}" ? "object" : "other";
    }
    return this.verdict;
  }
}
