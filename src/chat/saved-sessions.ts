import { existsSync } from "node:fs";
import { exportedAs } from "../memory/export-session.ts";
import type { ExportFormat } from "../memory/memory-options.ts";
import { isStorageError } from "../memory/session-file.ts";
import { searchSessions, findSession, forkSession, loadSession, loadSessions } from "../memory/session-folder.ts";
import { newSessionId, Session } from "../memory/session.ts";

/** A stored conversation, in a list. */
export interface SessionLine {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string | undefined;
  readonly turns: number;
  readonly title: string | undefined;
}

/** A message in which something was found. */
export interface Finding {
  readonly id: string;
  readonly at: string;
  readonly title: string | undefined;
  /** The text around the first match. */
  readonly before: string;
  readonly found: string;
  readonly after: string;
}

const CONTEXT_CHARACTERS = 40;

/** The sessions on the disk, as a chat uses them. */
export class SavedSessions {
  readonly #folder: string;
  readonly #saves: boolean;
  readonly #onUnsaved: (failure: unknown) => void;

  /**
   * @param saves false when new conversations stay in memory
   * @param onUnsaved called when a conversation can't be saved; it continues in memory
   */
  constructor(folder: string, saves: boolean, onUnsaved: (failure: unknown) => void) {
    this.#folder = folder;
    this.#saves = saves;
    this.#onUnsaved = onUnsaved;
  }

  /** @returns the id of the session that is meant. @throws GptOssError `usage` when none or more than one matches */
  find(reference: string): string {
    return findSession(this.#folder, reference);
  }

  /** A new session: on the disk, or in memory where nothing is to be or can be saved. */
  async create(): Promise<Session> {
    return await this.#openOnDisk(
      async () => await Session.open({ folder: this.#folder, id: newSessionId(new Date()) }),
    );
  }

  /**
   * Continues a session of the disk. Where nothing is to be or can be saved, it continues in memory.
   * @throws GptOssError `usage` when none or more than one matches; `session-locked`
   */
  async open(reference: string): Promise<Session> {
    const id = this.find(reference);
    return await this.#openOnDisk(async () => await Session.open({ folder: this.#folder, id }), id);
  }

  /** Continues in a copy, and leaves the session itself as it is. */
  async fork(reference: string): Promise<Session> {
    const id = this.find(reference);
    return await this.#openOnDisk(async () => await forkSession(this.#folder, id), id);
  }

  async #openOnDisk(open: () => Promise<Session>, id?: string): Promise<Session> {
    if (this.#saves) {
      try {
        const session = await open();
        session.onUnsaved = this.#onUnsaved;
        return session;
      } catch (error) {
        if (!isStorageError(error)) throw error;
        this.#onUnsaved(error);
      }
    }
    return Session.inMemory(id === undefined ? [] : loadSession(this.#folder, id).events);
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

  exportAs(format: ExportFormat, { id, path, state, damage, unsaved }: Session): string {
    const saved = path !== undefined && existsSync(path) ? loadSession(this.#folder, id).events : [];
    return exportedAs(format, { id, state, damage, events: [...saved, ...unsaved] });
  }
}
