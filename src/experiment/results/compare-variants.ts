import { createError } from "../../i18n/error-messages.ts";
import { isAbsent } from "../absent-answer.ts";
import type { Check } from "../checks/check.ts";
import { groupBy } from "../plan/order.ts";
import { comparePaired } from "../statistics/compare.ts";
import { mean, median, estimateScore } from "../statistics/estimates.ts";
import type { VariantSummary, CellResult, Comparison, Results } from "./results.ts";

type VariantFacts = Pick<
  VariantSummary,
  "id" | "name" | "model" | "effort" | "temperature" | "maxTokens" | "prompt" | "program"
>;

/** A cell that has been answered. */
type Answered = CellResult & { readonly answer: NonNullable<CellResult["answer"]> };

/** Mean score of each case over its repeats, for the cases that have any. */
export function scoresByCase(cells: readonly CellResult[]): ReadonlyMap<string, number> {
  return meansByCase(cells, ({ score }) => score);
}

/** Share of each case's repeats that pass. */
export function passesByCase(cells: readonly CellResult[]): ReadonlyMap<string, number> {
  return meansByCase(cells, ({ pass }) => (pass === null ? null : Number(pass)));
}

function meansByCase(
  cells: readonly CellResult[],
  read: (cell: CellResult) => number | null,
): ReadonlyMap<string, number> {
  const means = new Map<string, number>();
  for (const [id, group] of groupBy(cells, (cell) => cell.case)) {
    const values = group.flatMap((cell) => read(cell) ?? []);
    if (values.length > 0) means.set(id, mean(values));
  }
  return means;
}

/** What the cells of one variant come to. A cell that failed counts as a cell and for nothing else, unless its request was refused. */
export function summarizeVariant(
  { id, name, model, effort, temperature, maxTokens, prompt, program }: VariantFacts,
  cells: readonly CellResult[],
  checks: readonly Pick<Check, "name" | "weight">[],
): VariantSummary {
  const answered = cells.filter((cell): cell is Answered => cell.answer !== undefined);
  const scores = [...scoresByCase(cells).values()];
  const score = scores.length === 0 ? null : estimateScore(scores);
  const passes = [...passesByCase(cells).values()];
  const tokens = answered.map(({ answer }) => answer.tokens);
  const sum = (read: (one: (typeof tokens)[number]) => number) => tokens.reduce((total, one) => total + read(one), 0);
  const average = (read: (one: (typeof tokens)[number]) => number) =>
    tokens.length === 0 ? 0 : sum(read) / tokens.length;
  const middle = (read: (answer: Answered["answer"]) => number) =>
    answered.length === 0 ? 0 : median(answered.map(({ answer }) => read(answer)));
  const generatedTokens = average(({ generated }) => generated);
  return {
    id,
    name,
    model,
    effort,
    temperature,
    maxTokens,
    prompt,
    ...(program && { program }),
    cells: cells.length,
    answered: answered.length,
    errors: cells.filter(({ error }) => error !== undefined).length,
    truncated: answered.filter(({ answer }) => answer.finishReason === "length").length,
    ...countUnjudged(cells, checks),
    score,
    passRate: passes.length === 0 ? null : mean(passes),
    ...passHatKOf(cells),
    checks: Object.fromEntries(checks.map((check) => [check.name, meanOfCheck(cells, check.name)])),
    thinkingTokens: average(({ thinking }) => thinking),
    answerTokens: average(({ answer }) => answer),
    generatedTokens,
    cacheShare:
      sum(({ cached }) => cached) /
      Math.max(
        1,
        sum((one) => one.prompt),
      ),
    evaluatedTokens: sum(({ evaluated }) => evaluated),
    firstTokenMs: middle(({ promptMs }) => promptMs),
    latencyMs: middle(({ promptMs, generationMs }) => promptMs + generationMs),
    // the first token comes out of the prompt, so that the time is that of the others
    tokensPerSecond: middle((answer) => ((answer.tokens.generated - 1) / Math.max(answer.generationMs, 0.001)) * 1000),
    scorePerThousandTokens: score === null || generatedTokens === 0 ? null : (score.mean / generatedTokens) * 1000,
  };
}

/** Cases whose repeats were all judged, with k passes of n: the chance that k of them are all passes is C(c, k) ÷ C(n, k). */
function passHatKOf(cells: readonly CellResult[]): Pick<VariantSummary, "passHatK"> {
  const cases = [...groupBy(cells, (cell) => cell.case).values()]
    .map((group) => group.flatMap(({ pass }) => (pass === null ? [] : [pass])))
    .filter((passes) => passes.length > 0);
  const attempts = Math.min(...cases.map((passes) => passes.length));
  if (cases.length === 0 || attempts < 2) return {};
  const ks = Array.from({ length: attempts }, (_, index) => index + 1);
  return {
    passHatK: ks.map((k) => {
      const chances = cases.map((passes) => allOf(k, passes.filter(Boolean).length, passes.length));
      const { mean: share, low, high } = estimateScore(chances);
      return { k, mean: share, low, high };
    }),
  };
}

function allOf(k: number, passes: number, attempts: number): number {
  let chance = 1;
  for (let drawn = 0; drawn < k; drawn++) chance *= Math.max(0, passes - drawn) / (attempts - drawn);
  return chance;
}

/** How many answers are absent, and how many a check could not judge. */
export function countUnjudged(
  cells: readonly CellResult[],
  checks: readonly Pick<Check, "name" | "weight">[],
): { readonly absent: number; readonly undecided: number } {
  return {
    absent: cells.filter(({ answer }) => answer !== undefined && isAbsent(answer)).length,
    undecided: cells.filter((cell) => cell.answer !== undefined && isUndecided(cell, checks)).length,
  };
}

/** A check that counts towards the score could not tell. */
function isUndecided(cell: CellResult, checks: readonly Pick<Check, "name" | "weight">[]): boolean {
  return (
    cell.error === undefined &&
    cell.checks.some(({ check, pass }) => pass === null && (checks.find(({ name }) => name === check)?.weight ?? 0) > 0)
  );
}

/** As for the score, repeats of a case are averaged first. */
function meanOfCheck(cells: readonly CellResult[], check: string): number | null {
  const means = meansByCase(cells, (cell) => cell.checks.find((score) => score.check === check)?.score ?? null);
  return means.size === 0 ? null : mean([...means.values()]);
}

/** Two variants by id, with the cells of both. */
export interface Pairing {
  readonly variant: string;
  readonly baseline: string;
  readonly cells: readonly CellResult[];
  readonly baselineCells: readonly CellResult[];
}

/** Judges all pairings of a report together, each on the cases that both variants have. */
export function compareVariants(pairings: readonly Pairing[], seed: number): readonly Comparison[] {
  const pairs = pairings
    .map((pairing) => ({ pairing, perCase: differencesOf(pairing) }))
    .filter(({ perCase }) => perCase.length > 0);
  const results = comparePaired(
    pairs.map(({ perCase }) => perCase.map(({ difference }) => difference)),
    seed,
  );
  return pairs.flatMap(({ pairing, perCase }, index) => {
    const result = results[index];
    if (!result) return [];
    const { detectable, ...rest } = result;
    return [
      {
        variant: pairing.variant,
        baseline: pairing.baseline,
        cases: perCase.length,
        ...rest,
        ...(detectable !== undefined && { detectable }),
        ...flipsOf(pairing),
        perCase: [...perCase],
      },
    ];
  });
}

function differencesOf({ cells, baselineCells }: Pairing): Comparison["perCase"] {
  const baseline = scoresByCase(baselineCells);
  return [...scoresByCase(cells)].flatMap(([id, score]) => {
    const other = baseline.get(id);
    return other === undefined ? [] : [{ case: id, difference: score - other }];
  });
}

/** A case passes when most of its repeats do. */
function flipsOf({ cells, baselineCells }: Pairing): Pick<Comparison, "gained" | "lost"> {
  const baseline = passesByCase(baselineCells);
  const both = [...passesByCase(cells)].flatMap(([id, share]) => {
    const other = baseline.get(id);
    return other === undefined ? [] : [{ id, now: share > 0.5, before: other > 0.5 }];
  });
  return {
    gained: both.filter(({ now, before }) => now && !before).map(({ id }) => id),
    lost: both.filter(({ now, before }) => !now && before).map(({ id }) => id),
  };
}

/**
 * Sets two runs side by side as one report, in which each variant of the second is compared with the variant of the same name in the
 * first; where each run has one variant, with that.
 * @throws GptOssError `usage` when no variant is in both
 */
export function compareRuns(before: Results, after: Results): Results {
  const only = before.variants.length === 1 && after.variants.length === 1;
  const pairs = after.variants.flatMap((variant) => {
    const other = only ? before.variants[0] : before.variants.find(({ id }) => id === variant.id);
    return other ? [{ variant, other }] : [];
  });
  if (pairs.length === 0) {
    throw createError("nothingInCommon", [before.run, after.run, namesOf(before), namesOf(after)]);
  }
  const labels = labelsOf(before, after);
  const changed = new Set(changedCases(before, after));
  const pairings = pairs.map(({ variant, other }) => ({
    variant: label(variant.id, labels.after),
    baseline: label(other.id, labels.before),
    cells: cellsOf(after, variant).filter((cell) => !changed.has(cell.case)),
    baselineCells: cellsOf(before, other),
  }));
  return {
    ...after,
    run: `${before.run} → ${after.run}`,
    baseline: "",
    // that runs of the second were added to says nothing of this comparison
    earlier: undefined,
    repeats: Math.max(before.repeats, after.repeats),
    models: [...new Map([...before.models, ...after.models].map((model) => [model.hash, model])).values()],
    checks: [...new Map([...before.checks, ...after.checks].map((check) => [check.name, check])).values()],
    cases: [...new Map([...before.cases, ...after.cases].map((input) => [input.id, input])).values()],
    variants: [...relabel(before, labels.before), ...relabel(after, labels.after)],
    comparisons: [...compareVariants(pairings, after.seed)],
    requirements: [],
    agreements: [],
    cells: [...relabelCells(before, labels.before), ...relabelCells(after, labels.after)],
    prompts: { ...before.prompts, ...after.prompts },
  };
}

/** Cases that are called alike and say something else: their answers can't be compared. */
export function changedCases(before: Results, after: Results): readonly string[] {
  const known = new Map(before.cases.map((input) => [input.id, contentOf(input)]));
  return after.cases.flatMap((input) => {
    const content = known.get(input.id);
    return content === undefined || content === contentOf(input) ? [] : [input.id];
  });
}

function contentOf({ variables, expected }: Results["cases"][number]): string {
  return JSON.stringify([Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1)), expected]);
}

function labelsOf(before: Results, after: Results): { readonly before: string; readonly after: string } {
  return before.run === after.run ? { before: "before", after: "after" } : { before: before.run, after: after.run };
}

function label(variant: string, run: string): string {
  return `${variant} (${run})`;
}

function relabel({ variants }: Results, run: string): VariantSummary[] {
  return variants.map((variant) => ({ ...variant, id: label(variant.id, run) }));
}

function relabelCells({ cells }: Results, run: string): CellResult[] {
  return cells.map((cell) => ({ ...cell, variant: label(cell.variant, run) }));
}

function cellsOf({ cells }: Results, { id }: VariantSummary): readonly CellResult[] {
  return cells.filter(({ variant }) => variant === id);
}

function namesOf({ variants }: Results): string {
  return variants.map(({ id }) => id).join(", ");
}
