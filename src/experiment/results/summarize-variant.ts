import { isAbsent } from "../answer.ts";
import type { Check } from "../checks/check.ts";
import { groupBy } from "../plan/order.ts";
import { mean, median, estimateScore } from "../statistics/estimates.ts";
import type { ArmSummary, CellResult } from "./results.ts";

type ArmFacts = Pick<ArmSummary, "id" | "variant" | "model" | "effort" | "temperature" | "maxTokens" | "prompt">;

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

/** What the cells of one arm come to. A cell that failed counts as a cell and for nothing else, unless its request was refused. */
export function summarizeArm(
  { id, variant, model, effort, temperature, maxTokens, prompt }: ArmFacts,
  cells: readonly CellResult[],
  checks: readonly Pick<Check, "name" | "weight">[],
): ArmSummary {
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
    variant,
    model,
    effort,
    temperature,
    maxTokens,
    prompt,
    cells: cells.length,
    answered: answered.length,
    errors: cells.filter(({ error }) => error !== undefined).length,
    truncated: answered.filter(({ answer }) => answer.finishReason === "length").length,
    ...countUnjudged(cells, checks),
    score,
    passRate: passes.length === 0 ? null : mean(passes),
    checks: Object.fromEntries(checks.map(({ name }) => [name, meanOfCheck(cells, name)])),
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
