import { appendFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { dataFolder, type Environment, makeFolder } from "../platform/folders.ts";
import { systemCodeOf } from "../errors/errors.ts";

const MAX_ENTRIES = 1_000;
/** A longer one (a pasted file) is not worth calling back. */
const MAX_LENGTH = 10_000;

/** A line of the file. The first versions wrote the text alone. */
const entrySchema = z.union([
  z.string().transform((text) => ({ text, session: undefined })),
  z.object({ text: z.string(), session: z.string().optional() }),
]);
type Entry = z.output<typeof entrySchema>;

/** Where the history of a user is. */
export function inputHistoryPath(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  return join(dataFolder(environment, platform === "darwin" ? "darwin" : "linux"), "input-history.jsonl");
}

/**
 * What was typed before, over all chats: a file with a JSON value a line, readable for its owner alone. Each entry names the session in
 * which it was typed, so that it can be deleted with the session.
 */
export class InputHistory {
  readonly #path: string;
  #entries: readonly string[];

  /** @param path made with the first entry */
  constructor(path: string) {
    this.#path = path;
    this.#entries = textsOf(readEntries(path));
  }

  /** Newest first, each once. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  /**
   * Saves an entry. If the history can't be written, the chat continues.
   * @returns whether it is on the disk
   */
  add(text: string, session?: string): boolean {
    if (text.trim() === "" || text.length > MAX_LENGTH) return true;
    this.#entries = [text, ...this.#entries.filter((other) => other !== text)].slice(0, MAX_ENTRIES);
    try {
      makeFolder(dirname(this.#path), 0o700);
      // a line is appended whole, so that several chats can write at once
      appendFileSync(this.#path, lineOf({ text, session }), { mode: 0o600 });
      return true;
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
      return false;
    }
  }

  /** Writes the file again if it holds many more lines than entries. */
  compact(): void {
    const all = readEntries(this.#path);
    const distinct = new Map(all.map((entry) => [`${entry.session}\n${entry.text}`, entry]));
    const kept = [...distinct.values()].slice(-MAX_ENTRIES);
    if (all.length >= kept.length + MAX_ENTRIES / 10) this.#replace(kept);
  }

  /**
   * Removes what was typed in a session.
   * @param asked the messages of the session, for entries that do not name theirs
   * @throws the system's error if the file can't be written
   */
  removeSession(session: string, asked: readonly string[] = []): void {
    const all = readEntries(this.#path);
    const kept = all.filter((entry) =>
      entry.session === undefined
        ? !asked.some((message) => message === entry.text || message.startsWith(`${entry.text}\n\n`))
        : entry.session !== session,
    );
    if (kept.length < all.length) replaceFile(this.#path, kept);
    this.#entries = textsOf(kept);
  }

  #replace(entries: readonly Entry[]): void {
    try {
      replaceFile(this.#path, entries);
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
    }
  }
}

function replaceFile(path: string, entries: readonly Entry[]): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, entries.map(lineOf).join(""), { mode: 0o600 });
  renameSync(draft, path);
  chmodSync(path, 0o600);
}

function lineOf({ text, session }: Entry): string {
  return `${JSON.stringify(session === undefined ? text : { text, session })}\n`;
}

function textsOf(entries: readonly Entry[]): readonly string[] {
  return [...new Set(entries.map(({ text }) => text).toReversed())].slice(0, MAX_ENTRIES);
}

/** Oldest first. */
function readEntries(path: string): readonly Entry[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    return [];
  }
  return text.split("\n").flatMap((line) => entryIn(line) ?? []);
}

/** A line that another program has damaged is passed over. */
function entryIn(line: string): Entry | undefined {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
