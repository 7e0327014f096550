import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
  existsSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { GptOssError, messageOf, systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import type { SessionMessage } from "./session-event.ts";

const NEW_LINE = 0x0a;

/**
 * A file that only grows, by whole lines. Writing is synchronous: a line is one write, in the order of the calls, and what follows
 * a call finds it done. The milliseconds for a line that is also forced to the disk are nothing beside an answer.
 */
export class SessionFile {
  readonly path: string;
  readonly #file: number;
  #size: number;

  /** Opens or creates the file, for its owner alone. */
  constructor(path: string) {
    this.path = path;
    this.#file = attempt(path, () => openSync(path, "a+", 0o600));
    this.#size = fstatSync(this.#file).size;
    if (this.#size > 0 && this.#lastByte() !== NEW_LINE) this.#write("\n");
  }

  /**
   * Adds a line and forces it to the disk, so that it outlives a crash of the machine too.
   * @throws GptOssError `disk-full` or `storage-failed`; the file is as it was before then
   */
  append(line: string): void {
    this.#write(`${line}\n`, () => {
      fdatasyncSync(this.#file);
    });
  }

  /** Nothing could be written into it yet. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** @param settle what else belongs to it; when that fails, the text is taken back too */
  #write(text: string, settle?: () => void): void {
    const bytes = Buffer.from(text);
    attempt(this.path, () => {
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
        settle?.();
      } catch (error) {
        this.#takeBack();
        throw error;
      }
    });
    this.#size += bytes.length;
  }

  #takeBack(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // the first error is the one to report; reading the file skips a line that stays cut
    }
  }

  #lastByte(): number | undefined {
    const byte = Buffer.alloc(1);
    readSync(this.#file, byte, 0, 1, this.#size - 1);
    return byte[0];
  }
}

/** Runs something on the file system and makes a sentence of its failure. */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw storageError(path, error);
  }
}

/** Whether a folder or a disk can't take what is to be saved, so that there is nothing wrong with a conversation but that. */
export function isStorageError(error: unknown): boolean {
  return GptOssError.isInstance(error) && (error.code === "storage-failed" || error.code === "disk-full");
}

/** The sentence for a file that could not be written or read. */
export function storageError(path: string, error: unknown): unknown {
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return createError("diskFullForSessions", [path], { cause: error });
  }
  return createError("unusableStorage", [path, messageOf(error)], { cause: error });
}

export interface Draft {
  /** The question that it answers. */
  readonly seq: number;
  readonly text: string;
}

/** Whether a draft answers the last message of its session. An older one was left behind when its answer had been saved. */
export function isDraftOfAnswer({ seq }: Draft, last: SessionMessage | undefined): boolean {
  return last?.seq === seq && ["human", "tool"].includes(last.stored.type);
}

/**
 * The answer that is being written, beside its session: each piece goes here before it is shown, so that even a killed chat leaves
 * what was on the screen. It is not forced to the disk (a few microseconds a piece); the finished answer is, and takes its place.
 */
export class DraftFile {
  readonly path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  add(seq: number, text: string): void {
    attempt(this.path, () => {
      if (this.#file === undefined) {
        this.#file = openSync(this.path, "w", 0o600);
        writeSync(this.#file, `${seq}\n`);
      }
      writeSync(this.#file, text);
    });
  }

  /** What a chat that was killed has left, if anything. */
  read(): Draft | undefined {
    if (!existsSync(this.path)) return undefined;
    const bytes = attempt(this.path, () => readFileSync(this.path));
    const [first = "", ...rest] = bytes.toString("utf8").split("\n");
    const seq = Number(first);
    // the last character may have been cut inside
    const text = rest.join("\n").replace(/\uFFFD+$/, "");
    return Number.isInteger(seq) && seq > 0 && text !== "" ? { seq, text } : undefined;
  }

  remove(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    attempt(this.path, () => {
      rmSync(this.path, { force: true });
    });
  }
}
