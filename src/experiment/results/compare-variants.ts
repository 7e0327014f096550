import { failed } from "../../i18n/error-messages.ts";
import { comparePaired } from "../statistics/compare.ts";
import type { CellResult, Comparison, ArmSummary, Results } from "./results.ts";
import { passesByCase, scoresByCase } from "./summarize-variant.ts";

/** Two arms by id, with the cells of both. */
export interface Pairing {
  readonly arm: string;
  readonly baseline: string;
  readonly cells: readonly CellResult[];
  readonly baselineCells: readonly CellResult[];
}

/** Judges all pairings of a report together, each on the cases that both arms have. */
export function compareArms(pairings: readonly Pairing[], seed: number): readonly Comparison[] {
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
        arm: pairing.arm,
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
 * Sets two runs side by side as one report, in which each arm of the second is compared with the arm of the same name in the
 * first; where each run has one arm, with that.
 * @throws GptOssError `usage` when no arm is in both
 */
export function compareRuns(before: Results, after: Results): Results {
  const only = before.arms.length === 1 && after.arms.length === 1;
  const pairs = after.arms.flatMap((arm) => {
    const other = only ? before.arms[0] : before.arms.find(({ id }) => id === arm.id);
    return other ? [{ arm, other }] : [];
  });
  if (pairs.length === 0) {
    throw failed("nothingInCommon", [before.run, after.run, namesOf(before), namesOf(after)]);
  }
  const labels = labelsOf(before, after);
  const changed = new Set(changedCases(before, after));
  const pairings = pairs.map(({ arm, other }) => ({
    arm: label(arm.id, labels.after),
    baseline: label(other.id, labels.before),
    cells: cellsOf(after, arm).filter((cell) => !changed.has(cell.case)),
    baselineCells: cellsOf(before, other),
  }));
  return {
    ...after,
    run: `${before.run} → ${after.run}`,
    baseline: "",
    repeats: Math.max(before.repeats, after.repeats),
    models: [...new Map([...before.models, ...after.models].map((model) => [model.hash, model])).values()],
    checks: [...new Map([...before.checks, ...after.checks].map((check) => [check.name, check])).values()],
    cases: [...new Map([...before.cases, ...after.cases].map((input) => [input.id, input])).values()],
    arms: [...relabel(before, labels.before), ...relabel(after, labels.after)],
    comparisons: [...compareArms(pairings, after.seed)],
    requirements: [],
    agreements: [],
    cells: [...relabelCells(before, labels.before), ...relabelCells(after, labels.after)],
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

function label(arm: string, run: string): string {
  return `${arm} (${run})`;
}

function relabel({ arms }: Results, run: string): ArmSummary[] {
  return arms.map((arm) => ({ ...arm, id: label(arm.id, run) }));
}

function relabelCells({ cells }: Results, run: string): CellResult[] {
  return cells.map((cell) => ({ ...cell, arm: label(cell.arm, run) }));
}

function cellsOf({ cells }: Results, { id }: ArmSummary): readonly CellResult[] {
  return cells.filter(({ arm }) => arm === id);
}

function namesOf({ arms }: Results): string {
  return arms.map(({ id }) => id).join(", ");
}
