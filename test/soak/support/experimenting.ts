import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageFile } from "../../../src/platform/folders.ts";
import { type Row, rowSchema } from "../../../src/experiment/cell-store.ts";
import type { SoakPlace } from "./chatting.ts";
import type { Ledger } from "./ledger.ts";

/** One experiment, stopped some times and gone on with until it is through: no cell is lost, none answered twice. */
export async function experimentOnce(
  { environment, data }: SoakPlace,
  ledger: Ledger,
  name: string,
  isOver: () => boolean,
): Promise<void> {
  const out = join(data, name);
  for (let attempt = 0; !isOver(); attempt++) {
    const run = spawn(
      process.execPath,
      [packageFile("dist/src/cli.js"), "experiment", "run", "recall", "--model", "demo", "--out", out],
      { env: environment, stdio: "ignore", cwd: packageFile(".") },
    );
    const closed = once(run, "close") as Promise<[number | null]>;
    const isStopped = attempt < 3;
    if (isStopped) {
      await Promise.race([sleep(1_000 + Math.random() * 5_000), closed]);
      run.kill(attempt === 0 ? "SIGKILL" : "SIGINT");
    }
    const ended = await ledger.within("experiment", closed);
    if (ended === undefined) run.kill("SIGKILL");
    else if (ended[0] === 0) break;
    ledger.count("done", isStopped ? "experiments stopped" : "experiments that met faults");
  }
  if (isOver()) return;
  ledger.count("done", "experiments");
  checkStore(join(out, "recall", "cells.jsonl"), ledger);
}

function checkStore(path: string, ledger: Ledger): void {
  const answered = new Set<string>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const row = rowOf(line);
    if (row === undefined || !("answer" in row.outcome)) continue;
    if (answered.has(row.key)) ledger.defects.push(`the cell ${row.key} was answered twice`);
    answered.add(row.key);
  }
  if (answered.size === 0) ledger.lost.push(`${path} holds no answer`);
}

/** A line that a kill has cut is no row. */
function rowOf(line: string): Row | undefined {
  try {
    return rowSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
