import { comparePaired } from "../statistics/compare.ts";
import { passesByCase, scoresByCase } from "./summarize-arm.ts";
import type { CellResult, Comparison } from "./results.ts";

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
