import { type LocalizedText, localize } from "../src/i18n/error-messages.ts";
import { padTo, widthOf } from "../src/terminal/text-width.ts";
import { formatSeconds } from "../src/terminal/format.ts";
import { type SetupText, textFor } from "../src/i18n/catalogue.ts";
import { percentOf, type Progress, ProgressLine, StatusLine } from "../src/terminal/progress.ts";
import { asItIs } from "../src/terminal/style.ts";

export const STEPS = ["platform", "toolchain", "source", "build", "model", "verify"] as const;
export type StepName = (typeof STEPS)[number];

/** Where the report goes: a terminal or a log, told apart by `isTTY`. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal in cells. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface ReporterOptions {
  /** English when left out. */
  readonly words?: SetupText | undefined;
  /** Milliseconds on any steady clock. */
  readonly now?: (() => number) | undefined;
}

/** Without a terminal a line is written each time this many percent more are done. */
const LOG_PERCENT = 10;

/** Shows the steps of the pipeline: a live line on a terminal, plain lines elsewhere. */
export class Reporter {
  /** What the steps say is put into these. */
  readonly words: SetupText;
  readonly #output: Output;
  readonly #now: () => number;
  readonly #status: StatusLine;
  readonly #nameWidth: number;
  #started = 0;
  #lastLogged = 0;
  #line: ProgressLine;
  #prefix = "";

  constructor(output: Output, { words = textFor("en").setup, now = () => performance.now() }: ReporterOptions = {}) {
    this.words = words;
    this.#output = output;
    this.#now = now;
    this.#nameWidth = Math.max(...STEPS.map((step) => widthOf(words.steps[step]))) + 1;
    this.#line = new ProgressLine(words);
    this.#status = new StatusLine({
      write: (text) => void output.write(text),
      columns: () => output.columns ?? 80,
      paint: asItIs,
      enabled: output.isTTY === true,
      plain: true,
    });
  }

  start(step: StepName, what: string): void {
    this.#started = this.#now();
    this.#lastLogged = 0;
    this.#line = new ProgressLine(this.words);
    this.#prefix = `[${STEPS.indexOf(step) + 1}/${STEPS.length}] ${padTo(this.words.steps[step], this.#nameWidth)} `;
    this.#show(what);
  }

  readonly progress = (progress: Progress): void => {
    if (this.#output.isTTY) this.#show(this.#line.format(progress, this.#now()));
    else this.#logProgress(progress);
  };

  /** A sentence on a line of its own, in the middle of a step. */
  readonly notice = (sentence: LocalizedText): void => {
    this.clear();
    this.#output.write(`${" ".repeat(widthOf(this.#prefix))}${localize(this.words.language, sentence)}\n`);
  };

  done(detail: string, { skipped = false } = {}): void {
    const seconds = (this.#now() - this.#started) / 1000;
    const { alreadyDone, language } = this.words;
    this.clear();
    this.#output.write(`${this.#prefix}${detail} (${skipped ? alreadyDone : formatSeconds(seconds, language)})\n`);
  }

  /** Removes the live line: before a question, a failure's sentence, or the end. */
  clear(): void {
    this.#status.clear();
  }

  #logProgress(progress: Progress): void {
    const percent = percentOf(progress);
    if (percent < this.#lastLogged) this.#lastLogged = 0; // another activity has begun
    if (percent < this.#lastLogged + LOG_PERCENT) return;
    this.#lastLogged = percent - (percent % LOG_PERCENT);
    this.#output.write(`${this.#prefix}${this.words.activities[progress.activity]} ${percent} %\n`);
  }

  #show(text: string): void {
    const line = this.#prefix + text;
    this.#status.show(() => line);
  }
}
