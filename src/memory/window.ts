/** After a cut the window has at least this share of the budget: enough to go on from, little enough that the next cut is far. */
export const KEPT_SHARE = 1 / 3;

export interface CutPlan {
  /** Turns that could be kept, oldest first; 0 is what is sent now. */
  readonly turns: number;
  /** Tokens. */
  readonly budget: number;
  /** Tokens of the budget that are to stay free. */
  readonly reserve?: number;
  /**
   * Tokens of everything that is sent when the first `dropped` turns are not: system message, summary, the turns that are left and the
   * new question. Never more for a larger `dropped`.
   */
  readonly measure: (dropped: number) => Promise<number>;
  readonly keptShare?: number;
}

/**
 * How many turns to drop, once the window is over its budget. The server reads everything after a cut anew, so it is made rarely and
 * far: as many turns go as leave a share of the budget filled, and more if what is left would not fit.
 */
export async function planCut({
  turns,
  budget,
  reserve = 0,
  measure,
  keptShare = KEPT_SHARE,
}: CutPlan): Promise<number> {
  const known = new Map<number, Promise<number>>();
  const measured = (dropped: number) => {
    const tokens = known.get(dropped) ?? measure(dropped);
    known.set(dropped, tokens);
    return tokens;
  };
  const fewest = await firstWhere(turns, async (dropped) => (await measured(dropped)) + reserve <= budget);
  const tooFew = await firstWhere(turns, async (dropped) => (await measured(dropped)) < keptShare * budget);
  return Math.max(fewest, tooFew - 1);
}

/** The first number from 0 to `end` of which `test` holds (bisected: once true, always true), or `end`. */
export async function firstWhere(end: number, test: (value: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
