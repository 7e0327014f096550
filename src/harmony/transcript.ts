import {
  type HarmonyEvent,
  type HarmonyHeader,
  type HarmonyMessage,
  getHarmonyPurpose,
  type TokenName,
} from "./format.ts";
import type { PossibleCall } from "./header.ts";

/** A message of which it is not known yet whether it is a call. */
interface UndecidedMessage {
  readonly header: HarmonyHeader;
  readonly call: PossibleCall;
  readonly start: JsonObjectStart;
}

/** The messages read so far, and the events that nobody has fetched yet. */
export class Transcript {
  #messages: HarmonyMessage[] = [];
  #events: HarmonyEvent[] = [];
  /** Of the open message, or of one that is held back. Appending to a string takes the same time for any length. */
  #text = "";
  /** The open message's. */
  #header: HarmonyHeader | undefined;
  /** The message that is held back. */
  #undecided: UndecidedMessage | undefined;

  /** Text of a message has come that is not reported yet. */
  get isHoldingText(): boolean {
    return this.#undecided !== undefined && this.#undecided.start.hasRead;
  }

  /** There is text for the user, or a call. */
  get hasAnswer(): boolean {
    return this.messages.some((message) => {
      const purpose = getHarmonyPurpose(message);
      return purpose === "tool-call" || (purpose === "final" && /\S/.test(message.content));
    });
  }

  /** All messages; the open one comes last, as far as it has arrived. */
  get messages(): readonly HarmonyMessage[] {
    if (this.#header === undefined) return [...this.#messages];
    return [...this.#messages, { ...this.#header, content: this.#text, ended: false }];
  }

  /** @param possibleCall what the message is if it turns out to be a call: until that is known, it is held back */
  begin(header: HarmonyHeader, possibleCall?: PossibleCall): void {
    this.#text = "";
    if (possibleCall === undefined) this.#open(header);
    else this.#undecided = { header, call: possibleCall, start: new JsonObjectStart() };
  }

  #open(header: HarmonyHeader): void {
    this.#header = header;
    this.#events.push({ type: "message-start", ...header });
  }

  append(text: string): void {
    if (text === "") return;
    if (this.#undecided !== undefined) this.#hold(this.#undecided, text);
    if (this.#header === undefined) return;
    this.#text += text;
    this.#events.push({ type: "content-delta", ...this.#header, text });
  }

  /** Holds text back until it tells whether its message is a call. */
  #hold(undecided: UndecidedMessage, text: string): void {
    const { header, call, start } = undecided;
    const verdict = start.read(text);
    const mayStayOpen = call.because === "named" || verdict === "object" || hasArgumentsType(header);
    if (call.because === "named" && verdict === "object") this.#decide(call.header);
    else if (!mayStayOpen && verdict === "other") this.#decide(header);
    else this.#text += text;
  }

  /** Reports a message that was held back, with its text so far. */
  #decide(header: HarmonyHeader): void {
    this.#undecided = undefined;
    this.#open(header);
    if (this.#text !== "") this.#events.push({ type: "content-delta", ...header, text: this.#text });
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
    this.#messages.push({ ...header, content: this.#text, ended });
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
    this.#text = "";
    this.#events = [];
    if (this.#header !== undefined) this.#events.push({ type: "message-start", ...this.#header });
  }
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
