import { type FileHandle, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../../setup/make-folder.ts";
import { systemCodeOf } from "../../errors.ts";
import type { Answer } from "../ask/answer.ts";
import { type Row, rowSchema } from "./row.ts";

/**
 * Log, cache and memory of an experiment's runs: one file of JSON lines that only grows. A line is written in one piece, so
 * that a process can be killed at any time; a line that was cut all the same is stepped over.
 */
export class Store implements AsyncDisposable {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #latest = new Map<string, Row>();
  /** Lines that could not be read. */
  readonly damagedLines: number;

  private constructor(path: string, file: FileHandle, text: string) {
    this.path = path;
    this.#file = file;
    let damaged = 0;
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const row = readRow(line);
      if (row) this.#remember(row);
      else damaged++;
    }
    this.damagedLines = damaged;
  }

  /** Opens the file, which need not be there yet. */
  static async open(path: string): Promise<Store> {
    makeFolder(dirname(path));
    const text = await readOrNothing(path);
    const file = await open(path, "a");
    // what comes next must not be glued to a line that was cut
    if (text !== "" && !text.endsWith("\n")) await file.appendFile("\n");
    return new Store(path, file, text);
  }

  /** Opens it for reading alone. */
  static async read(path: string): Promise<ReadonlyMap<string, Row>> {
    await using store = new Store(path, await open(path, "r"), await readOrNothing(path));
    return store.#latest;
  }

  /** The answer to this question, if it has been answered. */
  answerTo(key: string): Answer | undefined {
    return answerIn(this.#latest.get(key));
  }

  rowOf(key: string): Row | undefined {
    return this.#latest.get(key);
  }

  rows(): Iterable<Row> {
    return this.#latest.values();
  }

  async append(row: Row): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(row)}\n`);
    this.#remember(row);
  }

  /** An answer outweighs any failure; of two answers the first stays, as it has been reported. */
  #remember(row: Row): void {
    const known = this.#latest.get(row.key);
    if (answerIn(known) === undefined) this.#latest.set(row.key, row);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

export function answerIn(row: Row | undefined): Answer | undefined {
  return row && "answer" in row.outcome ? row.outcome.answer : undefined;
}

function readRow(line: string): Row | undefined {
  try {
    return rowSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // a line that was cut; the cell is asked again
    return undefined;
  }
}

async function readOrNothing(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return "";
    throw error;
  }
}
