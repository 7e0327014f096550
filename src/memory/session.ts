import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../platform/folders.ts";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { type HeldLock, tryLock } from "../platform/lock.ts";
import { createError } from "../i18n/error-messages.ts";
import { DraftFile, isDraftOfAnswer, attempt, isStorageError, SessionFile, storageError } from "./session-file.ts";
import {
  type Damage,
  readSession,
  type NewSessionEvent,
  type SessionEvent,
  type SessionSettings,
  stamped,
  storedFrom,
  SessionState,
} from "./session-event.ts";

/** Where a session is stored, and under which name. */
export interface OpenSessionOptions {
  /** The folder of all sessions. */
  readonly folder: string;
  readonly id: string;
  /** To continue the conversation (default), or to change or delete it, of which a copy is of no use. */
  readonly purpose?: "continue" | "change";
  /** The clock; the machine's by default. */
  readonly now?: () => Date;
}

/** What a session begins with. */
export interface StartDetails {
  readonly model: string;
  /** Its name. */
  readonly prompt: string;
  readonly settings: SessionSettings;
}

export const sessionPath = (folder: string, id: string) => join(folder, `${id}.jsonl`);
export const draftPath = (folder: string, id: string) => join(folder, `${id}.draft`);
export const lockPath = (folder: string, id: string) => join(folder, `${id}.lock`);

/** Sorts by time, and no two are alike: `20261126-021500-3fa9c1`. */
export function newSessionId(now: Date): string {
  const [date = "", time = ""] = now.toISOString().split(/[T.]/);
  return `${date.replaceAll("-", "")}-${time.replaceAll(":", "")}-${randomBytes(3).toString("hex")}`;
}

/** The files of a session on the disk, which this process alone writes. */
interface SessionFiles {
  readonly path: string;
  readonly lock: HeldLock;
  readonly draft: DraftFile;
}

/**
 * A conversation as a list of events. `Session.open` stores it on the disk: its file is made with the first event, so that a chat without
 * a word leaves none. `Session.inMemory` leaves nothing behind.
 */
export class Session {
  readonly id: string;
  readonly state: SessionState;
  readonly damage: readonly Damage[];
  /**
   * Called when events can't be written, once until they can be again: the conversation continues in memory, and what is missing is
   * written as soon as there is room. Without it, `append` throws.
   */
  onUnsaved: ((failure: unknown) => void) | undefined;
  #unsaved: SessionEvent[] = [];
  readonly #files: SessionFiles | undefined;
  readonly #now: () => Date;
  #file: SessionFile | undefined;
  #start: StartDetails | undefined;
  #tools: readonly string[] | undefined;

  private constructor(id: string, files: SessionFiles | undefined, now: () => Date = () => new Date()) {
    this.id = id;
    this.#files = files;
    this.#now = now;
    const { events, damage } = readSession(files && existsSync(files.path) ? readText(files.path) : "");
    this.state = SessionState.of(events);
    this.damage = damage;
  }

  /**
   * A conversation that is not stored.
   * @param from the events of an earlier conversation, which it continues; the files of that one stay as they are
   */
  static inMemory(from: readonly SessionEvent[] = []): Session {
    const session = new Session(newSessionId(new Date()), undefined);
    session.restore(from.map((event) => (event.type === "started" ? { ...event, id: session.id } : event)));
    return session;
  }

  /** The file; undefined when nothing is stored. */
  get path(): string | undefined {
    return this.#files?.path;
  }

  /**
   * @throws GptOssError `session-locked` when another process has it, `storage-failed` or `disk-full` when the folder can't be written
   */
  static async open(options: OpenSessionOptions): Promise<Session> {
    const { folder, id } = options;
    attempt(folder, () => makeFolder(folder, 0o700));
    const lock = await tryLock(lockPath(folder, id)).catch((error: unknown) => {
      throw storageError(folder, error);
    });
    if ("holder" in lock) {
      throw createError(options.purpose === "change" ? "sessionInUse" : "sessionOpenElsewhere", [id, lock.holder]);
    }
    try {
      const files = { path: sessionPath(folder, id), lock, draft: new DraftFile(draftPath(folder, id)) };
      const session = new Session(id, files, options.now);
      session.#recover(files.draft);
      return session;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Adds an event and forces it to the disk. */
  append(event: NewSessionEvent): void {
    if (this.#files?.lock.isHeld() === false) throw createError("sessionTakenOver", [this.id]);
    const start: NewSessionEvent[] =
      this.#start === undefined ? [] : [{ type: "started", id: this.id, ...this.#start }];
    const tools: NewSessionEvent[] = this.#tools === undefined ? [] : [{ type: "tools", offered: [...this.#tools] }];
    this.restore([...start, ...tools, event].map((one) => stamped(one, this.#now())));
    this.#start = undefined;
    this.#tools = undefined;
  }

  /** What is offered to the model from now on; written with the next event, since a session without a word leaves no file. */
  offerTools(offered: readonly string[]): void {
    const isKnown = offered.join("\n") === (this.state.tools ?? []).join("\n");
    this.#tools = isKnown ? undefined : offered;
    if (!isKnown && this.state.messages.length > 0) {
      this.#tools = undefined;
      this.append({ type: "tools", offered: [...offered] });
    }
  }

  /** What a new session starts with; written with its first event. */
  begin(details: StartDetails): void {
    if (this.state.started === undefined) this.#start = details;
  }

  /** Puts in events that happened before: those of a copy or of an import. */
  restore(events: readonly SessionEvent[]): void {
    this.#save(events);
    for (const event of events) this.state.apply(event);
  }

  /** Events that are not on the disk: all of a session in memory, else those that could not be written. */
  get unsaved(): readonly SessionEvent[] {
    return this.#unsaved;
  }

  #save(events: readonly SessionEvent[]): void {
    const path = this.#files?.path;
    if (path === undefined) {
      this.#unsaved.push(...events);
      return;
    }
    try {
      this.#file ??= createFile(path);
      this.#file.append([...this.#unsaved, ...events].map(lineOf).join("\n"));
      this.#unsaved = [];
    } catch (error) {
      if (this.onUnsaved === undefined || !isStorageError(error)) throw error;
      if (this.#unsaved.length === 0) this.onUnsaved(error);
      this.#unsaved.push(...events);
    }
  }

  /** @returns the message's number */
  addMessage(message: BaseMessage): number {
    const seq = this.state.lastSeq + 1;
    this.append({ type: "message", seq, message: storedFrom(message) });
    // the message contains the draft
    this.#files?.draft.remove();
    return seq;
  }

  /** Keeps a piece of the answer that is being written. */
  addDraft(text: string): void {
    try {
      this.#files?.draft.add(this.state.lastSeq, text);
    } catch (error) {
      // the answer is written at its end, and whether that can be done is said then
      if (this.onUnsaved === undefined || !isStorageError(error)) throw error;
    }
  }

  /** Replaces the draft. An answer without text is not stored, but its interruption is. */
  endAnswer(message: AIMessage, interrupted: boolean): void {
    const seq = message.text === "" ? this.state.lastSeq : this.addMessage(message);
    if (interrupted && seq > 0) this.append({ type: "interrupted", seq });
    this.#files?.draft.remove();
  }

  /** Closes the file and lets others write to it. */
  close(): void {
    if (this.#files === undefined) return;
    if (this.#unsaved.length > 0) this.#save([]);
    this.#file?.close();
    // on a full disk a file can be made, and nothing be written into it
    if (this.#file?.isEmpty) rmSync(this.#files.path, { force: true });
    this.#file = undefined;
    this.#files.lock.release();
  }

  /** Takes over what a killed chat was showing. */
  #recover(file: DraftFile): void {
    const draft = file.read();
    if (draft !== undefined && isDraftOfAnswer(draft, this.state.messages.at(-1)))
      this.endAnswer(new AIMessage(draft.text), true);
    else file.remove();
  }
}

function createFile(path: string): SessionFile {
  const isNew = !existsSync(path);
  const file = new SessionFile(path);
  // the name in the folder has to outlive a crash as well as the content
  if (isNew) syncFolder(dirname(path));
  return file;
}

function readText(path: string): string {
  return attempt(path, () => readFileSync(path, "utf8"));
}

function syncFolder(folder: string): void {
  const directory = openSync(folder, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** A replacement character that was really said is written as an escape: as it is, it would be taken for a damaged byte later. */
function lineOf(event: SessionEvent): string {
  return JSON.stringify(event).replaceAll("\uFFFD", String.raw`\ufffd`);
}
