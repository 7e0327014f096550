import { existsSync } from "node:fs";
import type { BaseMessage } from "@langchain/core/messages";
import { exportedAs } from "../memory/export-session.ts";
import type { ExportFormat } from "../memory/memory-options.ts";
import { isStorageError } from "../memory/session-file.ts";
import {
  searchSessions,
  findSession,
  loadSession,
  loadSessions,
  newSessionId,
  type StoredSession,
} from "../memory/session-folder.ts";
import { SessionChatMessageHistory, UnsavedHistory } from "../memory/session-history.ts";
import { Session, type StartDetails } from "../memory/session.ts";
import { localDate } from "../terminal/format.ts";
import type { Turn, Finding, SessionLine } from "./chat-session.ts";

/** One conversation: what was said, on disk or in memory alone. */
export class Conversation {
  readonly history: SessionChatMessageHistory | UnsavedHistory;
  /** `YYYY-MM-DD` of its first day, which the model is told: another date would make the server read everything anew. */
  readonly currentDate: string;

  /** @param currentDate where the history itself does not say; today by default */
  constructor(history: SessionChatMessageHistory | UnsavedHistory = new UnsavedHistory(), currentDate?: string) {
    this.history = history;
    this.currentDate = this.session?.state.started?.settings.currentDate ?? currentDate ?? localDate(new Date());
  }

  /** Undefined when it is not on disk. */
  get session(): Session | undefined {
    return this.history instanceof SessionChatMessageHistory ? this.history.session : undefined;
  }

  async turns(): Promise<Turn[]> {
    const turns: { question: string; answer: string }[] = [];
    for (const message of await this.history.getMessages()) {
      if (message.type === "human") turns.push({ question: message.text, answer: "" });
      const turn = turns.at(-1);
      if (message.type === "ai" && turn) turn.answer += message.text;
    }
    return turns;
  }

  /** The last turn with the calls of tools in it and their results, and the text that comes after them. */
  async lastTurn(): Promise<(Turn & { readonly calls: readonly BaseMessage[] }) | undefined> {
    const messages = await this.history.getMessages();
    const asked = messages.findLastIndex(({ type }) => type === "human");
    const question = messages[asked];
    if (question === undefined) return undefined;
    const rest = messages.slice(asked + 1);
    const end = rest.findLastIndex(({ type }) => type === "tool") + 1;
    const answer = rest.slice(end).map(({ text }) => text);
    return { question: question.text, calls: rest.slice(0, end), answer: answer.join("") };
  }

  /** Takes back the last turns. @returns their questions, the latest first */
  async undo(count: number): Promise<string[]> {
    const questions: string[] = [];
    for (let left = count; left > 0; left--) {
      const last = (await this.turns()).at(-1);
      if (last === undefined) break;
      questions.push(last.question);
      await this.history.undo();
    }
    return questions;
  }

  /** Told once, when it is known what answers. */
  begin(details: StartDetails): void {
    if (this.history instanceof SessionChatMessageHistory) this.history.session.begin(details);
    else this.history.begin(details);
  }

  close(): void {
    this.session?.close();
  }
}

const CONTEXT_CHARACTERS = 40;

/** The conversations of earlier chats, for those inside one. */
export class SavedSessions {
  readonly #folder: string;
  readonly #keeps: boolean;
  readonly #onUnsaved: (failure: unknown) => void;

  /**
   * @param keeps false when a new conversation is not to be written
   * @param onUnsaved called when a conversation can't be saved; it continues in memory
   */
  constructor(folder: string, keeps: boolean, onUnsaved: (failure: unknown) => void) {
    this.#folder = folder;
    this.#keeps = keeps;
    this.#onUnsaved = onUnsaved;
  }

  async begin(): Promise<Conversation> {
    if (!this.#keeps) return new Conversation();
    try {
      return await this.#openSession(newSessionId(new Date()));
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.#onUnsaved(error);
      return new Conversation();
    }
  }

  async #openSession(id: string): Promise<Conversation> {
    const session = await Session.open({ folder: this.#folder, id });
    session.onUnsaved = this.#onUnsaved;
    return new Conversation(new SessionChatMessageHistory(session));
  }

  /** @throws GptOssError `usage` when there is none, or more than one; `session-locked` */
  async open(reference: string, current: Conversation): Promise<Conversation> {
    const id = findSession(this.#folder, reference);
    if (current.session?.id === id) return current;
    return await this.#openSession(id);
  }

  list(): readonly SessionLine[] {
    return loadSessions(this.#folder)
      .filter(({ state }) => state.messages.length > 0)
      .map(({ id, state }) => ({ id, at: state.lastAt, turns: state.turns, title: state.title }));
  }

  search(words: string): readonly Finding[] {
    return Array.from(searchSessions(this.#folder, words), ({ id, at, title, text, ranges }) => {
      const { start, end } = ranges[0] ?? { start: 0, end: 0 };
      const before = Array.from(text.slice(0, start)).slice(-CONTEXT_CHARACTERS).join("");
      const after = Array.from(text.slice(end)).slice(0, CONTEXT_CHARACTERS).join("");
      return { id, at, title, before, found: text.slice(start, end), after };
    });
  }

  exportAs(format: ExportFormat, { history }: Conversation): string {
    return exportedAs(
      format,
      history instanceof SessionChatMessageHistory ? this.#stored(history.session) : history.asStored(),
    );
  }

  /** What is on the disk, and what could not be written there. */
  #stored({ id, path, state, damage, unsaved }: Session): StoredSession {
    if (unsaved.length === 0) return loadSession(this.#folder, id);
    const saved = existsSync(path) ? loadSession(this.#folder, id).events : [];
    return { id, state, damage, events: [...saved, ...unsaved] };
  }
}
