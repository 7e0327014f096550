import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { packageFile } from "../../src/platform/folders.ts";
import { benchmarks } from "./benchmarks.ts";
import type { Comparison } from "./comparison.ts";
import { formatTable, type Report, summaryRow, type Table, updatePage } from "./report.ts";

const RESULTS = packageFile("dist/bench/results.json");

/**
 * `npm run bench -- [NAME…]`: runs all benchmarks or these, prints their tables and one summary, and writes all as JSON.
 * `--json FILE` says where to; `--page docs/performance.md` puts the figures into that page and docs/performance.json.
 */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "string", default: RESULTS }, page: { type: "string" } },
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
    write(values.json, { machine: machine(), comparisons, tables });
  }
  if (comparisons.length > 0) process.stdout.write(`summary\n${formatTable(comparisons.map(summaryRow))}\n`);
  process.stdout.write(`Written to ${values.json}.\n`);
  if (values.page !== undefined) {
    const json = values.page.replace(/\.md$/, ".json");
    write(json, { machine: machine(), comparisons, tables });
    // from the file, so that page and file agree to the last digit
    updatePage(values.page, JSON.parse(readFileSync(json, "utf8")) as Report);
  }
}

function write(path: string, report: Report): void {
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
}

function machine(): Report["machine"] {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model,
    cores: cpus().length,
    "memory GB": Math.round(totalmem() / 1e9),
    system: `${process.platform} ${release()}`,
    node: process.version,
  };
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
