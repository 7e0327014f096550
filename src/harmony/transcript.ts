import type { HarmonyEvent, HarmonyHeader, HarmonyMessage } from "./message.ts";
import { type StoredText, TextStore } from "./text-store.ts";

/** A message whose text nobody has asked for yet. */
interface StoredMessage {
  readonly header: HarmonyHeader;
  readonly text: StoredText;
  readonly ended: boolean;
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

  get isOpen(): boolean {
    return this.#header !== undefined;
  }

  /** All messages; the one that is open comes last, as far as it is there. */
  get messages(): readonly HarmonyMessage[] {
    for (const stored of this.#stored) this.#messages.push(this.#read(stored));
    this.#stored = [];
    const header = this.#header;
    if (header === undefined) return [...this.#messages];
    return [...this.#messages, this.#read({ header, text: this.#texts.last, ended: false })];
  }

  begin(header: HarmonyHeader): void {
    this.#header = header;
    this.#isPlain = header.name === undefined && header.recipient === undefined && header.contentType === undefined;
    this.#texts.begin();
    this.#events.push({ type: "message-start", ...header });
  }

  append(text: string): void {
    if (text === "" || this.#header === undefined) return;
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

  end(ended: boolean): void {
    const header = this.#header;
    if (header === undefined) return;
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
