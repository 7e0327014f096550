/** What `gpt-oss experiment` says on standard error, in English. */
export const experiment = {
  fast: (slots: number) => `fast: ${counted(slots, "slot")}, prompt cache`,
  exact: "exact: one slot, no cache",
  running: (run: string, models: readonly string[], build: string, how: string) =>
    `${run} on ${models.join(" and ")}, llama.cpp ${build} (${how})`,
  cells: ({ cells, arms, cases, repeats, known, todo }: PlanCounts) =>
    `${counted(cells, "cell")} (${counted(arms, "arm")} × ${counted(cases, "case")} × ${counted(repeats, "repeat")}): ${whole(known)} known, ${whole(todo)} to ask.`,
  sameQuestions: (repeats: number, fast: boolean) =>
    `With temperature 0, ${counted(repeats, "repeat")} of a cell ask the same thing ${repeats} times: ${
      fast ? "the answers differ only by rounding" : "every answer is the same"
    }. Set repeats to 1, or a temperature above 0.`,
  damagedLines: (lines: number) =>
    lines === 1
      ? "1 line of cells.jsonl is damaged and was skipped. Its cell is asked again."
      : `${whole(lines)} lines of cells.jsonl are damaged and were skipped. Their cells are asked again.`,
  promptEstimate: (tokens: number, tokensWithoutCache: number) =>
    `About ${whole(tokens)} prompt tokens to evaluate (${whole(tokensWithoutCache)} without order and cache)`,
  timeUnknown: (estimate: string) => `${estimate}; how long that takes shows after the first cells.`,
  timeEstimate: (estimate: string, generated: number, time: string) =>
    `${estimate} and ${whole(generated)} to generate: about ${time}.`,
  waiting: (pid: number) => `Process ${pid} is running this experiment; waiting for it.`,
  interruptedAtOnce: "Interrupted. Run the same command again to continue.",
  interrupted: (pass: "cell" | "judge", done: number, total: number) =>
    `Interrupted after ${whole(done)} of ${counted(total, pass === "judge" ? "judgement" : "cell")}. The answers are saved: run the same command again to continue.`,
  progress: (pass: "cell" | "judge", done: number, total: number) =>
    `${pass === "cell" ? "cells" : "judged"} ${whole(done)} of ${whole(total)}`,
  failedCells: (errors: number) => `, ${whole(errors)} failed`,
  rate: (perSecond: string) => `, ${perSecond} a second`,
  timeSpent: (time: string) => `, in ${time}`,
  timeLeft: (time: string) => `, ${time} left`,
  timeSoFar: (time: string) => `, ${time}`,
  seconds: (seconds: number) => `${seconds} s`,
  minutes: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
  hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,

  foreignServer: (url: string, file: string) => `Questions are sent to ${url}, as set in ${file}.`,
  report: (path: string) => `Report: ${path}`,
  requirementNotMet: (text: string, why: string) => `The requirement ${text} is not met: ${why}.`,
  cellsFailed: (failed: number, cells: number, error: string) =>
    `${whole(failed)} of ${counted(cells, "cell")} failed, the first with: ${error}`,
  skippedRun: (path: string, why: string) => `Skipped ${path}: ${why}.`,
  listedRun: (run: string, cells: number, mode: string, path: string) =>
    `run ${run}: ${counted(cells, "cell")}, ${mode}, in ${path}`,
  otherQuestions: (cases: string) =>
    `These cases ask something else now, so their answers are judged by the old values: ${cases}.`,
  changedCases: (cases: string) => `Cases whose content differs between the two runs are left out: ${cases}.`,
};

export interface PlanCounts {
  readonly cells: number;
  readonly arms: number;
  readonly cases: number;
  readonly repeats: number;
  readonly known: number;
  readonly todo: number;
}

function counted(number: number, noun: string): string {
  return `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function whole(number: number): string {
  return number.toLocaleString("en-US");
}
