import { stripVTControlCharacters } from "node:util";
import { type IPty, spawn } from "@lydell/node-pty";
import { testDataFolder } from "./data-folder.ts";
import { packageFile } from "../../../setup/package-folder.ts";

const DEADLINE_MS = 20_000;

/** The real program in a pseudo-terminal, with what it has written so far. */
export class Terminal {
  readonly #pty: IPty;
  #written = "";
  #exitStatus: number | undefined;

  constructor(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#pty = spawn(process.execPath, [packageFile("dist/src/cli.js"), ...words], {
      name: "xterm-256color",
      cols: 100,
      rows: 30,
      env: { ...process.env, NO_COLOR: "1", GPT_OSS_DATA: testDataFolder(), ...environment },
    });
    this.#pty.onData((text) => (this.#written += text));
    // as a shell says it: 128 and the signal that ended the program
    this.#pty.onExit(({ exitCode, signal }) => (this.#exitStatus = signal ? 128 + signal : exitCode));
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** What was written, without escape sequences. */
  get text(): string {
    return stripVTControlCharacters(this.#written).replaceAll("\r", "");
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Waits until the pattern stands in what was written since the last call; returns that. */
  async expect(pattern: RegExp): Promise<string> {
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
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const found = look();
      if (found !== null && found !== undefined) return found;
      if (performance.now() > deadline)
        throw new Error(`waited in vain for ${what}; the terminal shows:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
