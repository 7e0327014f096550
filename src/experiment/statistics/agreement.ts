export interface Agreement {
  /** How many answers both have judged. */
  readonly count: number;
  /** Share of them that both judged alike. */
  readonly share: number;
  /** Cohen's kappa (Cohen 1960): 1 for full agreement, 0 for what chance alone gives; NaN when both always say the same. */
  readonly kappa: number;
}

/** How far two judges agree on yes and no. */
export function agreementOf(pairs: readonly (readonly [boolean, boolean])[]): Agreement {
  const count = pairs.length;
  const share = pairs.filter(([a, b]) => a === b).length / count;
  const yesOfFirst = pairs.filter(([a]) => a).length / count;
  const yesOfSecond = pairs.filter(([, b]) => b).length / count;
  const byChance = yesOfFirst * yesOfSecond + (1 - yesOfFirst) * (1 - yesOfSecond);
  return { count, share, kappa: (share - byChance) / (1 - byChance) };
}
