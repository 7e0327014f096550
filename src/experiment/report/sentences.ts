import type { Comparison, Results } from "../results/results.ts";
import { fixed, percent, pValue, signed } from "./columns.ts";

/** "recall, run 2026-11-26-3fa2c1: fast mode (4 slots, prompt cache), demo, llama.cpp b1-de3ff81". */
export function titleOf({ experiment, run, mode, slots, models, build }: Results): string {
  const how = mode === "fast" ? `fast mode (${slots} slots, prompt cache)` : "exact mode (one slot, no cache)";
  return `${experiment.name}, run ${run}: ${how}, ${models.map(({ name }) => name).join(" and ")}, llama.cpp ${build}`;
}

/** What follows from the numbers, one sentence for each comparison, requirement and judge. */
export function conclusionsOf(results: Results): readonly string[] {
  return [
    ...incompleteOf(results),
    ...results.comparisons.map(describeComparison),
    ...results.agreements.map(describeAgreement),
    ...results.requirements.map(({ text, met, why }) => `Requirement ${text}: ${met ? "met" : `NOT MET (${why})`}.`),
  ];
}

function describeAgreement({ check, count, share, low, high, kappa }: Results["agreements"][number]): string {
  const agrees = `${check} agrees with people on ${percent(share)} of ${counted(count, "labelled answer")} (95% CI ${percent(low)} to ${percent(high)})`;
  return kappa === null
    ? `${agrees}; both always say the same, so there is no Cohen's kappa.`
    : `${agrees}; Cohen's kappa ${fixed(kappa.value)} (${fixed(kappa.low)} to ${fixed(kappa.high)}).`;
}

function incompleteOf(results: Results): readonly string[] {
  const { arms, cells, comparisons } = results;
  const failed = cells.filter(({ error, refused }) => error !== undefined && refused !== true).length;
  const refused = cells.filter((cell) => cell.refused === true).length;
  const missing = cells.filter(({ error, answer }) => error === undefined && answer === undefined).length;
  const sentences: string[] = [];
  if (refused > 0)
    sentences.push(
      `The server refused ${counted(refused, "request")}; ${refused === 1 ? "it counts" : "they count"} as failed.`,
    );
  if (failed > 0)
    sentences.push(
      `${counted(failed, "cell")} failed and ${failed === 1 ? "does" : "do"} not count. Run the experiment again to retry.`,
    );
  if (missing > 0)
    sentences.push(
      `${counted(missing, "cell")} of ${cells.length} have not been asked. Run the experiment again to continue.`,
    );
  const absent = arms.reduce((sum, arm) => sum + arm.absent, 0);
  const undecided = arms.reduce((sum, arm) => sum + arm.undecided, 0);
  if (absent > 0)
    sentences.push(
      `${counted(absent, "cell")} ended without an answer; every check of the answer counts as failed there.`,
    );
  if (undecided > 0)
    sentences.push(
      `${counted(undecided, "answer")} could not be judged by every check; the scores leave those checks out.`,
    );
  const planned = new Set(cells.map((cell) => cell.case)).size;
  for (const { arm, baseline, cases } of comparisons) {
    if (cases < planned) sentences.push(`${arm} and ${baseline} are compared on ${cases} of ${planned} cases.`);
  }
  return sentences;
}

export function describeComparison(comparison: Comparison): string {
  const { arm, baseline, cases, difference, adjustedPValue, verdict, detectable, gained, lost } = comparison;
  const numbers = `${signed(difference.mean)} (95% CI ${signed(difference.low)} to ${signed(difference.high)}), p=${pValue(adjustedPValue)}`;
  const flips = `${counted(gained.length, "case")} newly passed, ${lost.length} newly failed`;
  if (verdict !== "cannot tell") return `${arm} is ${verdict} than ${baseline}: ${numbers}; ${flips}.`;
  const limit =
    detectable === undefined
      ? `${counted(cases, "case")} ${cases === 1 ? "is" : "are"} too few for a verdict, which needs at least 6 (more if there are several comparisons)`
      : `${cases} cases can detect a difference of about ${fixed(detectable)} or more with 80% power`;
  return `${arm} against ${baseline}: cannot tell. ${numbers}; ${flips}; ${limit}.`;
}

/** What the numbers are, for the foot of a report. */
export const METHOD =
  "Score: mean over cases, repeats averaged first, with a 95% interval over cases: Clopper and Pearson's for passes and failures, Student's for other scores. " +
  "Comparison: two-sided paired sign-flip test on the cases' scores, p-values adjusted by Holm. Its interval is that of the same test, at the same level. " +
  "Times are the server's own, medians over cells.";

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
