import { stripVTControlCharacters } from "node:util";
import { type IPty, spawn } from "@lydell/node-pty";
import { cliEnvironment } from "./cli-environment.ts";
import { packageFile } from "../../../src/platform/folders.ts";

const DEADLINE_MS = 50_000;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly program?: string;
  /** How long `expect` waits at most; 50 s by default. */
  readonly deadlineMs?: number;
}

/** The real program in a pseudo-terminal, with what it has written so far. */
export class Terminal {
  readonly #pty: IPty;
  readonly #deadlineMs: number;
  #written = "";
  #exitStatus: number | undefined;

  /** @param options the window, 100 columns and 30 rows by default; and a program other than ours, to be measured beside it */
  constructor(
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    { columns = 100, rows = 30, program, deadlineMs = DEADLINE_MS }: TerminalOptions = {},
  ) {
    this.#deadlineMs = deadlineMs;
    const ours = program === undefined ? [packageFile("dist/src/cli.js")] : [];
    this.#pty = spawn(program ?? process.execPath, [...ours, ...words], {
      name: environment["TERM"] ?? "xterm-256color",
      cols: columns,
      rows,
      env: cliEnvironment(environment),
    });
    this.#pty.onData((text) => {
      this.#written += text;
      this.#wake();
    });
    // as a shell says it: 128 and the signal that ended the program
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#exitStatus = signal ? 128 + signal : exitCode;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** What was written, without escape sequences. */
  get text(): string {
    return stripVTControlCharacters(this.#written).replaceAll("\r", "");
  }

  /** All that was written, as it was. */
  get written(): string {
    return this.#written;
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Waits until the pattern, or the text itself, appears in what was written since the last call, and returns it. */
  async expect(expected: RegExp | string): Promise<string> {
    const pattern = typeof expected === "string" ? literally(expected) : expected;
    return await this.#until(() => pattern.exec(this.text.slice(this.#seen)), `${pattern}`).then((match) => {
      this.#seen += match.index + match[0].length;
      return match[0];
    });
  }

  #seen = 0;

  async exitStatus(): Promise<number> {
    return await this.#until(
      () => (this.#exitStatus === undefined ? undefined : { status: this.#exitStatus }),
      "the end",
    ).then(({ status }) => status);
  }

  kill(): void {
    if (this.#exitStatus === undefined) this.#pty.kill("SIGKILL");
  }

  async #until<T>(look: () => T | null | undefined, what: string): Promise<T> {
    const deadline = performance.now() + this.#deadlineMs;
    for (;;) {
      const found = look();
      if (found !== null && found !== undefined) return found;
      if (performance.now() > deadline)
        throw new Error(`waited in vain for ${what}; the terminal shows:\n${this.text}`);
      // looked at when something comes, so that what is timed is the program and not the watch
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, 1_000);
        this.#wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  #wake: () => void = () => undefined;
}

/** A text as the terminal shows it: it may be wrapped at any space. */
function literally(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/ +/g, String.raw`\s+`));
}
