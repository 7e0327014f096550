import { existsSync } from "node:fs";
import { exportedAs, type ExportFormat } from "../memory/export-session.ts";
import { searchSessions } from "../memory/search-sessions.ts";
import { isStorageFailure } from "../memory/session-file.ts";
import { findSession, loadSession, loadSessions, newSessionId, type StoredSession } from "../memory/session-folder.ts";
import { SessionHistory } from "../memory/session-history.ts";
import { Session } from "../memory/session.ts";
import { Conversation } from "./conversation.ts";
import type { Finding, SessionLine } from "./talk.ts";

const CONTEXT_CHARACTERS = 40;

/** The conversations of earlier chats, for those inside one. */
export class KeptConversations {
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
      if (!isStorageFailure(error)) throw error;
      this.#onUnsaved(error);
      return new Conversation();
    }
  }

  async #openSession(id: string): Promise<Conversation> {
    const session = await Session.open({ folder: this.#folder, id });
    session.onUnsaved = this.#onUnsaved;
    return new Conversation(new SessionHistory(session));
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
    return exportedAs(format, history instanceof SessionHistory ? this.#stored(history.session) : history.asStored());
  }

  /** What is on the disk, and what could not be written there. */
  #stored({ id, path, state, damage, unsaved }: Session): StoredSession {
    if (unsaved.length === 0) return loadSession(this.#folder, id);
    const saved = existsSync(path) ? loadSession(this.#folder, id).events : [];
    return { id, state, damage, events: [...saved, ...unsaved] };
  }
}
