import type { RunPlan } from "../experiment/run/run-plan.ts";
import type { RunProgress } from "../experiment/run/execute-run.ts";
import type { World } from "./world.ts";

/** On a terminal the line is written anew this often, elsewhere a line is added. */
const TERMINAL_MS = 100;
const LOG_MS = 10_000;

/** What a run says on standard error: the plan, then how far it is. */
export class ExperimentScreen {
  readonly #stderr: World["stderr"];
  #begun = 0;
  #pass: RunProgress["pass"] | undefined;
  #shown = 0;
  #last: RunProgress | undefined;

  constructor(stderr: World["stderr"]) {
    this.#stderr = stderr;
  }

  readonly showPlan = (plan: RunPlan): void => {
    const { run, mode, slots, model, build, arms, cases, cells, known, todo, damagedLines } = plan;
    const how = mode === "fast" ? `fast: ${slots} slots, prompt cache` : "exact: one slot, no cache";
    this.#say(`${run} on ${model}, llama.cpp ${build} (${how})`);
    const parts = [counted(arms, "arm"), counted(cases, "case"), counted(cells / arms / cases, "repeat")].join(" × ");
    this.#say(`${counted(cells, "cell")} (${parts}): ${known} known, ${todo} to ask.`);
    if (damagedLines > 0)
      this.#say(`${damagedLines} lines of the store were cut or damaged; their cells are asked again.`);
    if (todo > 0) this.#say(describeEstimate(plan));
    this.#begun = performance.now();
  };

  readonly showProgress = (progress: RunProgress): void => {
    const now = performance.now();
    if (progress.pass !== this.#pass) {
      this.#pass = progress.pass;
      if (progress.pass === "judge") this.#begun = now;
    }
    this.#last = progress;
    if (now - this.#shown < (this.#stderr.isTTY ? TERMINAL_MS : LOG_MS) && progress.done < progress.total) return;
    this.#shown = now;
    const line = describeProgress(progress, (now - this.#begun) / 1000);
    this.#stderr.write(this.#stderr.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
  };

  readonly showWaiting = (pid: number): void => {
    this.#say(`Process ${pid} is running this experiment; waiting for it.`);
  };

  /** Leaves a line that can be written on. */
  clear(): void {
    if (this.#stderr.isTTY && this.#last) this.#stderr.write("\r\x1b[2K");
  }

  /** @returns the exit status */
  showInterrupted(): number {
    const { done = 0, total = 0 } = this.#last ?? {};
    this.#say(`Interrupted after ${done} of ${total} cells. Nothing is lost: run it again to go on.`);
    return 130;
  }

  #say(line: string): void {
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
  const rate = done / Math.max(seconds, 0.001);
  const left = done === total ? `in ${clock(seconds)}` : `${clock((total - done) / rate)} left`;
  const failed = errors === 0 ? "" : `, ${errors} failed`;
  return `${pass === "cell" ? "cells" : "judged"} ${done} of ${total}${failed}, ${rate.toFixed(rate < 10 ? 1 : 0)} a second, ${left}`;
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
