import { createInterface, type Interface, type Key } from "node:readline";
import { type Readable, Writable } from "node:stream";
import type { LineReader, ReadResult } from "../line-reader.ts";
import { PasteFilter, type PasteLabel } from "../paste-filter.ts";

interface TerminalInput extends Readable {
  setRawMode?(on: boolean): unknown;
}

interface TerminalOutput extends Writable {
  readonly columns?: number;
}

export interface TerminalLineReaderOptions {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  /** What was typed in earlier chats, newest first. */
  readonly history?: readonly string[];
  /** Told of each line that was typed. */
  readonly onLine?: (text: string) => void;
  /** What Tab offers for a line up to the cursor, and the end of the line that each offer takes the place of. */
  readonly complete?: (line: string) => readonly [offers: string[], part: string];
  /** Ctrl-G: the text to go on with, or undefined to leave it as it is. */
  readonly edit?: (text: string) => string | undefined;
  /** What a long paste looks like on the line. */
  readonly pasteLabel?: PasteLabel;
}

const BRACKETED_PASTE_ON = "\x1b[?2004h";
const BRACKETED_PASTE_OFF = "\x1b[?2004l";
const MOST_HISTORY = 1_000;

/**
 * Lines from a person: editing, history, completion, and a pasted text that arrives as one message. The cursor is the terminal's own, so
 * that input methods compose at the right place.
 * One readline lives as long as the chat, so that nothing that is typed while an answer runs is lost; its echo is held back then.
 */
export class TerminalLineReader implements LineReader {
  onInterrupt: (() => void) | undefined;
  readonly #options: TerminalLineReaderOptions;
  readonly #filter: PasteFilter;
  readonly #interface: Interface;
  readonly #typedAhead: ReadResult[] = [];
  #waiting: ((result: ReadResult) => void) | undefined;
  #closed = false;
  /** A line that was begun while an answer ran, before a question came. */
  #begun = "";
  /** What is typed answers a question, and belongs into no history. */
  #isQuestion = false;

  constructor(options: TerminalLineReaderOptions) {
    this.#options = options;
    const { input, output, history = [], complete } = options;
    const filter = new PasteFilter(options.pasteLabel);
    this.#filter = filter;
    input.setEncoding("utf8");
    input.pipe(filter);
    this.#interface = createInterface({
      input: Object.assign(filter, { isTTY: true, setRawMode: (on: boolean) => input.setRawMode?.(on) }),
      output: this.#echo(output),
      terminal: true,
      history: history.map((entry) => this.#filter.fold(entry)),
      historySize: MOST_HISTORY,
      removeHistoryDuplicates: true,
      completer: (line: string) => (this.#waiting && complete ? [...complete(line)] : [[], line]),
    });
    output.write(BRACKETED_PASTE_ON);
    this.#interface.on("line", (line) => {
      const text = this.#filter.restore(line);
      if (!this.#isQuestion) options.onLine?.(text);
      this.#deliver({ kind: "line", text });
    });
    this.#interface.on("close", () => {
      input.unpipe(filter);
      input.pause();
      this.#deliver({ kind: "end" });
    });
    this.#interface.on("SIGINT", () => {
      this.#interrupt();
    });
    filter.on("keypress", (_text: string | undefined, key: Key) => {
      if (key.ctrl === true && key.name === "g") this.#edit();
    });
  }

  async read(prompt: string, initial = ""): Promise<ReadResult> {
    this.#isQuestion = false; // one that nobody waits for any more
    const ready = this.#typedAhead.shift();
    if (ready !== undefined) {
      this.#options.output.write(prompt + (ready.kind === "line" ? this.#filter.fold(ready.text) : "") + "\n");
      return ready;
    }
    const begun = this.#begun;
    this.#begun = "";
    return await this.#ask(prompt, this.#filter.fold(initial) + begun);
  }

  async readNext(prompt: string): Promise<ReadResult> {
    // a line that is being typed goes on after the question
    this.#begun += this.#interface.line;
    this.#emptyLine();
    this.#isQuestion = true;
    return await this.#ask(prompt, "");
  }

  async #ask(prompt: string, initial: string): Promise<ReadResult> {
    if (this.#closed) return { kind: "end" };
    return await new Promise((resolve) => {
      this.#waiting = resolve;
      this.#interface.setPrompt(prompt);
      this.#interface.prompt(true);
      if (initial !== "") this.#interface.write(initial);
    });
  }

  interject(write: () => void): void {
    if (this.#waiting === undefined) {
      write();
      return;
    }
    const { rows } = this.#interface.getCursorPos();
    this.#options.output.write(`${rows > 0 ? `\x1b[${rows}A` : ""}\r\x1b[J`);
    write();
    this.#interface.prompt(true);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#interface.close();
    this.#options.output.write(BRACKETED_PASTE_OFF);
  }

  /** Gives the terminal to another program for a while. */
  lendTerminal<Result>(use: () => Result): Result {
    const { input, output } = this.#options;
    output.write(BRACKETED_PASTE_OFF);
    input.setRawMode?.(false);
    try {
      return use();
    } finally {
      input.setRawMode?.(true);
      output.write(BRACKETED_PASTE_ON);
    }
  }

  #edit(): void {
    const { edit } = this.#options;
    if (edit === undefined || this.#waiting === undefined) return;
    const text = this.lendTerminal(() => edit(this.#filter.restore(this.#interface.line)));
    if (text !== undefined) {
      this.#emptyLine();
      this.#interface.write(this.#filter.fold(text));
    }
    // the editor may have drawn over everything
    this.#interface.prompt(true);
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
      this.#options.output.write("\n");
      this.#deliver({ kind: "interrupt" });
    } else {
      this.#emptyLine();
    }
  }

  /** Ctrl-E, Ctrl-U: to the end of the line, and away with all of it. */
  #emptyLine(): void {
    this.#interface.write(null, { ctrl: true, name: "e" });
    this.#interface.write(null, { ctrl: true, name: "u" });
  }

  /** What readline draws on: the terminal while a line is asked for, nothing while an answer runs. */
  #echo(output: TerminalOutput): Writable {
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
