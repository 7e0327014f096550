import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { attempt } from "./session-file.ts";
import type { KeptMessage } from "./session-state.ts";

export interface Draft {
  /** The question that it answers. */
  readonly seq: number;
  readonly text: string;
}

/** Whether a draft answers the last message of its session. An older one was left behind when its answer had been saved. */
export function isDraftOfAnswer({ seq }: Draft, last: KeptMessage | undefined): boolean {
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
