import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../../setup/make-folder.ts";
import { systemCodeOf } from "../errors.ts";

/** Bytes after which a log is put aside as FILE.1 and begun anew. */
const FILE_LIMIT = 16 * 2 ** 20;
/** Characters that are kept in memory for the reason of a failure. */
const TAIL_LENGTH = 64 * 2 ** 10;

/**
 * What a llama-server says: in a file for people, its end in memory for us. A full disk costs the file some lines and
 * nothing else; a server that writes its log itself would go silent on it, and with that its address.
 */
export class ServerLog {
  readonly #path: string;
  #file: number | undefined;
  #fileBytes = 0;
  /** The latest lines, and those before them: cutting one text at each line would copy all of it each time. */
  #latest: string[] = [];
  #latestLength = 0;
  #before = "";

  /** Begins the file anew; the one before, which may tell why a server crashed, is kept as FILE.1. */
  constructor(path: string) {
    this.#path = path;
    this.#turnOver();
  }

  /** The last lines, as one text. */
  get tail(): string {
    return `${this.#before}${this.#latest.join("")}`.slice(-TAIL_LENGTH);
  }

  writeLine(line: string): void {
    this.#remember(`${line}\n`);
    if (this.#fileBytes > FILE_LIMIT) this.#turnOver();
    if (this.#file === undefined) return;
    tolerantly(() => (this.#fileBytes += writeSync(this.#file ?? -1, `${line}\n`)));
  }

  #remember(line: string): void {
    this.#latest.push(line);
    this.#latestLength += line.length;
    if (this.#latestLength < TAIL_LENGTH) return;
    this.#before = this.#latest.join("").slice(-TAIL_LENGTH);
    this.#latest = [];
    this.#latestLength = 0;
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) tolerantly(() => closeSync(file));
  }

  #openFile(): void {
    this.#fileBytes = 0;
    tolerantly(() => {
      makeFolder(dirname(this.#path));
      this.#file = openSync(this.#path, "w", 0o600);
    });
  }

  #turnOver(): void {
    this.close();
    tolerantly(() => renameSync(this.#path, `${this.#path}.1`));
    this.#openFile();
  }
}

/** Runs what the file system may refuse (full, read-only, not ours): the server matters more than its log. */
function tolerantly(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
  }
}
