import type { RunPlan } from "../experiment/plan/run-plan.ts";
import type { RunProgress } from "../experiment/run/run-experiment.ts";
import { type CliText, textFor } from "../i18n/catalogue.ts";
import { StatusLine } from "../terminal/progress.ts";
import { asItIs } from "../terminal/style.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { type LocalizedText, localize } from "../i18n/error-messages.ts";
import type { SkippedRun } from "../experiment/run/run-folder.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { CommandContext } from "./command-options.ts";

type Words = CliText["experiment"];

/** Names what could not be read, for a terminal. */
export function skippedLine(path: string, why: LocalizedText, language: InterfaceLanguage): string {
  return showableLine(textFor(language).cli.experiment.skippedRun(path, localize(language, why)));
}

/** Where no line can be drawn over, one is added this often. */
const LOG_MS = 10_000;

/** What a run says on standard error: the plan, then how far it is. */
export class ExperimentScreen {
  readonly #stderr: CommandContext["stderr"];
  readonly #status: StatusLine;
  readonly #drawsOver: boolean;
  readonly #language: InterfaceLanguage;
  readonly #words: Words;
  #beganAt = 0;
  #logged = 0;
  #last: RunProgress | undefined;

  constructor({ stderr, environment }: Pick<CommandContext, "stderr" | "environment">, language: InterfaceLanguage) {
    this.#stderr = stderr;
    this.#language = language;
    this.#words = textFor(language).cli.experiment;
    this.#drawsOver = stderr.isTTY && environment["TERM"] !== "dumb";
    this.#status = new StatusLine({
      write: (text) => void stderr.write(text),
      columns: () => stderr.columns,
      paint: asItIs,
      enabled: this.#drawsOver,
    });
  }

  readonly showPlan = (plan: RunPlan): void => {
    const { run, mode, slots, models, build, variants, cases, cells, damagedLines, sameQuestions } = plan;
    const words = this.#words;
    this.#say(words.running(run, models, build, mode === "fast" ? words.fast(slots) : words.exact));
    if (models.includes("demo")) this.#say(textFor(this.#language).chat.demoModel);
    const repeats = cells / variants / cases;
    this.#say(words.cells({ ...plan, repeats }));
    if (sameQuestions) this.#say(words.sameQuestions(repeats, mode === "fast"));
    if (damagedLines > 0) this.#say(words.damagedLines(damagedLines));
    if (plan.todo > 0) this.#say(describeEstimate(plan, words));
  };

  readonly showSkipped = (skipped: readonly SkippedRun[]): void => {
    for (const { path, why } of skipped) this.#say(skippedLine(path, why, this.#language));
  };

  /** The first of a pass says that nothing is done yet. */
  readonly showProgress = (progress: RunProgress): void => {
    const now = performance.now();
    if (progress.pass !== this.#last?.pass) {
      this.#finishLine();
      this.#beganAt = now;
      this.#logged = now;
    }
    this.#last = progress;
    const finished = progress.done === progress.total;
    if (this.#drawsOver) {
      if (!finished) this.#status.show(() => this.#describe(progress));
      return;
    }
    if (now - this.#logged < LOG_MS || finished) return;
    this.#logged = now;
    this.#say(this.#describe(progress));
  };

  readonly showWaiting = (pid: number): void => {
    this.#say(this.#words.waiting(pid));
  };

  /** What was moving stands still; below it can be written on. */
  finish(): void {
    this.#finishLine();
  }

  /** @returns the exit status */
  showInterrupted(): number {
    this.#status.clear();
    const { pass = "cell", done = 0, total = 0 } = this.#last ?? {};
    this.#say(done === 0 ? this.#words.interruptedAtOnce : this.#words.interrupted(pass, done, total));
    return 130;
  }

  #finishLine(): void {
    this.#status.clear();
    const last = this.#last;
    this.#last = undefined;
    if (last && last.total > 0) this.#say(this.#describe(last));
  }

  #describe(progress: RunProgress): string {
    return describeProgress(progress, (performance.now() - this.#beganAt) / 1000, this.#words);
  }

  #say(line: string): void {
    this.#status.clear();
    this.#stderr.write(`${line}\n`);
  }
}

function describeEstimate(
  { promptTokens, promptTokensWithoutCache, generatedTokens, seconds }: RunPlan,
  words: Words,
): string {
  const prompt = words.promptEstimate(promptTokens, promptTokensWithoutCache);
  if (generatedTokens === undefined || seconds === undefined) return words.timeUnknown(prompt);
  return words.timeEstimate(prompt, generatedTokens, clock(seconds, words));
}

function describeProgress({ pass, done, total, errors }: RunProgress, seconds: number, words: Words): string {
  const reached = words.progress(pass, done, total);
  if (done === 0) return reached + words.timeSoFar(clock(seconds, words));
  const rate = done / Math.max(seconds, 0.001);
  const left =
    done === total ? words.timeSpent(clock(seconds, words)) : words.timeLeft(clock((total - done) / rate, words));
  const failed = errors === 0 ? "" : words.failedCells(errors);
  return `${reached}${failed}${words.rate(rate.toFixed(rate < 10 ? 1 : 0))}${left}`;
}

function clock(seconds: number, words: Words): string {
  const rounded = Math.max(1, Math.round(seconds));
  if (rounded < 60) return words.seconds(rounded);
  if (rounded < 3600) return words.minutes(Math.floor(rounded / 60), rounded % 60);
  return words.hours(Math.floor(rounded / 3600), Math.floor((rounded % 3600) / 60));
}
