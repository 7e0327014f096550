import { describe, expect, it } from "@jest/globals";
import { detectableDifference, holm } from "../../../src/experiment/statistics/compare.ts";
import { normalQuantile } from "../../../src/experiment/statistics/distributions.ts";
import { mean, estimateScore } from "../../../src/experiment/statistics/estimates.ts";
import { Random, signFlipTest } from "../../../src/experiment/statistics/sign-flip.ts";

const CASES = 40;
const REPEATS = 3;
/** Fewer than in a report, to be quick; the p-value is as honest with any number. */
const DRAWS = 999;

/** Two variants on the same cases, most of them easy or hard (arcsine distribution); the second one lifts 60 % of them by `lift`. */
function simulate(random: Random, lift: number): { readonly a: number[]; readonly b: number[] } {
  const a: number[] = [];
  const b: number[] = [];
  for (let index = 0; index < CASES; index++) {
    const chance = Math.sin((Math.PI / 2) * random.fraction()) ** 2;
    const lifted = random.fraction() < 0.6 ? Math.min(1, chance + lift) : chance;
    const draw = (probability: number) =>
      mean(Array.from({ length: REPEATS }, () => (random.fraction() < probability ? 1 : 0)));
    a.push(draw(chance));
    b.push(draw(lifted));
  }
  return { a, b };
}

/** The first simpler method: all answers thrown together, as if the two variants had met different cases. */
function pooledTest(a: readonly number[], b: readonly number[]): boolean {
  const count = CASES * REPEATS;
  const pooled = (mean(a) + mean(b)) / 2;
  const z = (mean(b) - mean(a)) / Math.sqrt((2 * pooled * (1 - pooled)) / count);
  return Math.abs(z) > normalQuantile(0.975);
}

/** The second: whether the two intervals overlap. */
function intervalsApart(a: readonly number[], b: readonly number[]): boolean {
  const [first, second] = [estimateScore(a), estimateScore(b)];
  return first.high < second.low || second.high < first.low;
}

function shareOf(runs: number, lift: number) {
  const random = new Random(11);
  const found = { signFlip: 0, pooled: 0, intervals: 0 };
  for (let run = 0; run < runs; run++) {
    const { a, b } = simulate(random, lift);
    const differences = b.map((score, index) => score - (a[index] ?? 0));
    if (signFlipTest(differences, random, DRAWS).pValue <= 0.05) found.signFlip++;
    if (pooledTest(a, b)) found.pooled++;
    if (intervalsApart(a, b)) found.intervals++;
  }
  return { signFlip: found.signFlip / runs, pooled: found.pooled / runs, intervals: found.intervals / runs };
}

describe("on simulated experiments, the paired test", () => {
  it("raises a false alarm in at most 5 % of those without a difference", () => {
    const { signFlip } = shareOf(400, 0);
    // three standard errors of 400 runs above 5 %
    expect(signFlip).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 400));
  });

  it("finds a difference more often than pooling all answers or looking whether intervals overlap", () => {
    const power = shareOf(300, 0.3);
    expect(power.signFlip).toBeGreaterThan(power.pooled);
    expect(power.pooled).toBeGreaterThan(power.intervals);
    expect(power.signFlip).toBeGreaterThan(0.4);
  });

  it("raises any false alarm among five comparisons in at most 5 % of reports", () => {
    const random = new Random(5);
    const runs = 200;
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const { a } = simulate(random, 0);
      const comparisons = Array.from({ length: 5 }, () => {
        const b = simulate(random, 0).a;
        return b.map((score, index) => score - (a[index] ?? 0));
      });
      const adjusted = holm(comparisons.map((differences) => signFlipTest(differences, random, DRAWS).pValue));
      if (adjusted.some((pValue) => pValue <= 0.05)) alarms++;
    }
    expect(alarms / runs).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs));
  });

  it("finds the difference that it says it can find about four times in five", () => {
    const random = new Random(9);
    const runs = 200;
    const pilot = simulate(random, 0);
    const noise = pilot.b.map((score, index) => score - (pilot.a[index] ?? 0));
    const centered = noise.map((value) => value - mean(noise));
    const detectable = detectableDifference(centered, 0.05) ?? 0;
    let found = 0;
    for (let run = 0; run < runs; run++) {
      const sample = centered.map(() => (centered[random.below(CASES)] ?? 0) + detectable);
      if (signFlipTest(sample, random, DRAWS).pValue <= 0.05) found++;
    }
    expect(found / runs).toBeGreaterThan(0.68);
    expect(found / runs).toBeLessThan(0.92);
  });
});
