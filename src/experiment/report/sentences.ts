import type { Comparison, Results } from "../results/results.ts";
import { fixed, percent, pValue, signed } from "./columns.ts";
import type { ReportWords } from "./words/index.ts";

/** "recall, run 2026-11-26-3fa2c1: fast mode (4 slots, prompt cache), demo, llama.cpp b1-de3ff81". */
export function titleOf({ experiment, run, mode, slots, models, build }: Results, words: ReportWords): string {
  const how = mode === "fast" ? words.fastMode(slots) : words.exactMode;
  return words.title(experiment.name, run, how, words.and(models.map(({ name }) => name)), build);
}

/** What follows from the numbers, one sentence for each comparison, requirement and judge. */
export function conclusionsOf(results: Results, words: ReportWords): readonly string[] {
  return [
    ...incompleteOf(results, words),
    ...results.comparisons.map((comparison) => describeComparison(comparison, words)),
    ...results.agreements.map((agreement) => describeAgreement(agreement, words)),
    ...results.requirements.map(({ text, met, why }) =>
      met ? words.requirementMet(text) : words.requirementNotMet(text, why),
    ),
  ];
}

function describeAgreement(
  { check, count, share, low, high, kappa }: Results["agreements"][number],
  words: ReportWords,
): string {
  const agrees = words.agreement(check, percent(share), count, percent(low), percent(high));
  return kappa === null
    ? words.noKappa(agrees)
    : words.kappa(agrees, fixed(kappa.value), fixed(kappa.low), fixed(kappa.high));
}

function incompleteOf({ arms, cells, comparisons }: Results, words: ReportWords): readonly string[] {
  const refused = cells.filter((cell) => cell.refused === true).length;
  const failed = cells.filter((cell) => cell.error !== undefined && cell.refused !== true).length;
  const missing = cells.filter(({ error, answer }) => error === undefined && answer === undefined).length;
  const absent = arms.reduce((sum, arm) => sum + (arm.absent ?? 0), 0);
  const undecided = arms.reduce((sum, arm) => sum + (arm.undecided ?? 0), 0);
  const planned = new Set(cells.map((cell) => cell.case)).size;
  return [
    ...(refused > 0 ? [words.refused(refused)] : []),
    ...(failed > 0 ? [words.failed(failed)] : []),
    ...(missing > 0 ? [words.missing(missing, cells.length)] : []),
    ...(absent > 0 ? [words.absent(absent)] : []),
    ...(undecided > 0 ? [words.undecided(undecided)] : []),
    ...comparisons.flatMap(({ arm, baseline, cases }) =>
      cases < planned ? [words.comparedOn(arm, baseline, cases, planned)] : [],
    ),
  ];
}

export function describeComparison(comparison: Comparison, words: ReportWords): string {
  const { arm, baseline, cases, difference, adjustedPValue, verdict, detectable, gained, lost } = comparison;
  const { mean, low, high } = difference;
  const numbers = words.difference(signed(mean), signed(low), signed(high), pValue(adjustedPValue));
  const flips = words.flipped(gained.length, lost.length);
  if (verdict !== "cannot tell") return words.verdict(arm, verdict, baseline, numbers, flips);
  const limit = detectable === undefined ? words.tooFew(cases) : words.detectable(cases, fixed(detectable));
  return words.cannotTell(arm, baseline, numbers, flips, limit);
}
