import * as Plot from "@observablehq/plot";
import type { CellResult, Results } from "../../results/results.ts";
import { describeComparison } from "../tables.ts";
import type { ReportText } from "../../../i18n/catalogue.ts";
import { element, section } from "./element.ts";

type Words = ReportText["page"];

/** A wider chart would be scaled down on a small screen, its text with it; 40 pixels are the page's margins. */
const WIDTH = Math.min(760, Math.max(320, document.documentElement.clientWidth - 40));

/** Everything that is seen better than read. What a chart shows stands in the tables too. */
export function chartsSection(results: Results, words: ReportText): HTMLElement {
  const { page } = words;
  const answered = results.cells.filter(isAnswered);
  return section(
    "charts",
    page.charts,
    figure(page.scoresChart, scoreChart(results, page)),
    ...results.comparisons.map((comparison) =>
      figure(page.differenceChart(comparison.variant, comparison.baseline), differenceChart(comparison, words)),
    ),
    ...(answered.length === 0
      ? []
      : [
          figure(page.tokensChart, tokenChart(results, page)),
          figure(
            page.lengthChart,
            histogram(answered, page.characters, ({ answer }) => answer.final.length, page),
          ),
          figure(
            page.thinkingChart,
            histogram(answered, page.tokens, ({ answer }) => answer.tokens.thinking, page),
          ),
          figure(page.latencyChart, histogram(answered, "ms", latencyOf, page)),
          figure(page.cacheChart, cacheChart(results, page)),
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

function scoreChart({ variants, comparisons }: Results, page: Words): Element {
  const compared = new Set(comparisons.map(({ variant }) => variant));
  const scored = variants.flatMap(({ id, score }) => (score ? [{ id, compared: compared.has(id), ...score }] : []));
  const ids = variants.map(({ id }) => id);
  return Plot.plot({
    width: WIDTH,
    marginLeft: marginFor(ids),
    ariaLabel: page.scoresLabel,
    ariaDescription: scored
      .map(({ id, mean, low, high }) => `${id}: ${mean.toFixed(2)}, ${page.interval(low.toFixed(2), high.toFixed(2))}`)
      .join("; "),
    x: { domain: [0, 1], grid: true, label: page.score },
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
        fill: (variant: { compared: boolean }) => (variant.compared ? "var(--accent)" : "var(--muted)"),
        tip: true,
      }),
    ],
  });
}

function differenceChart(comparison: Results["comparisons"][number], words: ReportText): Element {
  const { perCase, difference } = comparison;
  const sorted = perCase.toSorted((a, b) => a.difference - b.difference);
  // beyond this many cases their names are no longer readable, and the shape of all of them says more
  const named = sorted.length <= 60;
  return Plot.plot({
    width: WIDTH,
    height: named ? 60 + 16 * sorted.length : 300,
    marginLeft: named ? marginFor(sorted.map((one) => one.case)) : 40,
    ariaLabel: words.page.differenceLabel(comparison.variant, comparison.baseline),
    ariaDescription: describeComparison(comparison, words),
    x: { domain: [-1, 1], grid: true, label: words.page.differenceAxis },
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

function tokenChart({ variants }: Results, page: Words): Element {
  const rows = variants.flatMap(({ id, thinkingTokens, answerTokens }) => [
    { id, kind: page.thinking, tokens: thinkingTokens },
    { id, kind: page.answer, tokens: answerTokens },
  ]);
  return Plot.plot({
    width: WIDTH,
    marginLeft: marginFor(variants.map(({ id }) => id)),
    ariaLabel: page.tokensLabel,
    ariaDescription: variants
      .map(
        ({ id, thinkingTokens, answerTokens }) =>
          `${id}: ${page.thinking} ${Math.round(thinkingTokens)}, ${page.answer} ${Math.round(answerTokens)}`,
      )
      .join("; "),
    color: { domain: [page.thinking, page.answer], range: ["var(--think)", "var(--accent)"], legend: true },
    x: { grid: true, label: page.tokensMean },
    y: { domain: variants.map(({ id }) => id), label: null },
    marks: [
      Plot.barX(rows, { y: "id", x: "tokens", fill: "kind", order: [page.thinking, page.answer], tip: true }),
      Plot.ruleX([0]),
    ],
  });
}

function histogram(cells: readonly Answered[], label: string, read: (cell: Answered) => number, page: Words): Element {
  const rows = cells.map((cell) => ({ variant: cell.variant, value: read(cell) }));
  const ids = [...new Set(rows.map(({ variant }) => variant))];
  return Plot.plot({
    width: WIDTH,
    height: 60 + 70 * ids.length,
    marginLeft: 50,
    marginRight: marginFor(ids),
    ariaLabel: page.distribution(label),
    x: { label, grid: true },
    y: { label: page.cells, ticks: 3, grid: true },
    fy: { label: null, domain: ids },
    marks: [
      Plot.rectY(
        rows,
        Plot.binX<Plot.RectYOptions>({ y: "count" }, { x: "value", fy: "variant", fill: "var(--accent)", tip: true }),
      ),
      Plot.ruleY([0]),
    ],
  });
}

function cacheChart({ variants }: Results, page: Words): Element {
  return Plot.plot({
    width: WIDTH,
    marginLeft: marginFor(variants.map(({ id }) => id)),
    ariaLabel: page.cacheLabel,
    ariaDescription: variants.map(({ id, cacheShare }) => `${id}: ${Math.round(cacheShare * 100)}%`).join("; "),
    x: { domain: [0, 1], percent: false, tickFormat: "%", grid: true, label: page.cached },
    y: { domain: variants.map(({ id }) => id), label: null },
    marks: [Plot.barX(variants, { y: "id", x: "cacheShare", fill: "var(--accent)", tip: true }), Plot.ruleX([0])],
  });
}
