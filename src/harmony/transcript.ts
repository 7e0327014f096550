import type { HarmonyEvent, HarmonyHeader, HarmonyMessage } from "./message.ts";

/** The messages read so far, and the events that nobody has fetched yet. */
export class Transcript {
  #messages: HarmonyMessage[] = [];
  #events: HarmonyEvent[] = [];
  #header: HarmonyHeader | undefined;
  /** The open message's text in pieces, which one string grown by each of them would cost twice the time to collect. */
  #pieces: string[] = [];

  get isOpen(): boolean {
    return this.#header !== undefined;
  }

  /** All messages; the one that is open comes last, as far as it is there. */
  get messages(): readonly HarmonyMessage[] {
    return this.#header === undefined
      ? [...this.#messages]
      : [...this.#messages, this.#openMessage(this.#header, false)];
  }

  begin(header: HarmonyHeader): void {
    this.#header = header;
    this.#pieces = [];
    this.#events.push({ type: "message-start", ...header });
  }

  append(text: string): void {
    if (text === "" || this.#header === undefined) return;
    this.#pieces.push(text);
    this.#events.push(contentDelta(this.#header, text));
  }

  /** `append` and `takeEvents` in one: the case that is as frequent as tokens are. */
  appendAlone(text: string): HarmonyEvent[] {
    if (this.#header === undefined || this.#events.length > 0) {
      this.append(text);
      return this.takeEvents();
    }
    this.#pieces.push(text);
    return [contentDelta(this.#header, text)];
  }

  end(ended: boolean): void {
    const header = this.#header;
    if (header === undefined) return;
    this.#messages.push(this.#openMessage(header, ended));
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
    this.#events = [];
    this.#pieces = [];
    if (this.#header !== undefined) this.#events.push({ type: "message-start", ...this.#header });
  }

  #openMessage(header: HarmonyHeader, ended: boolean): HarmonyMessage {
    return { ...header, content: this.#pieces.join(""), ended };
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
