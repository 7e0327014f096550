import type { RunPlan } from "../experiment/run/run-plan.ts";
import type { RunProgress } from "../experiment/run/execute-run.ts";
import { messagesIn } from "../chat/language/index.ts";
import { StatusLine } from "../chat/terminal/status-line.ts";
import { asItIs } from "../chat/terminal/style.ts";
import type { World } from "./world.ts";

/** Where no line can be drawn over, one is added this often. */
const LOG_MS = 10_000;

/** What a run says on standard error: the plan, then how far it is. */
export class ExperimentScreen {
  readonly #stderr: World["stderr"];
  readonly #status: StatusLine;
  readonly #drawsOver: boolean;
  #begun = 0;
  #logged = 0;
  #last: RunProgress | undefined;

  constructor({ stderr, environment }: Pick<World, "stderr" | "environment">) {
    this.#stderr = stderr;
    this.#drawsOver = stderr.isTTY && environment["TERM"] !== "dumb";
    this.#status = new StatusLine({
      write: (text) => void stderr.write(text),
      columns: () => stderr.columns,
      paint: asItIs,
      enabled: this.#drawsOver,
    });
  }

  readonly showPlan = (plan: RunPlan): void => {
    const { run, mode, slots, models, build, arms, cases, cells, known, todo, damagedLines } = plan;
    const how = mode === "fast" ? `fast: ${counted(slots, "slot")}, prompt cache` : "exact: one slot, no cache";
    this.#say(`${run} on ${models.join(" and ")}, llama.cpp ${build} (${how})`);
    if (models.includes("demo")) this.#say(messagesIn("en").demoModel);
    const parts = [counted(arms, "arm"), counted(cases, "case"), counted(cells / arms / cases, "repeat")].join(" × ");
    this.#say(`${counted(cells, "cell")} (${parts}): ${whole(known)} known, ${whole(todo)} to ask.`);
    if (damagedLines > 0)
      this.#say(`${counted(damagedLines, "line")} of the store cut or damaged; those cells are asked again.`);
    if (todo > 0) this.#say(describeEstimate(plan));
  };

  /** The first of a pass says that nothing is done yet. */
  readonly showProgress = (progress: RunProgress): void => {
    const now = performance.now();
    if (progress.pass !== this.#last?.pass) {
      this.#finishLine();
      this.#begun = now;
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
    this.#say(`Process ${pid} is running this experiment; waiting for it.`);
  };

  /** What was moving stands still; below it can be written on. */
  finish(): void {
    this.#finishLine();
  }

  /** @returns the exit status */
  showInterrupted(): number {
    this.#status.clear();
    const { pass, done = 0, total = 0 } = this.#last ?? {};
    const reached = `after ${whole(done)} of ${counted(total, pass === "judge" ? "judgement" : "cell")}`;
    this.#say(
      done === 0
        ? "Interrupted. Run the same command again to go on."
        : `Interrupted ${reached}. They are kept: run the same command again to go on.`,
    );
    return 130;
  }

  #finishLine(): void {
    this.#status.clear();
    const last = this.#last;
    this.#last = undefined;
    if (last && last.total > 0) this.#say(this.#describe(last));
  }

  #describe(progress: RunProgress): string {
    return describeProgress(progress, (performance.now() - this.#begun) / 1000);
  }

  #say(line: string): void {
    this.#status.clear();
    this.#stderr.write(`${line}\n`);
  }
}

function describeEstimate({ promptTokens, promptTokensWithoutCache, generatedTokens, seconds }: RunPlan): string {
  const prompt = `About ${whole(promptTokens)} prompt tokens to evaluate (${whole(promptTokensWithoutCache)} without order and cache)`;
  if (generatedTokens === undefined || seconds === undefined)
    return `${prompt}; how long that takes shows after the first cells.`;
  return `${prompt} and ${whole(generatedTokens)} to generate: about ${clock(seconds)}.`;
}

function describeProgress({ pass, done, total, errors }: RunProgress, seconds: number): string {
  const what = `${pass === "cell" ? "cells" : "judged"} ${whole(done)} of ${whole(total)}`;
  if (done === 0) return `${what}, ${clock(seconds)}`;
  const rate = done / Math.max(seconds, 0.001);
  const left = done === total ? `in ${clock(seconds)}` : `${clock((total - done) / rate)} left`;
  const failed = errors === 0 ? "" : `, ${whole(errors)} failed`;
  return `${what}${failed}, ${rate.toFixed(rate < 10 ? 1 : 0)} a second, ${left}`;
}

function counted(number: number, noun: string): string {
  return `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function whole(number: number): string {
  return number.toLocaleString("en-US");
}

function clock(seconds: number): string {
  const rounded = Math.max(1, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`;
}
