import type { HarmonyPart } from "../harmony/index.ts";
import type { TurnResult } from "./turn.ts";

export interface TextOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface ScreenOptions {
  /** Answers, and nothing else. */
  readonly stdout: TextOutput;
  /** Everything else. */
  readonly stderr: TextOutput;
  /** A person is typing: greet, label, ask. Otherwise only answers are written. */
  readonly interactive: boolean;
  /** Show the analysis channel too, on stderr. */
  readonly showThinking: boolean;
  /** Dim and plain as escape sequences, or as nothing. */
  readonly colour: boolean;
}

/** What a chat shows: answers on standard output, everything else on standard error. */
export class Screen {
  readonly interactive: boolean;
  readonly #options: ScreenOptions;
  #channel: string | undefined;
  /** The cursor stands at the beginning of a line. */
  #atLineStart = true;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.interactive = options.interactive;
  }

  get prompt(): string {
    return this.interactive ? "You: " : "";
  }

  greet(): void {
    if (this.interactive) this.#options.stderr.write("Chat started. Type 'exit' to quit.\n");
  }

  /** A sentence about what goes on, on lines of its own. */
  note(text: string): void {
    this.#closeAside();
    this.#options.stderr.write(`${text}\n`);
  }

  beginAnswer(): void {
    this.#channel = undefined;
    this.#atLineStart = true;
  }

  readonly show = (part: HarmonyPart): void => {
    if (part.text === "") return;
    if (part.channel === "final") this.#showFinal(part.text);
    else if (part.channel !== "analysis" || this.#options.showThinking) this.#showAside(part);
  };

  endAnswer(outcome: TurnResult["outcome"]): void {
    this.#closeAside();
    const { stdout, stderr } = this.#options;
    if (this.#channel === "final" && !this.#atLineStart) stdout.write("\n");
    else if (this.interactive && outcome === "answered" && this.#channel !== "final")
      stderr.write("Assistant: (no answer)\n");
    if (outcome === "interrupted") stderr.write("[interrupted]\n");
  }

  #showFinal(text: string): void {
    this.#closeAside();
    if (this.#channel !== "final" && this.interactive) this.#options.stderr.write("Assistant: ");
    this.#channel = "final";
    this.#options.stdout.write(text);
    this.#atLineStart = text.endsWith("\n");
  }

  /** Thinking and preambles: dim, each channel named once. */
  #showAside({ channel, text }: HarmonyPart): void {
    const { stderr } = this.#options;
    if (this.#channel !== channel) {
      this.#closeAside();
      stderr.write(this.#dim(`[${channel}] `));
      this.#channel = channel;
    }
    stderr.write(this.#dim(text));
  }

  #closeAside(): void {
    if (this.#channel !== undefined && this.#channel !== "final") this.#options.stderr.write("\n");
    if (this.#channel !== "final") this.#channel = undefined;
  }

  #dim(text: string): string {
    return this.#options.colour ? `\x1b[2m${text}\x1b[22m` : text;
  }
}
