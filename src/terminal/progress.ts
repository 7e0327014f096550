import { formatBytes, formatSeconds } from "./format.ts";
import type { SetupWords } from "../i18n/catalogue.ts";

/** How a long step reports what it is doing; the reporter (reporter.ts) shows it. */
export interface Progress {
  /** What is happening. */
  readonly activity: keyof SetupWords["activities"];
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
  readonly #words: SetupWords;
  #activity = "";
  #samples: { readonly at: number; readonly done: number }[] = [];

  constructor(words: SetupWords) {
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
