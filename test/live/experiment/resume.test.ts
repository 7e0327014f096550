import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import type { Row } from "../../../src/experiment/cell-store.ts";
import { sized } from "../../support/full-size.ts";
import { runCli } from "../support/run-cli.ts";

const KILLS = sized(3, 20);
const CASES = 40;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-resume-"));
  await writeFile(join(folder, "p.md"), "---\nname: p\nvariables: [n]\n---\n\nRepeat: word {{n}}\n");
  const cases = Array.from({ length: CASES }, (_, index) => `  - { id: c${index}, variables: { n: ${index + 1} } }`);
  const lines = [
    "name: repeating",
    "prompts: [p.md]",
    "cases:",
    ...cases,
    "settings: { effort: low, max_tokens: 40 }",
    "repeats: 3",
  ];
  await writeFile(join(folder, "e.yaml"), [...lines, "checks: [{ type: no_truncation }]", ""].join("\n"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const words = ["experiment", "run", "e.yaml", "--model", "demo"];

async function rows(): Promise<readonly Row[]> {
  const text = await readFile(join(folder, "experiment-runs/repeating/cells.jsonl"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Row);
}

/** Starts a run, and kills it with everything in its hands after a while. */
async function runAndKill(milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [packageFile("dist/src/cli.js"), ...words], { cwd: folder, stdio: "ignore" });
  const closed = once(child, "close");
  await sleep(milliseconds);
  child.kill("SIGKILL");
  await closed;
}

it(`an experiment that is killed at ${KILLS} moments loses nothing and asks nothing twice`, async () => {
  for (let kill = 0; kill < KILLS; kill++) await runAndKill(700 + 2000 * Math.random());
  const before = (await rows()).length;
  const { status, stderr } = await runCli(words, { folder });
  expect(status).toBe(0);
  expect(stderr).toContain(`${before} cached, ${CASES * 3 - before} to run.`);
  const all = await rows();
  const run = (await readdir(join(folder, "experiment-runs/repeating"))).find((name) => /^\d{4}-/.test(name)) ?? "";
  const manifest = JSON.parse(await readFile(join(folder, "experiment-runs/repeating", run, "run.json"), "utf8")) as {
    readonly cells: readonly { readonly key: string }[];
  };
  const byText = (a: string, b: string) => (a < b ? -1 : 1);
  // no key twice, none missing, none too many
  expect(all.map(({ key }) => key).toSorted(byText)).toEqual(manifest.cells.map(({ key }) => key).toSorted(byText));
  const again = await runCli(words, { folder });
  expect(again.stderr).toContain(`${CASES * 3} cached, 0 to run.`);
  expect(await rows()).toHaveLength(CASES * 3);
}, 600_000);
