import { readFileSync, writeFileSync } from "node:fs";
import { type Comparison, goalText, verdict } from "./comparison.ts";

/** Rows of numbers and words, all with the same columns. */
export type Table = readonly object[];

/** What one run of the benchmarks came to; as JSON, numbers that are none (NaN) are null. */
export interface Report {
  readonly machine: Readonly<Record<string, string | number | undefined>>;
  readonly comparisons: readonly Comparison[];
  readonly tables: Readonly<Record<string, Table>>;
}

const BEGIN = "<!-- figures -->";
const END = "<!-- /figures -->";

export function summaryRow(comparison: Comparison): object {
  const { what, peer, ratio, from, to, rounds, goal } = comparison;
  return { what, beside: peer, ratio, from, to, rounds, goal: goalText(goal), met: verdict(comparison) };
}

/** For a terminal: words stand left, numbers right. */
export function formatTable(rows: Table): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => Object.values(row).map(formatValue))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, isWordy(rows, column))).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** The same figures for docs/performance.md: the machine, the summary, and the table of each benchmark. */
export function formatMarkdown({ machine, comparisons, tables }: Report): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value ?? "unknown"}`);
  return [
    facts.join(" · "),
    "",
    markdownTable(comparisons.map(summaryRow)),
    ...Object.entries(tables).flatMap(([name, rows]) => [`### ${name}`, "", markdownTable(rows)]),
  ].join("\n");
}

/** Puts the figures in the place that a page has for them. */
export function withFigures(page: string, report: Report): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n\n${formatMarkdown(report)}\n${END}${after}`;
}

export function updatePage(path: string, report: Report): void {
  writeFileSync(path, withFigures(readFileSync(path, "utf8"), report));
}

function markdownTable(rows: Table): string {
  const columns = Object.keys(rows[0] ?? {});
  const rule = columns.map((_, column) => (isWordy(rows, column) ? "---" : "--:"));
  const lines = [columns, rule, ...rows.map((row) => Object.values(row).map(formatValue))];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function isWordy(rows: Table, column: number): boolean {
  return rows.every((row) => typeof Object.values(row)[column] === "string");
}

function pad(cell: string, width: number, wordy: boolean): string {
  return wordy ? cell.padEnd(width) : cell.padStart(width);
}

function formatValue(value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}
