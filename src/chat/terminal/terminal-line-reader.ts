import { emitKeypressEvents, type Key } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { showableLine } from "../../terminal/untrusted-text.ts";
import type { LineReader, ReadResult } from "../line-reader.ts";
import { HistorySearch, InputRecall } from "./input-recall.ts";
import { LineDisplay } from "./line-display.ts";
import { LineEditor, editingAction } from "./line-editor.ts";
import { PasteFilter, type PasteLabel } from "./paste-filter.ts";

interface TerminalInput extends Readable {
  setRawMode?(on: boolean): unknown;
}

interface TerminalOutput extends Writable {
  readonly columns?: number;
}

export interface TerminalLineReaderOptions {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  /** TERM=dumb: no escape sequences. */
  readonly isDumb?: boolean;
  /** What was typed in earlier chats, newest first. */
  readonly history?: readonly string[];
  /** Called with each line that was typed. */
  readonly onLine?: (text: string) => void;
  /** What Tab offers for a line up to the cursor, and the end of the line that each offer replaces. */
  readonly complete?: (line: string) => readonly [offers: string[], part: string];
  /** Ctrl-G: the edited text, or undefined to leave it as it is. */
  readonly edit?: (text: string) => string | undefined;
  /** What a long paste looks like on the line. */
  readonly pasteLabel?: PasteLabel;
  /** The prompt while the history is searched. */
  readonly searchPrompt?: (words: string) => string;
}

const BRACKETED_PASTE_ON = "\x1b[?2004h";
const BRACKETED_PASTE_OFF = "\x1b[?2004l";

/**
 * Reads lines from a person: editing, history, completion, and a pasted text that arrives as one message. The cursor is the terminal's own,
 * so that input methods compose at the right place. Nothing that is typed while an answer runs is lost; it is only not echoed then.
 *
 * The keys are Node's (`emitKeypressEvents`), the line is ours: node:readline puts all but the last character of a chunk at the end of the
 * line, wherever the cursor is, and input methods send their text in one chunk.
 */
export class TerminalLineReader implements LineReader {
  onInterrupt: (() => void) | undefined;
  readonly #options: TerminalLineReaderOptions;
  readonly #filter: PasteFilter;
  readonly #editor: LineEditor;
  readonly #display: LineDisplay;
  readonly #recall: InputRecall;
  readonly #typedAhead: ReadResult[] = [];
  #waiting: ((result: ReadResult) => void) | undefined;
  #closed = false;
  #prompt = "";
  /** A line typed while an answer was written, before a question appeared. */
  #pending = "";
  /** What is typed answers a question, and does not belong into the history. */
  #isQuestion = false;
  #search: HistorySearch | undefined;
  /** Tab was the last key, and had more than one offer. */
  #offered = false;
  #typedSinceInterrupt = false;
  #drawing = false;
  readonly #stopListening: () => void;

  constructor(options: TerminalLineReaderOptions) {
    this.#options = options;
    const { input, output, history = [], isDumb = false } = options;
    this.#filter = new PasteFilter(options.pasteLabel, () => this.#editor.text.charAt(this.#editor.cursor - 1));
    this.#editor = new LineEditor(() => this.#filter.labels);
    this.#recall = new InputRecall(history);
    this.#display = new LineDisplay({
      write: (text) => output.write(text),
      columns: () => output.columns || Number.POSITIVE_INFINITY,
      isDumb,
    });
    input.setEncoding("utf8");
    emitKeypressEvents(this.#filter);
    this.#filter.on("keypress", this.#onKey);
    this.#filter.on("end", this.#onEnd);
    input.pipe(this.#filter);
    this.#takeTerminal();
    output.on("resize", this.#onResize);
    process.on("SIGCONT", this.#onContinued);
    this.#stopListening = () => {
      output.off("resize", this.#onResize);
      process.off("SIGCONT", this.#onContinued);
    };
  }

  async read(prompt: string, initial = ""): Promise<ReadResult> {
    this.#isQuestion = false; // one that nobody waits for any more
    const ready = this.#typedAhead.shift();
    if (ready !== undefined) {
      this.#options.output.write(prompt + (ready.kind === "line" ? this.#filter.fold(ready.text) : "") + "\n");
      return ready;
    }
    const pending = this.#pending;
    this.#pending = "";
    return await this.#ask(prompt, this.#filter.fold(initial) + pending);
  }

  async readNext(prompt: string): Promise<ReadResult> {
    // a line that is being typed is continued after the question
    this.#pending += this.#editor.text;
    this.#editor.reset();
    this.#isQuestion = true;
    return await this.#ask(prompt, "");
  }

  interject(write: () => void): void {
    if (this.#waiting === undefined) {
      write();
      return;
    }
    this.#display.erase();
    write();
    this.#draw();
  }

  close(): void {
    if (this.#closed) return;
    // what is said next stands below the line
    if (this.#waiting !== undefined) this.#display.finish();
    this.#closed = true;
    this.#stopListening();
    this.#options.input.unpipe(this.#filter);
    this.#options.input.pause();
    this.#releaseTerminal();
    this.#deliver({ kind: "end" });
  }

  /** Gives the terminal to another program for a while. */
  lendTerminal<Result>(use: () => Result): Result {
    this.#releaseTerminal();
    try {
      return use();
    } finally {
      this.#takeTerminal();
    }
  }

  async #ask(prompt: string, initial: string): Promise<ReadResult> {
    if (this.#closed) return { kind: "end" };
    return await new Promise((resolve) => {
      this.#waiting = resolve;
      this.#prompt = prompt;
      if (initial !== "") this.#editor.insert(initial);
      this.#draw();
    });
  }

  #takeTerminal(): void {
    this.#options.input.setRawMode?.(true);
    if (!this.#options.isDumb) this.#options.output.write(BRACKETED_PASTE_ON);
  }

  #releaseTerminal(): void {
    if (!this.#options.isDumb) this.#options.output.write(BRACKETED_PASTE_OFF);
    this.#options.input.setRawMode?.(false);
  }

  readonly #onKey = (text: string | undefined, key: Key): void => {
    if (this.#closed) return;
    if (this.#search !== undefined && this.#searchKey(this.#search, text, key)) {
      this.#drawSoon();
      return;
    }
    const { name = "", ctrl = false, meta = false } = key;
    if (!ctrl || name !== "c") this.#typedSinceInterrupt = true;
    const wasOffered = this.#offered;
    this.#offered = false;
    if (name !== "up" && name !== "down" && !(ctrl && /^[np]$/.test(name))) this.#recall.leave();
    if (name === "return" || name === "enter") this.#enter();
    else if (name === "tab" && !ctrl && !meta) this.#complete(wasOffered);
    else if (ctrl && name in this.#controls) this.#controls[name]?.();
    else if (!this.#edited(name, ctrl, meta, key.sequence) && text !== undefined && !ctrl && !meta && isTyped(text)) {
      this.#editor.insert(text);
    }
    this.#drawSoon();
  };

  /** Keys with Ctrl that do more than change the line. */
  readonly #controls: Readonly<Record<string, () => void>> = {
    c: () => {
      this.#interrupt();
    },
    d: () => {
      if (this.#editor.text !== "") this.#editor.deleteRight();
      else if (this.#waiting !== undefined || this.#typedAhead.length === 0) this.#onEnd();
    },
    g: () => {
      this.#edit();
    },
    l: () => {
      if (this.#waiting !== undefined) this.#display.clearScreen();
    },
    n: () => {
      this.#recallEntry(this.#recall.newer(this.#editor.text));
    },
    p: () => {
      this.#recallEntry(this.#recall.older(this.#editor.text, this.#editor.cursor));
    },
    r: () => {
      if (this.#waiting !== undefined && !this.#isQuestion) this.#search = new HistorySearch(this.#recall.entries);
    },
    z: () => {
      this.#suspend();
    },
  };

  /** @returns whether it is a key that edits */
  #edited(name: string, ctrl: boolean, meta: boolean, sequence: string | undefined): boolean {
    const action = editingAction(this.#editor, { name, ctrl, meta, sequence });
    if (action !== undefined) action();
    else if (name === "up") this.#controls["p"]?.();
    else if (name === "down") this.#controls["n"]?.();
    else return false;
    return true;
  }

  #recallEntry(entry: string | undefined): void {
    if (entry !== undefined) this.#editor.set(this.#filter.fold(entry));
  }

  #enter(): void {
    const line = this.#editor.text;
    if (this.#waiting !== undefined) {
      this.#draw();
      this.#display.finish();
    }
    this.#editor.reset();
    const text = this.#filter.restore(line);
    if (!this.#isQuestion && text.trim() !== "") {
      this.#recall.add(text);
      this.#options.onLine?.(text);
    }
    this.#deliver({ kind: "line", text });
  }

  #deliver(result: ReadResult): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#search = undefined;
    this.#display.forget();
    if (waiting) waiting(result);
    else this.#typedAhead.push(result);
  }

  readonly #onEnd = (): void => {
    this.close();
  };

  #interrupt(): void {
    if (this.#waiting === undefined) {
      this.onInterrupt?.();
    } else if (this.#editor.text === "") {
      this.#display.finish();
      this.#deliver({ kind: "interrupt", isRepeated: !this.#typedSinceInterrupt });
      this.#typedSinceInterrupt = false;
    } else {
      this.#editor.set("");
    }
  }

  #complete(wasOffered: boolean): void {
    const { complete, output } = this.#options;
    if (complete === undefined || this.#waiting === undefined) return;
    const before = this.#editor.text.slice(0, this.#editor.cursor);
    const [offers, part] = complete(before);
    const shared = commonBeginning(offers);
    if (shared.length > part.length && shared.startsWith(part)) {
      this.#editor.insert(this.#filter.fold(shared.slice(part.length)));
    } else if (offers.length > 1 && wasOffered) {
      const line = { prompt: this.#prompt, text: this.#editor.text, cursor: this.#editor.text.length };
      this.#display.draw(line);
      this.#display.finish();
      output.write(`${offers.map(showableLine).join("  ")}\n`);
    }
    this.#offered = true;
  }

  #edit(): void {
    const { edit } = this.#options;
    if (edit === undefined || this.#waiting === undefined) return;
    const text = this.lendTerminal(() => edit(this.#filter.restore(this.#editor.text)));
    if (text !== undefined) this.#editor.set(this.#filter.fold(text));
    // the editor may have drawn over everything
    this.#display.forget();
  }

  /** @returns false for a key that ends the search and does what it does otherwise */
  #searchKey(search: HistorySearch, text: string | undefined, key: Key): boolean {
    const { name = "", ctrl = false, meta = false } = key;
    if (ctrl && name === "r") search.older();
    else if (name === "backspace") search.deleteLeft();
    else if (name === "escape" || (ctrl && (name === "c" || name === "g"))) this.#search = undefined;
    else if (text !== undefined && !ctrl && !meta && isTyped(text)) search.type(text);
    else {
      this.#search = undefined;
      this.#recallEntry(search.found);
      return false;
    }
    return true;
  }

  /** Ctrl-Z: the shell gets the terminal as it was; `fg` brings it back to `#onContinued`. */
  #suspend(): void {
    if (this.#waiting !== undefined) this.#display.erase();
    this.#releaseTerminal();
    suspendProcess();
    this.#onContinued();
  }

  /** After a stop the terminal may be in any mode, whatever libuv remembers: raw mode is left and entered again. */
  readonly #onContinued = (): void => {
    if (this.#closed) return;
    this.#releaseTerminal();
    this.#takeTerminal();
    this.#display.erase();
    this.#draw();
  };

  readonly #onResize = (): void => {
    if (this.#waiting !== undefined) this.#display.redraw();
  };

  /** Once for all keys that arrive together. */
  #drawSoon(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    if (this.#waiting === undefined || this.#closed) return;
    const { text, cursor } = this.#editor;
    if (this.#search === undefined) {
      this.#display.draw({ prompt: this.#prompt, text, cursor });
      return;
    }
    const { words, found } = this.#search;
    const shown = found === undefined ? text : this.#filter.fold(found);
    const prompt = this.#options.searchPrompt?.(words) ?? `(search) ${words}: `;
    this.#display.draw({ prompt, text: shown, cursor: shown.length });
  }
}

/** A character, and not a key that Node gives as text too. */
function isTyped(text: string): boolean {
  return text !== "" && !/\p{Cc}/u.test(text);
}

function commonBeginning(offers: readonly string[]): string {
  const [first = "", ...others] = offers;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

/**
 * Stops this program until the shell continues it, as Ctrl-Z does where the terminal is not in raw mode. The whole process group is
 * stopped, as the terminal would do it: a shell waits for all of `gpt-oss chat | tee log`, and for npx around it.
 * Returns when the program has been continued; at once if no shell can continue it.
 */
export function suspendProcess(): void {
  if (process.platform === "win32") return;
  process.kill(0, "SIGTSTP");
}
