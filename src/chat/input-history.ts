import { appendFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../../setup/make-folder.ts";
import { z } from "zod";
import { systemCodeOf } from "../errors.ts";

/** How many entries are kept. */
const MOST_ENTRIES = 1_000;
/** A longer one (a pasted file) is not worth calling back. */
const LONGEST_ENTRY = 10_000;

/** What was typed before, over all chats: a file with a JSON string a line, readable for its owner alone. */
export class InputHistory {
  readonly #path: string;
  #entries: string[];

  /** @param path where it is kept; made with the first entry */
  constructor(path: string) {
    this.#path = path;
    this.#entries = readEntries(path);
  }

  /** Newest first, each once. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  /**
   * Keeps an entry. A history that can't be written is no reason to stop a chat.
   * @returns whether it is on the disk
   */
  add(entry: string): boolean {
    if (entry.trim() === "" || entry.length > LONGEST_ENTRY || entry === this.#entries[0]) return true;
    this.#entries = [entry, ...this.#entries.filter((other) => other !== entry)].slice(0, MOST_ENTRIES);
    try {
      makeFolder(dirname(this.#path), 0o700);
      // a line is appended whole, so that several chats can write at once
      appendFileSync(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      return true;
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
      return false;
    }
  }

  /** Writes the file anew when more stands in it than is kept. */
  compact(): void {
    try {
      const lines = readFileSync(this.#path, "utf8").split("\n").length - 1;
      const entries = readEntries(this.#path);
      if (lines < entries.length + MOST_ENTRIES / 10) return;
      const text = entries
        .toReversed()
        .map((entry) => `${JSON.stringify(entry)}\n`)
        .join("");
      const draft = `${this.#path}.${process.pid}`;
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, this.#path);
      chmodSync(this.#path, 0o600);
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
    }
  }
}

function readEntries(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    return [];
  }
  const entries = text.split("\n").flatMap((line) => entryIn(line) ?? []);
  return [...new Set(entries.toReversed())].slice(0, MOST_ENTRIES);
}

/** A line that another program has damaged is passed over. */
function entryIn(line: string): string | undefined {
  try {
    return z.string().parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
