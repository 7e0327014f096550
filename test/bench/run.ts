import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benchExperiment } from "./experiment.ts";
import { benchChat } from "./chat.ts";
import { benchHarmony } from "./harmony.ts";
import { benchHostileHarmony } from "./harmony-hostile.ts";
import { benchMemory } from "./memory.ts";
import { benchModel } from "./model.ts";
import { benchSessions } from "./sessions.ts";

/** Rows of numbers and words, all with the same columns. */
type Table = readonly object[];

/** What `npm run bench -- NAME` runs: a file each, that gives a table. */
const benchmarks: Readonly<Record<string, () => Promise<Table>>> = {
  experiment: benchExperiment,
  chat: benchChat,
  harmony: benchHarmony,
  "harmony-hostile": benchHostileHarmony,
  memory: () => benchMemory(),
  model: () => benchModel(),
  sessions: benchSessions,
};

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: "string" } } });
  const names = positionals.length === 0 ? Object.keys(benchmarks) : positionals;
  const results: Record<string, Table> = {};
  for (const name of names) {
    const run = benchmarks[name];
    if (run === undefined)
      throw new Error(`There is no benchmark "${name}"; there are ${Object.keys(benchmarks).join(", ")}.`);
    const rows = await run();
    process.stdout.write(`${name}\n${formatTable(rows)}\n`);
    results[name] = rows;
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
}

function formatTable(rows: Table): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => Object.values(row).map(formatValue))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => `${line.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join("  ")}\n`)
    .join("");
}

/** Words stand left, numbers right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
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
