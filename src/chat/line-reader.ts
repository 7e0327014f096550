import { createInterface, type Interface } from "node:readline";
import { type Readable, Writable } from "node:stream";
import { PasteFilter } from "./paste-filter.ts";

/** A line that was typed, or why there is none. */
export type ReadResult =
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl-D, or the end of the pipe. */
  | { readonly kind: "end" }
  /** Ctrl-C on an empty line. */
  | { readonly kind: "interrupt" };

/** Where the chat's lines come from. */
export interface LineReader {
  read(prompt: string): Promise<ReadResult>;
  /** Called at a Ctrl-C that is typed while no line is asked for: while an answer runs. */
  onInterrupt: (() => void) | undefined;
  close(): void;
}

interface TerminalInput extends Readable {
  setRawMode?(on: boolean): unknown;
}

const BRACKETED_PASTE_ON = "\x1b[?2004h";
const BRACKETED_PASTE_OFF = "\x1b[?2004l";

/**
 * Lines from a person: editing, history within the chat, and a pasted text that arrives as one message.
 * One readline lives as long as the chat, so that nothing that is typed while an answer runs is lost; its echo is held back then.
 */
export class TerminalLineReader implements LineReader {
  onInterrupt: (() => void) | undefined;
  readonly #interface: Interface;
  readonly #output: Writable;
  readonly #typedAhead: ReadResult[] = [];
  #waiting: ((result: ReadResult) => void) | undefined;

  constructor(input: TerminalInput, output: Writable & { readonly columns?: number }) {
    this.#output = output;
    const filter = new PasteFilter();
    input.setEncoding("utf8");
    input.pipe(filter);
    this.#interface = createInterface({
      input: Object.assign(filter, { isTTY: true, setRawMode: (on: boolean) => input.setRawMode?.(on) }),
      output: this.#echo(output),
      terminal: true,
      removeHistoryDuplicates: true,
    });
    output.write(BRACKETED_PASTE_ON);
    this.#interface.on("line", (text) => {
      this.#deliver({ kind: "line", text: PasteFilter.restore(text) });
    });
    this.#interface.on("close", () => {
      input.unpipe(filter);
      input.pause();
      this.#deliver({ kind: "end" });
    });
    this.#interface.on("SIGINT", () => {
      this.#interrupt();
    });
  }

  async read(prompt: string): Promise<ReadResult> {
    const ready = this.#typedAhead.shift();
    if (ready !== undefined) {
      this.#output.write(prompt + (ready.kind === "line" ? ready.text : "") + "\n");
      return ready;
    }
    return await new Promise((resolve) => {
      this.#waiting = resolve;
      this.#interface.setPrompt(prompt);
      this.#interface.prompt(true);
    });
  }

  close(): void {
    this.#interface.close();
    this.#output.write(BRACKETED_PASTE_OFF);
  }

  #deliver(result: ReadResult): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(result);
    else this.#typedAhead.push(result);
  }

  #interrupt(): void {
    if (this.#waiting === undefined) {
      this.onInterrupt?.();
    } else if (this.#interface.line === "") {
      this.#output.write("\n");
      this.#deliver({ kind: "interrupt" });
    } else {
      // Ctrl-E, Ctrl-U: to the end of the line, and away with all of it
      this.#interface.write(null, { ctrl: true, name: "e" });
      this.#interface.write(null, { ctrl: true, name: "u" });
    }
  }

  /** What readline draws on: the terminal while a line is asked for, nothing while an answer runs. */
  #echo(output: Writable & { readonly columns?: number }): Writable {
    const echo = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (this.#waiting !== undefined) output.write(chunk);
        done();
      },
    });
    Object.defineProperty(echo, "columns", { get: () => output.columns });
    output.on("resize", () => echo.emit("resize"));
    return echo;
  }
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

  close(): void {
    this.#interface.close();
  }
}
