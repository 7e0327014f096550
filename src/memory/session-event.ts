import { type BaseMessage, mapStoredMessageToChatMessage, type StoredMessage } from "@langchain/core/messages";
import { z } from "zod";
import type { ErrorDetail } from "../errors/errors.ts";
import { type LocalizedText, localize, errorDetail } from "../i18n/error-messages.ts";

/** Version of a session's lines; a line of a later version is left alone. */
export const FORMAT_VERSION = 1;

const base = { v: z.literal(FORMAT_VERSION), at: z.iso.datetime() };
const sequence = z.number().int().min(1);

/** A message as LangChain stores it: the kind, and what its constructor takes. */
const storedMessageSchema = z.object({
  type: z.enum(["human", "ai", "system", "tool"]),
  data: z.looseObject({ content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]) }),
});

export const settingsSchema = z.object({
  effort: z.string().optional(),
  /** `YYYY-MM-DD`, as the prompt gives it. It is fixed for a session, since with another date the server processes everything again. */
  currentDate: z.iso.date().optional(),
  /** Tokens. */
  context: z.number().optional(),
});

/** One line of a session's file. A message is named by its `seq`, which counts from 1 and is never used twice. */
export const sessionEventSchema = z.discriminatedUnion("type", [
  z.object({
    ...base,
    type: z.literal("started"),
    id: z.string().min(1),
    model: z.string().optional(),
    prompt: z.string().optional(),
    settings: settingsSchema.default({}),
    /** The session that this one was forked from. */
    from: z.string().optional(),
  }),
  z.object({ ...base, type: z.literal("message"), seq: sequence, message: storedMessageSchema }),
  /** The answer with this `seq`, or the answer to the question with it, was cut short. */
  z.object({ ...base, type: z.literal("interrupted"), seq: sequence }),
  /** This message and all that came after it do not count any more. */
  z.object({ ...base, type: z.literal("undone"), seq: sequence }),
  z.object({ ...base, type: z.literal("edited"), seq: sequence, content: z.string() }),
  /** What the messages up to and including `seq` said; they are not sent any more. */
  z.object({ ...base, type: z.literal("summary"), seq: sequence, text: z.string().min(1) }),
  /** What is offered to the model from now on, as `SwitchableTools` keeps it. */
  z.object({ ...base, type: z.literal("tools"), offered: z.array(z.string()) }),
  z.object({ ...base, type: z.literal("renamed"), title: z.string().min(1) }),
]);

/** One line of a session's file. */
export type SessionEvent = z.infer<typeof sessionEventSchema>;
export type SessionSettings = z.infer<typeof settingsSchema>;

type WithoutStamp<Event> = Event extends unknown ? Omit<Event, "v" | "at"> : never;

/** An event before it is dated and given the format's version. */
export type NewSessionEvent = WithoutStamp<SessionEvent>;

export function stamped(event: NewSessionEvent, at: Date): SessionEvent {
  return { v: FORMAT_VERSION, at: at.toISOString(), ...event };
}

/** The stored form of a message: its kind, and the fields of its class that are not empty. */
export function storedFrom(message: BaseMessage): z.infer<typeof storedMessageSchema> {
  const { type, data } = message.toDict();
  const kept = Object.entries(data).filter(([name, value]) => name === "content" || !isEmpty(value));
  return storedMessageSchema.parse({ type, data: Object.fromEntries(kept) });
}

export function messageFrom(stored: z.infer<typeof storedMessageSchema>): BaseMessage {
  return mapStoredMessageToChatMessage(stored as unknown as StoredMessage);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

/** A line that could not be read; everything around it could. */
export interface Damage {
  /** Counted from 1. */
  readonly line: number;
  /** In English, after "line 3". */
  readonly what: string;
  /** The same for any language. */
  readonly wording: ErrorDetail;
}

export interface ReadSession {
  readonly events: readonly SessionEvent[];
  readonly damage: readonly Damage[];
}

const BYTE_ORDER_MARK = "\uFEFF";
/** Two events on one line, the line break between them was lost. Inside a string its quotation marks would be escaped. */
const SEAM = /(?=\{"v":\d+,"at":)/;

/** Reads a session's text. Damaged lines are passed over and named; whatever else stands there is read. */
export function readSession(text: string): ReadSession {
  const events: SessionEvent[] = [];
  const damage: Damage[] = [];
  const seen = new Set<string>();
  const lines = text.replace(BYTE_ORDER_MARK, "").split("\n");
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    for (const piece of piecesOf(line)) {
      const read = readLine(piece, isLast);
      if ("reason" in read) damage.push(damageAt(index + 1, read));
      else if (seen.has(piece)) damage.push(damageAt(index + 1, errorDetail("twiceThere")));
      else events.push(read);
      seen.add(piece);
    }
    if (line.includes("\uFFFD")) damage.push(damageAt(index + 1, errorDetail("notUtf8")));
  }
  return { events, damage };
}

function damageAt(line: number, wording: ErrorDetail): Damage {
  return { line, what: localize("en", wording), wording };
}

function piecesOf(line: string): readonly string[] {
  // a disk that lost power may leave zeros where a line was being written
  const clean = line.replaceAll("\0", "").trim();
  if (clean === "") return line.includes("\0") ? [line] : [];
  return parseJson(clean) === undefined ? clean.split(SEAM) : [clean];
}

/** The event, or what is wrong with the line. */
function readLine(line: string, isLast: boolean): SessionEvent | ErrorDetail {
  const value = parseJson(line);
  if (value === undefined) return errorDetail(isLast ? "cutWhileWritten" : "noJsonLine");
  const event = sessionEventSchema.safeParse(value);
  if (event.success) return event.data;
  const version = typeof value === "object" && value !== null && "v" in value ? value.v : undefined;
  if (typeof version === "number" && version > FORMAT_VERSION) return errorDetail("laterVersion", version);
  const [issue] = event.error.issues;
  return errorDetail("noSessionEvent", issue?.path.join(".") ?? "", issue?.message ?? "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** One sentence about all damage, or undefined where there is none. */
export function describeDamage(name: string, damage: readonly Damage[]): LocalizedText | undefined {
  const [first] = damage;
  if (first === undefined) return undefined;
  return errorDetail("sessionDamaged", name, first.line, first.wording, damage.length - 1);
}

type StartedEvent = Extract<SessionEvent, { type: "started" }>;

type StoredSessionMessage = Extract<SessionEvent, { type: "message" }>["message"];

/** A message of a session. LangChain's object is only made when it is asked for: a list of sessions needs none. */
export class SessionMessage {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly stored: StoredSessionMessage;
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

/** The latest summary, and how many messages it replaces. */
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

/** The first line of a first message, shortened where it is long; undefined if it has no text. */
export function titleFrom(text: string): string | undefined {
  const line = text.trim().split("\n")[0]?.replaceAll(/\s+/g, " ").trim() ?? "";
  const characters = Array.from(line);
  if (characters.length <= TITLE_LENGTH) return line || undefined;
  return `${characters
    .slice(0, TITLE_LENGTH - 1)
    .join("")
    .trimEnd()}…`;
}
