import { groupBy } from "../plan/order.ts";
import { fewestDifferences } from "../statistics/sign-flip.ts";
import type { Manifest } from "./results.ts";

type Plan = Pick<Manifest, "run" | "variants" | "cells">;

/** With fewer cases no verdict is possible, so that a trial of a few cases decides nothing. */
const FEWEST_CASES = fewestDifferences(0.05);

/**
 * Earlier runs that compared the same variants on some of this run's cases and on no others. Who adds cases until a difference shows finds
 * one too often: each look is a chance of a false alarm.
 */
export function earlierRuns(run: Plan, others: readonly Plan[]): NonNullable<Manifest["earlier"]> {
  const now = comparisonsIn(run);
  return others
    .flatMap((other) => {
      const sizes = [...comparisonsIn(other)].flatMap(([variants, before]) => {
        const after = now.get(variants);
        const isPart = after && before.cases < after.cases && before.keys.every((key) => after.known.has(key));
        return isPart && before.cases >= FEWEST_CASES ? [before.cases] : [];
      });
      return sizes.length === 0 ? [] : [{ run: other.run, cases: Math.max(...sizes) }];
    })
    .toSorted((one, other) => one.cases - other.cases);
}

interface ComparedCells {
  readonly cases: number;
  readonly keys: readonly string[];
  readonly known: ReadonlySet<string>;
}

function comparisonsIn({ variants, cells }: Plan): ReadonlyMap<string, ComparedCells> {
  const byVariant = groupBy(cells, ({ variant }) => variant);
  return new Map(
    variants.flatMap(({ id, baseline }) => {
      if (baseline === undefined) return [];
      const both = [...(byVariant.get(id) ?? []), ...(byVariant.get(baseline) ?? [])];
      const keys = both.map(({ key }) => key);
      const cases = new Set(both.map((cell) => cell.case)).size;
      return [[JSON.stringify([id, baseline]), { cases, keys, known: new Set(keys) }] as const];
    }),
  );
}
