import { type Phrase, phraseIn } from "../src/i18n/error-messages.ts";
import { cutTo, padTo, widthOf } from "../src/terminal/text-width.ts";
import { formatSeconds } from "../src/terminal/format.ts";
import { percentOf, type Progress, ProgressLine } from "../src/terminal/progress.ts";
import { type SetupWords, textFor } from "../src/i18n/catalogue.ts";

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
  readonly words?: SetupWords | undefined;
  /** Milliseconds on any steady clock. */
  readonly now?: (() => number) | undefined;
}

const REDRAW_MS = 100;
/** Without a terminal a line is written each time this many percent more are done. */
const LOG_PERCENT = 10;

/** Shows the steps of the pipeline: a live line on a terminal, plain lines elsewhere. */
export class Reporter {
  /** What the steps say is put into these. */
  readonly words: SetupWords;
  readonly #output: Output;
  readonly #now: () => number;
  readonly #nameWidth: number;
  #started = 0;
  #lastDrawn = 0;
  #lastLogged = 0;
  #line: ProgressLine;
  #prefix = "";
  #live = false;

  constructor(output: Output, { words = textFor("en").setup, now = () => performance.now() }: ReporterOptions = {}) {
    this.words = words;
    this.#output = output;
    this.#now = now;
    this.#nameWidth = Math.max(...STEPS.map((step) => widthOf(words.steps[step]))) + 1;
    this.#line = new ProgressLine(words);
  }

  start(step: StepName, what: string): void {
    this.#started = this.#now();
    this.#lastDrawn = -REDRAW_MS;
    this.#lastLogged = 0;
    this.#line = new ProgressLine(this.words);
    this.#prefix = `[${STEPS.indexOf(step) + 1}/${STEPS.length}] ${padTo(this.words.steps[step], this.#nameWidth)} `;
    this.#draw(what);
  }

  readonly progress = (progress: Progress): void => {
    if (this.#output.isTTY) this.#drawProgress(progress);
    else this.#logProgress(progress);
  };

  /** A sentence on a line of its own, in the middle of a step. */
  readonly notice = (sentence: Phrase): void => {
    this.clear();
    this.#output.write(`${" ".repeat(widthOf(this.#prefix))}${phraseIn(this.words.language, sentence)}\n`);
  };

  done(detail: string, { skipped = false } = {}): void {
    const seconds = (this.#now() - this.#started) / 1000;
    const { alreadyDone, language } = this.words;
    this.clear();
    this.#output.write(`${this.#prefix}${detail} (${skipped ? alreadyDone : formatSeconds(seconds, language)})\n`);
  }

  /** Takes the live line away: before a question, a failure's sentence, or the end. */
  clear(): void {
    if (this.#live) this.#output.write("\r\x1b[K");
    this.#live = false;
  }

  #drawProgress(progress: Progress): void {
    const now = this.#now();
    const text = this.#line.format(progress, now);
    if (now - this.#lastDrawn < REDRAW_MS && progress.done < progress.total) return;
    this.#lastDrawn = now;
    this.#draw(text);
  }

  #logProgress(progress: Progress): void {
    const percent = percentOf(progress);
    if (percent < this.#lastLogged) this.#lastLogged = 0; // another activity has begun
    if (percent < this.#lastLogged + LOG_PERCENT) return;
    this.#lastLogged = percent - (percent % LOG_PERCENT);
    this.#output.write(`${this.#prefix}${this.words.activities[progress.activity]} ${percent} %\n`);
  }

  #draw(text: string): void {
    if (!this.#output.isTTY) return;
    const room = (this.#output.columns ?? 80) - 1;
    this.#output.write(`\r${cutTo(`${this.#prefix}${text}`, room)}\x1b[K`);
    this.#live = true;
  }
}
