import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";

/** A line that was typed, or why there is none. */
export type ReadResult =
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl-D, or the end of the pipe. */
  | { readonly kind: "end" }
  /** Ctrl-C on an empty line. */
  | { readonly kind: "interrupt"; /** Nothing was typed since the last one. */ readonly isRepeated?: boolean };

/** Where the chat's lines come from. */
export interface LineReader {
  /** @param initial stands on the line already, to be edited */
  read(prompt: string, initial?: string): Promise<ReadResult>;
  /** Reads a line that is typed from now on, the answer to a question: what was typed ahead stays for `read`. */
  readNext(prompt: string): Promise<ReadResult>;
  /** Called at a Ctrl-C that is typed while no line is asked for: while an answer runs. */
  onInterrupt: (() => void) | undefined;
  /** Writes something while a line may be asked for, and puts that line below it again. */
  interject(write: () => void): void;
  close(): void;
}

/** Lines from a pipe or a file, one after the other. */
export class PipeLineReader implements LineReader {
  onInterrupt: (() => void) | undefined;
  readonly #interface: Interface;
  readonly #lines: AsyncIterator<string>;

  constructor(input: Readable) {
    this.#interface = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  async read(): Promise<ReadResult> {
    const next = await this.#lines.next();
    return next.done ? { kind: "end" } : { kind: "line", text: next.value };
  }

  /** Nobody sees a question there: it is never answered by the next line of a pipe. */
  readNext(): Promise<ReadResult> {
    return Promise.resolve({ kind: "end" });
  }

  interject(write: () => void): void {
    write();
  }

  close(): void {
    this.#interface.close();
  }
}

const BLOCK_MARK = '"""';

export interface Prompts {
  readonly first: string;
  readonly more: string;
}

/**
 * Reads one message, which may have several lines: `"""` begins and ends a block, and a line that ends with `\` continues in the next.
 * Ctrl-C in the middle gives the message up.
 */
export async function readMessage(reader: LineReader, prompts: Prompts): Promise<ReadResult> {
  const first = await reader.read(prompts.first);
  if (first.kind !== "line") return first;
  // a pasted text is complete, and its signs are its own
  if (first.text.includes("\n")) return first;
  const opening = first.text.trimStart();
  if (opening.startsWith(BLOCK_MARK)) return await readBlock(reader, prompts.more, opening.slice(BLOCK_MARK.length));
  let text = first.text;
  while (text.endsWith("\\")) {
    const next = await reader.read(prompts.more);
    if (next.kind === "interrupt") return { kind: "line", text: "" };
    text = `${text.slice(0, -1)}\n${next.kind === "line" ? next.text : ""}`;
    if (next.kind === "end") break;
  }
  return { kind: "line", text };
}

async function readBlock(reader: LineReader, prompt: string, begun: string): Promise<ReadResult> {
  let text = begun;
  while (!text.trimEnd().endsWith(BLOCK_MARK)) {
    const next = await reader.read(prompt);
    if (next.kind === "interrupt") return { kind: "line", text: "" };
    if (next.kind === "end") return { kind: "line", text };
    text += `\n${next.text}`;
  }
  return {
    kind: "line",
    text: text
      .trimEnd()
      .slice(0, -BLOCK_MARK.length)
      .replace(/^\n|\n$/g, ""),
  };
}
