import * as Plot from "@observablehq/plot";
import type { CellResult, Results } from "../../results/results.ts";
import { describeComparison } from "../sentences.ts";
import { element, section } from "./element.ts";

const WIDTH = 760;

/** Everything that is seen better than read. What a chart shows stands in the tables too. */
export function chartsSection(results: Results): HTMLElement {
  const answered = results.cells.filter(isAnswered);
  return section(
    "charts",
    "Charts",
    figure("Scores with 95% intervals", scoreChart(results)),
    ...results.comparisons.map((comparison) =>
      figure(`${comparison.arm} − ${comparison.baseline}, case by case`, differenceChart(comparison, results)),
    ),
    ...(answered.length === 0
      ? []
      : [
          figure("Tokens of a cell: thinking and answer apart", tokenChart(results)),
          figure(
            "Length of the answers, in characters",
            histogram(answered, "characters", ({ answer }) => answer.final.length),
          ),
          figure(
            "Thinking, in tokens",
            histogram(answered, "tokens", ({ answer }) => answer.tokens.thinking),
          ),
          figure("Latency, in milliseconds, by the server's clock", histogram(answered, "ms", latencyOf)),
          figure("Share of prompt tokens that came from the cache", cacheChart(results)),
        ]),
  );
}

type Answered = CellResult & { readonly answer: NonNullable<CellResult["answer"]> };

function isAnswered(cell: CellResult): cell is Answered {
  return cell.answer !== undefined;
}

function latencyOf({ answer }: Answered): number {
  return answer.promptMs + answer.generationMs;
}

function figure(title: string, chart: Element): HTMLElement {
  return element("figure", {}, element("figcaption", {}, title), chart);
}

/** Room for the longest name on the left. */
function marginFor(names: readonly string[]): number {
  return Math.min(320, 24 + 7 * Math.max(...names.map((name) => name.length)));
}

function scoreChart({ arms, comparisons }: Results): Element {
  const compared = new Set(comparisons.map(({ arm }) => arm));
  const scored = arms.flatMap(({ id, score }) => (score ? [{ id, compared: compared.has(id), ...score }] : []));
  const ids = arms.map(({ id }) => id);
  return Plot.plot({
    width: WIDTH,
    marginLeft: marginFor(ids),
    ariaLabel: "Scores of the arms with their intervals",
    ariaDescription: scored
      .map(({ id, mean, low, high }) => `${id}: ${mean.toFixed(2)}, ${low.toFixed(2)} to ${high.toFixed(2)}`)
      .join("; "),
    x: { domain: [0, 1], grid: true, label: "score" },
    y: { domain: ids, label: null },
    marks: [
      Plot.ruleY(scored, {
        y: "id",
        x1: "low",
        x2: "high",
        stroke: "var(--accent)",
        strokeWidth: 3,
        strokeLinecap: "round",
      }),
      Plot.dot(scored, {
        y: "id",
        x: "mean",
        r: 6,
        fill: (arm: { compared: boolean }) => (arm.compared ? "var(--accent)" : "var(--muted)"),
        tip: true,
      }),
    ],
  });
}

function differenceChart(comparison: Results["comparisons"][number], { arms }: Results): Element {
  const { perCase, difference } = comparison;
  const sorted = perCase.toSorted((a, b) => a.difference - b.difference);
  // beyond this many cases their names are no longer readable, and the shape of all of them says more
  const named = sorted.length <= 60;
  return Plot.plot({
    width: WIDTH,
    height: named ? 60 + 16 * sorted.length : 300,
    marginLeft: named ? marginFor(sorted.map((one) => one.case)) : 40,
    ariaLabel: `Difference of each case between ${comparison.arm} and ${comparison.baseline}, of ${arms.length} arms`,
    ariaDescription: describeComparison(comparison),
    x: { domain: [-1, 1], grid: true, label: "difference of the case's score" },
    y: { domain: sorted.map((one) => one.case), label: null, axis: named ? "left" : null },
    marks: [
      Plot.rectX([difference], { x1: "low", x2: "high", fill: "var(--muted)", fillOpacity: 0.25 }),
      Plot.ruleX([0], { stroke: "currentColor" }),
      Plot.ruleX([difference.mean], { stroke: "var(--accent)", strokeDasharray: "4 3" }),
      Plot.ruleY(sorted, { y: "case", x1: 0, x2: "difference", stroke: colourOf, strokeWidth: named ? 2 : 1 }),
      Plot.dot(sorted, { y: "case", x: "difference", r: named ? 4 : 1.5, fill: colourOf, tip: true }),
    ],
  });
}

function colourOf({ difference }: { readonly difference: number }): string {
  if (difference === 0) return "var(--muted)";
  return difference > 0 ? "var(--better)" : "var(--worse)";
}

function tokenChart({ arms }: Results): Element {
  const rows = arms.flatMap(({ id, thinkingTokens, answerTokens }) => [
    { id, kind: "thinking", tokens: thinkingTokens },
    { id, kind: "answer", tokens: answerTokens },
  ]);
  return Plot.plot({
    width: WIDTH,
    marginLeft: marginFor(arms.map(({ id }) => id)),
    ariaLabel: "Mean tokens of a cell by arm, thinking and answer",
    ariaDescription: arms
      .map(
        ({ id, thinkingTokens, answerTokens }) =>
          `${id}: ${Math.round(thinkingTokens)} thinking, ${Math.round(answerTokens)} answer`,
      )
      .join("; "),
    color: { domain: ["thinking", "answer"], range: ["var(--think)", "var(--accent)"], legend: true },
    x: { grid: true, label: "tokens, mean" },
    y: { domain: arms.map(({ id }) => id), label: null },
    marks: [
      Plot.barX(rows, { y: "id", x: "tokens", fill: "kind", order: ["thinking", "answer"], tip: true }),
      Plot.ruleX([0]),
    ],
  });
}

function histogram(cells: readonly Answered[], label: string, read: (cell: Answered) => number): Element {
  const rows = cells.map((cell) => ({ arm: cell.arm, value: read(cell) }));
  const ids = [...new Set(rows.map(({ arm }) => arm))];
  return Plot.plot({
    width: WIDTH,
    height: 60 + 70 * ids.length,
    marginLeft: 50,
    marginRight: marginFor(ids),
    ariaLabel: `Distribution of ${label} by arm`,
    x: { label, grid: true },
    y: { label: "cells", ticks: 3, grid: true },
    fy: { label: null, domain: ids },
    marks: [
      Plot.rectY(
        rows,
        Plot.binX<Plot.RectYOptions>({ y: "count" }, { x: "value", fy: "arm", fill: "var(--accent)", tip: true }),
      ),
      Plot.ruleY([0]),
    ],
  });
}

function cacheChart({ arms }: Results): Element {
  return Plot.plot({
    width: WIDTH,
    marginLeft: marginFor(arms.map(({ id }) => id)),
    ariaLabel: "Share of prompt tokens from the server's cache by arm",
    ariaDescription: arms.map(({ id, cacheShare }) => `${id}: ${Math.round(cacheShare * 100)} percent`).join("; "),
    x: { domain: [0, 1], percent: false, tickFormat: "%", grid: true, label: "cached" },
    y: { domain: arms.map(({ id }) => id), label: null },
    marks: [Plot.barX(arms, { y: "id", x: "cacheShare", fill: "var(--accent)", tip: true }), Plot.ruleX([0])],
  });
}
