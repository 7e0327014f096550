import { median } from "./measure.ts";

/** One line of the summary: something of ours beside a peer that was measured in the same run. */
export interface Comparison {
  /** What was measured, with its unit. */
  readonly what: string;
  readonly peer: string;
  /** Ours divided by the peer's, the median of the rounds, and the least and the most of them. */
  readonly ratio: number;
  readonly from: number;
  readonly to: number;
  readonly rounds: number;
  readonly goal: Goal | undefined;
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** Compares what was measured side by side, round by round, so that a machine that is busy for a while slows both. */
export function compareRounds(
  what: string,
  peer: string,
  own: readonly number[],
  theirs: readonly number[],
  goal?: Goal,
): Comparison {
  const ratios = own.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return {
    what,
    peer,
    ratio: median(ratios),
    from: Math.min(...ratios),
    to: Math.max(...ratios),
    rounds: ratios.length,
    goal,
  };
}

/** A comparison of something that is measured once. */
export function compareOnce(what: string, peer: string, ratio: number, goal?: Goal): Comparison {
  return { what, peer, ratio, from: ratio, to: ratio, rounds: 1, goal };
}

/** "yes", "no", or nothing where there is no goal. */
export function verdict({ ratio, goal }: Comparison): string {
  if (goal === undefined) return "";
  const met = "atLeast" in goal ? ratio >= goal.atLeast : ratio <= goal.atMost;
  return met ? "yes" : "no";
}

export function goalText(goal: Goal | undefined): string {
  if (goal === undefined) return "";
  return "atLeast" in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
}
