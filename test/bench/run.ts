import { writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { benchmarks, type Table } from "./benchmarks.ts";
import { type Comparison, goalText, verdict } from "./comparison.ts";

const RESULTS = "dist/bench/results.json";

/** `npm run bench -- [NAME…] [--json FILE]`: runs all benchmarks or these, prints their tables and one summary, and writes all as JSON. */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "string", default: RESULTS } },
  });
  const names = positionals.length === 0 ? Object.keys(benchmarks) : positionals;
  const unknown = names.find((name) => !(name in benchmarks));
  if (unknown !== undefined)
    throw new Error(`There is no benchmark "${unknown}"; there are ${Object.keys(benchmarks).join(", ")}.`);
  const tables: Record<string, Table> = {};
  const comparisons: Comparison[] = [];
  for (const name of names) {
    const outcome = await benchmarks[name]?.();
    if (outcome === undefined) continue;
    process.stdout.write(`${name}\n${formatTable(outcome.rows)}\n`);
    tables[name] = outcome.rows;
    comparisons.push(...outcome.comparisons);
    // what is done stays, whatever happens to the rest
    writeFileSync(values.json, `${JSON.stringify({ machine: machine(), comparisons, tables }, undefined, 2)}\n`);
  }
  if (comparisons.length > 0) process.stdout.write(`summary\n${formatTable(comparisons.map(summaryRow))}\n`);
  process.stdout.write(`Written to ${values.json}.\n`);
}

function machine(): object {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model,
    cores: cpus().length,
    "memory GB": Math.round(totalmem() / 1e9),
    system: `${process.platform} ${release()}`,
    node: process.version,
  };
}

function summaryRow(comparison: Comparison): object {
  const { what, peer, ratio, from, to, rounds, goal } = comparison;
  return { what, beside: peer, ratio, from, to, rounds, goal: goalText(goal), met: verdict(comparison) };
}

function formatTable(rows: Table): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => Object.values(row).map(formatValue))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const wordy = columns.map((_, column) => rows.every((row) => typeof Object.values(row)[column] === "string"));
  return lines
    .map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, wordy[column] === true)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** Words stand left, numbers right. */
function pad(cell: string, width: number, wordy: boolean): string {
  return wordy ? cell.padEnd(width) : cell.padStart(width);
}

function formatValue(value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
