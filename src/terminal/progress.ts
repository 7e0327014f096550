import type { SetupText } from "../i18n/catalogue.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import type { Paint } from "./style.ts";
import { fitInto } from "./text-width.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const PERIOD_MS = 100;
/** Work that ends sooner than this is not worth a flicker. */
const PATIENCE_MS = 150;
const ERASE_REST = "\x1b[K";

export interface StatusLineOptions {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  readonly paint: Paint;
  /** Whether a line can be drawn over; else nothing is shown. */
  readonly enabled: boolean;
  /** Drawn at once and without a moving sign: the line says itself how far the work is. */
  readonly plain?: boolean;
}

/** One line about what is happening, redrawn in place where the next text will be written. */
export class StatusLine {
  readonly #options: StatusLineOptions;
  #timer: NodeJS.Timeout | undefined;
  #text: (() => string) | undefined;
  #drawn: string | undefined;
  #frame = 0;

  constructor(options: StatusLineOptions) {
    this.#options = options;
  }

  /** @param text called for each drawing */
  show(text: () => string): void {
    const { enabled, plain } = this.#options;
    if (!enabled) return;
    this.#text = text;
    if (this.#timer !== undefined) return;
    const redraw = () => {
      this.#draw();
      this.#timer = setInterval(() => this.#draw(), PERIOD_MS).unref();
    };
    if (plain) redraw();
    else this.#timer = setTimeout(redraw, PATIENCE_MS).unref();
  }

  /** Removes the line: the cursor is at the beginning of an empty line. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#text = undefined;
    if (this.#drawn !== undefined) this.#options.write(`\r${ERASE_REST}`);
    this.#drawn = undefined;
  }

  #draw(): void {
    const { write, columns, paint, plain } = this.#options;
    const sign = plain ? "" : `${FRAMES[this.#frame++ % FRAMES.length] ?? ""} `;
    // a line that is as wide as the window would wrap, and could not be erased
    const line = fitInto(`${sign}${this.#text?.() ?? ""}`, Math.max(4, columns() - 1));
    if (line !== this.#drawn) write(`\r${paint(line)}${ERASE_REST}`);
    this.#drawn = line;
  }
}

/** How a long step of setup reports what it is doing. */
export interface Progress {
  /** What is happening. */
  readonly activity: keyof SetupText["activities"];
  /** Done so far and in all, in the same unit. */
  readonly done: number;
  readonly total: number;
  readonly unit: "bytes" | "percent";
}

export type ProgressListener = (progress: Progress) => void;

const BAR_WIDTH = 24;
/** The speed shown is that of the last few seconds. */
const RATE_WINDOW_MS = 5_000;
/** Before this much has been seen, a speed would be a guess. */
const RATE_MINIMUM_MS = 300;

/** Turns progress into one line: bar, percent, amount, speed and time left. */
export class ProgressLine {
  readonly #words: SetupText;
  #activity = "";
  #samples: { readonly at: number; readonly done: number }[] = [];

  constructor(words: SetupText) {
    this.#words = words;
  }

  /** @param at milliseconds on any steady clock */
  format(progress: Progress, at: number): string {
    this.#sample(progress, at);
    const percent = percentOf(progress);
    const filled = Math.round((percent * BAR_WIDTH) / 100);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    const activity = `${bar} ${percent} % ${this.#words.activities[progress.activity]}`;
    return [activity, ...this.#amount(progress), ...this.#timeLeft(progress)].join(this.#words.comma);
  }

  #sample({ activity, done }: Progress, at: number): void {
    if (activity !== this.#activity) this.#samples = [];
    this.#activity = activity;
    this.#samples.push({ at, done });
    const old = this.#samples.findIndex((sample) => at - sample.at <= RATE_WINDOW_MS);
    // one sample older than the window stays, so that slow progress still has a speed
    if (old > 1) this.#samples.splice(0, old - 1);
  }

  #amount({ done, total, unit }: Progress): string[] {
    if (unit !== "bytes") return [];
    const speed = this.#perSecond();
    return [
      this.#words.amount(formatBytes(done), formatBytes(total)),
      ...(speed === undefined ? [] : [`${formatBytes(speed)}/s`]),
    ];
  }

  #timeLeft({ done, total }: Progress): string[] {
    const speed = this.#perSecond();
    const { timeLeft, language } = this.#words;
    return speed ? [timeLeft(formatSeconds((total - done) / speed, language))] : [];
  }

  #perSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < RATE_MINIMUM_MS) return undefined;
    return ((last.done - first.done) * 1000) / (last.at - first.at);
  }
}

export function percentOf({ done, total }: Progress): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}
