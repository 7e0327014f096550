import { exportedAs, type ExportFormat } from "../memory/export-session.ts";
import { searchSessions } from "../memory/search-sessions.ts";
import { findSession, loadSession, loadSessions, newSessionId } from "../memory/session-folder.ts";
import { SessionHistory } from "../memory/session-history.ts";
import { Session } from "../memory/session.ts";
import { Conversation } from "./conversation.ts";
import type { Finding, SessionLine } from "./talk.ts";

const CONTEXT_CHARACTERS = 40;

/** The conversations of earlier chats, for those inside one. */
export class KeptConversations {
  readonly #folder: string;
  readonly #keeps: boolean;

  /** @param keeps false when a new conversation is not to be written */
  constructor(folder: string, keeps: boolean) {
    this.#folder = folder;
    this.#keeps = keeps;
  }

  async begin(): Promise<Conversation> {
    if (!this.#keeps) return new Conversation();
    const session = await Session.open({ folder: this.#folder, id: newSessionId(new Date()) });
    return new Conversation(new SessionHistory(session));
  }

  /** @throws GptOssError `usage` when there is none, or more than one; `session-locked` */
  async open(reference: string, current: Conversation): Promise<Conversation> {
    const id = findSession(this.#folder, reference);
    if (current.session?.id === id) return current;
    return new Conversation(new SessionHistory(await Session.open({ folder: this.#folder, id })));
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
    const stored =
      history instanceof SessionHistory ? loadSession(this.#folder, history.session.id) : history.asStored();
    return exportedAs(format, stored);
  }
}
