import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { emulate } from "../../chat/support/emulated-screen.ts";
import { runCli } from "../support/run-cli.ts";
import { Terminal } from "../support/terminal.ts";

jest.setTimeout(120_000);

const CTRL_C = "\u0003";

let folder: string;
const terminals: Terminal[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-experiment-terminal-"));
  await writeFile(join(folder, "plain.md"), "---\nname: plain\nvariables: [q]\n---\n\n{{q}}\n");
  for (const [name, repeats] of [
    ["long", 1000],
    ["short", 2],
  ] as const) {
    const lines = [
      `name: ${name}`,
      "prompts: [plain.md]",
      "cases: [{ id: count, variables: { q: Count to 30. } }, { id: hello, variables: { q: Hello } }]",
      "settings: { effort: low, max_tokens: 100 }",
      `repeats: ${repeats}`,
      "checks: [{ type: no_truncation }]",
    ];
    await writeFile(join(folder, `${name}.yaml`), `${lines.join("\n")}\n`);
  }
});
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.kill();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const words = (name: string, out: string) => [
  "experiment",
  "run",
  join(folder, `${name}.yaml`),
  "--model",
  "demo",
  "--out",
  join(folder, out),
];

function open(name: string, out: string, columns = 100, environment: Record<string, string> = {}): Terminal {
  const terminal = new Terminal(words(name, out), environment, { columns });
  terminals.push(terminal);
  return terminal;
}

async function storedIn(out: string): Promise<number> {
  const text = await readFile(join(folder, out, "long", "cells.jsonl"), "utf8");
  return text.trimEnd().split("\n").length;
}

describe("Ctrl-C in a run", () => {
  it("stores the answers, says how to continue, and the next run continues there", async () => {
    const run = open("long", "interrupted");
    await run.expect(/results [1-9]\d* of 2,000, \d+\.?\d*\/s, \d+ (s|min \d+ s) left/);
    run.type(CTRL_C);
    await run.expect(/Interrupted after [\d,]+ of 2,000 results\./);
    expect(await run.exitStatus()).toBe(130);
    const { lines } = await emulate(run.written, 100);
    // nothing is left of the line that moved, and there is no stack trace
    expect(lines.slice(0, -1).filter((line) => /results \d+ of|left/.test(line))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^Interrupted after/);
    expect(run.written).not.toContain("    at ");
    const known = await storedIn("interrupted");
    const said = Number(/Interrupted after ([\d,]+)/.exec(lines.at(-1) ?? "")?.[1]?.replace(",", ""));
    // what was still being counted when the line was written is kept too
    expect(known).toBeGreaterThanOrEqual(said);
    const dry = await runCli([...words("long", "interrupted"), "--dry-run"]);
    expect(dry.stderr).toContain(`${known.toLocaleString("en-US")} cached, `);
    // the part that there is can be looked at
    const report = await runCli(["experiment", "report", "long", "--out", join(folder, "interrupted")]);
    expect(report).toMatchObject({ status: 0 });
    const runs = await readdir(join(folder, "interrupted", "long"));
    expect(runs.some((name) => name.endsWith(".tmp"))).toBe(false);
  });

  it("ends a run that is killed by SIGTERM with its own status", async () => {
    const run = open("long", "terminated");
    await run.expect(/results [1-9]\d* of/);
    process.kill(run.pid, "SIGTERM");
    await run.expect(/Interrupted after/);
    expect(await run.exitStatus()).toBe(143);
  });
});

describe("the progress line", () => {
  it("moves on one line, and stands still at the end", async () => {
    const run = open("short", "progress");
    expect(await run.exitStatus()).toBe(0);
    const { lines } = await emulate(run.written, 100);
    expect(lines.filter((line) => line.includes("results 4 of 4"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("left"))).toEqual([]);
    expect(lines.some((line) => line.startsWith("short, run "))).toBe(true);
  });

  it("never wraps in a narrow window", async () => {
    const run = open("long", "narrow", 32);
    await run.expect(/results [1-9]\d*/);
    await run.expect(/results [1-9]\d*/);
    const { lines } = await emulate(run.written, 32);
    expect(lines.filter((line) => /results [1-9]\d* of/.test(line)).length).toBeLessThanOrEqual(1);
    run.type(CTRL_C);
    expect(await run.exitStatus()).toBe(130);
  });

  it("is plain lines without cursor movements where a terminal can't move", async () => {
    const run = open("short", "dumb", 100, { TERM: "dumb" });
    expect(await run.exitStatus()).toBe(0);
    expect(run.written).not.toContain("\u001B");
    expect(run.text).toMatch(/\nresults 4 of 4, [\d.]+\/s, in \d+ s\n/);
  });
});
