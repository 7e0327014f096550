import { describe, expect, it } from "@jest/globals";
import { estimateScore } from "../../../src/experiment/statistics/estimates.ts";
import { pairedInterval, Random, signFlipTest } from "../../../src/experiment/statistics/sign-flip.ts";

/** How often intervals hold the true mean, by simulation with fixed seeds. docs/experiments.md states what comes out. */

type Draw = (random: Random) => number;

const uniform: Draw = (random) => random.fraction();
const easy: Draw = (random) => Math.sqrt(random.fraction());
const noise: Draw = (random) => random.fraction() + random.fraction() + random.fraction() - 1.4;
const apart: Draw = (random) => easy(random) - uniform(random);
const seldom: Draw = (random) => (random.fraction() < 0.3 ? 0.8 * random.fraction() : 0);

function coverage(runs: number, holds: () => boolean): number {
  let covered = 0;
  for (let run = 0; run < runs; run++) if (holds()) covered++;
  return covered / runs;
}

const between = (value: number, { low, high }: { readonly low: number; readonly high: number }) =>
  low - 1e-9 <= value && value <= high + 1e-9;

const sample = (draw: Draw, count: number, random: Random) => Array.from({ length: count }, () => draw(random));

/** Chance of each count of passes. */
function binomial(count: number, chance: number): number[] {
  const chances = [(1 - chance) ** count];
  for (let passed = 1; passed <= count; passed++) {
    chances.push(((chances[passed - 1] ?? 0) * (count - passed + 1) * chance) / (passed * (1 - chance)));
  }
  return chances;
}

describe("the interval of a score", () => {
  it.each([5, 8, 12, 30])("holds the true pass rate of %d cases at least 95% of the time", (count) => {
    const intervals = Array.from({ length: count + 1 }, (_, passed) =>
      estimateScore(Array.from({ length: count }, (_value, index) => (index < passed ? 1 : 0))),
    );
    for (let rate = 0.01; rate < 1; rate += 0.03) {
      const covered = binomial(count, rate)
        .filter((_chance, passed) => between(rate, intervals[passed] ?? { low: 1, high: 0 }))
        .reduce((sum, chance) => sum + chance, 0);
      expect(covered).toBeGreaterThanOrEqual(0.95);
    }
  });

  it.each([
    ["uniform", uniform, 0.5, 5, 0.92],
    ["uniform", uniform, 0.5, 8, 0.93],
    ["uniform", uniform, 0.5, 20, 0.93],
    ["easy", easy, 2 / 3, 5, 0.92],
    ["easy", easy, 2 / 3, 8, 0.93],
    ["easy", easy, 2 / 3, 20, 0.93],
  ])("holds the true mean of %s scores", (_name, draw, truth, count, least) => {
    const random = new Random(count);
    const covered = coverage(2_000, () => between(truth, estimateScore(sample(draw, count, random))));
    expect(covered).toBeGreaterThan(least);
    expect(covered).toBeLessThan(0.97);
  });
});

describe("the interval of a difference", () => {
  it.each([6, 12, 20])("holds the true difference of passes in %d cases at least 95% of the time", (count) => {
    const random = new Random(1);
    const interval = (better: number, worse: number) =>
      pairedInterval(
        Array.from({ length: count }, (_, index) => (index < better ? 1 : index < better + worse ? -1 : 0)),
        0.05,
        random,
      );
    const intervals = new Map<number, ReturnType<typeof interval>>();
    for (let better = 0; better <= count; better++)
      for (let worse = 0; better + worse <= count; worse++)
        intervals.set(better * 100 + worse, interval(better, worse));
    for (const differing of [0.05, 0.2, 0.5, 0.9]) {
      for (const share of [0.01, 0.25, 0.5, 0.8, 0.99]) {
        const truth = differing * (2 * share - 1);
        let covered = 0;
        for (const [differ, chance] of binomial(count, differing).entries())
          for (const [better, chanceOfBetter] of binomial(differ, share).entries())
            if (between(truth, intervals.get(better * 100 + differ - better) ?? { low: 1, high: 0 }))
              covered += chance * chanceOfBetter;
        expect(covered).toBeGreaterThanOrEqual(0.95);
      }
    }
  });

  it.each([
    ["noise", noise, 0.1, 8],
    ["noise", noise, 0.1, 12],
    ["one variant better", apart, 2 / 3 - 0.5, 8],
    ["one variant better", apart, 2 / 3 - 0.5, 12],
  ])("holds the true mean of continuous differences: %s", (_name, draw, truth, count) => {
    const random = new Random(count);
    const covered = coverage(800, () => between(truth, pairedInterval(sample(draw, count, random), 0.05, random)));
    expect(covered).toBeGreaterThan(0.93);
    expect(covered).toBeLessThan(0.975);
  });

  it.each([
    ["noise", noise],
    ["few that differ", seldom],
    ["thirds", (random: Random) => Math.round(3 * apart(random)) / 3],
    ["passes", (random: Random) => Math.round(apart(random) * 0.9)],
  ])("leaves 0 out exactly when the test finds a difference: %s", (_name, draw) => {
    const random = new Random(3);
    for (let run = 0; run < 150; run++) {
      const values = sample(draw, 1 + random.below(14), random);
      const { low, high } = pairedInterval(values, 0.05, random);
      const isFound = signFlipTest(values, random).pValue <= 0.05;
      expect({ values, leavesOut: low > 1e-9 || high < -1e-9 }).toEqual({ values, leavesOut: isFound });
    }
  });
});
