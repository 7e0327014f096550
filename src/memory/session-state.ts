import type { BaseMessage } from "@langchain/core/messages";
import { messageFrom, type SessionEvent } from "./session-event.ts";

type StartedEvent = Extract<SessionEvent, { type: "started" }>;

type StoredMessage = Extract<SessionEvent, { type: "message" }>["message"];

/** A message of a session. LangChain's object is only made when it is asked for: a list of sessions needs none. */
export class SessionMessage {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly stored: StoredMessage;
  /** The answer was cut short. */
  readonly interrupted: boolean;
  #message: BaseMessage | undefined;

  constructor({ seq, at, stored, interrupted }: Pick<SessionMessage, "seq" | "at" | "stored" | "interrupted">) {
    this.seq = seq;
    this.at = at;
    this.stored = stored;
    this.interrupted = interrupted;
  }

  get message(): BaseMessage {
    this.#message ??= messageFrom(this.stored);
    return this.#message;
  }
}

/** The latest summary, and how many messages it stands for. */
export interface SessionSummary {
  readonly text: string;
  /** The last message that it covers. */
  readonly seq: number;
}

/** What a session's events amount to. */
export class SessionState {
  started: StartedEvent | undefined;
  title: string | undefined;
  /** What was offered to the model at last; undefined when that was never said. */
  tools: readonly string[] | undefined;
  /** When its last event happened, ISO 8601. */
  lastAt: string | undefined;
  /** The highest number a message ever had, of those that were undone too. */
  lastSeq = 0;
  #messages: SessionMessage[] = [];
  #summaries: SessionSummary[] = [];

  static of(events: readonly SessionEvent[]): SessionState {
    const state = new SessionState();
    for (const event of events) state.apply(event);
    return state;
  }

  get messages(): readonly SessionMessage[] {
    return this.#messages;
  }

  /** The latest summary of messages that still count. */
  get summary(): SessionSummary | undefined {
    return this.#summaries.at(-1);
  }

  get turns(): number {
    return this.#messages.filter(({ stored }) => stored.type === "human").length;
  }

  /** Takes in one event of the session's file, in the order in which they were written. */
  apply(event: SessionEvent): void {
    this.lastAt = event.at;
    switch (event.type) {
      case "started":
        this.started ??= event;
        break;
      case "message":
        this.lastSeq = Math.max(this.lastSeq, event.seq);
        this.#messages.push(
          new SessionMessage({ seq: event.seq, at: event.at, stored: event.message, interrupted: false }),
        );
        if (this.title === undefined && event.message.type === "human")
          this.title = titleFrom(this.#messages.at(-1)?.message.text ?? "");
        break;
      case "interrupted":
        this.#replace(event.seq, () => ({ interrupted: true }));
        break;
      case "edited":
        this.#replace(event.seq, ({ stored }) => ({
          stored: { ...stored, data: { ...stored.data, content: event.content } },
        }));
        break;
      case "undone":
        this.#messages = this.#messages.filter(({ seq }) => seq < event.seq);
        this.#summaries = this.#summaries.filter(({ seq }) => seq < event.seq);
        break;
      case "summary":
        this.#summaries.push({ text: event.text, seq: event.seq });
        break;
      case "tools":
        this.tools = event.offered;
        break;
      case "renamed":
        this.title = event.title;
        break;
    }
  }

  #replace(
    seq: number,
    change: (kept: SessionMessage) => Partial<Pick<SessionMessage, "stored" | "interrupted">>,
  ): void {
    this.#messages = this.#messages.map((kept) => {
      if (kept.seq !== seq) return kept;
      const { at, stored, interrupted } = kept;
      return new SessionMessage({ seq, at, stored, interrupted, ...change(kept) });
    });
  }
}

const TITLE_LENGTH = 60;

/** The first line of a first message, shortened where it is long; undefined where there is no text in it. */
export function titleFrom(text: string): string | undefined {
  const line = text.trim().split("\n")[0]?.replaceAll(/\s+/g, " ").trim() ?? "";
  const characters = Array.from(line);
  if (characters.length <= TITLE_LENGTH) return line || undefined;
  return `${characters
    .slice(0, TITLE_LENGTH - 1)
    .join("")
    .trimEnd()}…`;
}
