import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Manifest } from "../../../src/experiment/results/results.ts";
import { findRun, listRuns, planHash, writeManifest } from "../../../src/experiment/run/run-folder.ts";

let out: string;
const manifest = (run: string, at: string): Manifest => ({
  version: 1,
  run,
  plan: planHash([run]),
  experiment: { name: "要約" },
  at,
  mode: "fast",
  slots: 1,
  build: "b",
  models: [],
  date: "2026-01-01",
  seed: 1,
  repeats: 1,
  baseline: "a",
  variants: [],
  cases: [],
  cells: [],
  judgements: [],
});
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "gpt-oss-runs-"));
  await writeManifest(join(out, "要約", "2026-01-02-bbb"), manifest("2026-01-02-bbb", "2026-01-05T00:00:00Z"));
  await writeManifest(join(out, "要約", "2026-01-03-ccc"), manifest("2026-01-03-ccc", "2026-01-03T00:00:00Z"));
  await writeFile(join(out, "要約", "cells.jsonl"), "");
});
afterAll(() => rm(out, { recursive: true, force: true }));

describe("runs", () => {
  it("are listed by when they were executed last", async () => {
    expect((await listRuns(out, "要約")).runs.map(({ manifest: { run } }) => run)).toEqual([
      "2026-01-03-ccc",
      "2026-01-02-bbb",
    ]);
    expect(await listRuns(out, "nothing")).toEqual({ runs: [], skipped: [] });
  });

  it.each([
    ["要約", "2026-01-02-bbb"],
    ["要約~1", "2026-01-03-ccc"],
    ["要約/2026-01-03", "2026-01-03-ccc"],
  ])("%s is %s", async (name, run) => {
    expect(basename((await findRun(name, out)).path)).toBe(run);
  });

  it("are found by their folder, and named when one is not there", async () => {
    expect((await findRun(join(out, "要約", "2026-01-02-bbb"), out)).manifest.run).toBe("2026-01-02-bbb");
    await expect(findRun("要約~2", out)).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("要約/2026-01-03-ccc"),
    });
    await expect(findRun("other", out)).rejects.toMatchObject({ code: "usage", hint: expect.stringContaining("要約") });
  });

  const damage: readonly (readonly [string, string | Uint8Array])[] = [
    ["an empty file", ""],
    ["spaces", " \n"],
    ["a cut file", '{"version":1,"run":'],
    ["another version", '{"version":2,"run":"r"}'],
    ["a version in words", '{"version":"next"}'],
    ["other JSON", "[1, 2]"],
    ["null", "null"],
    ["bytes that are not text", new Uint8Array([0, 255, 254, 195, 40])],
  ];
  it.each(damage)("are skipped and named when run.json holds %s, and the others are found", async (_what, content) => {
    const name = "damaged";
    await writeManifest(join(out, name, "2026-01-01-good"), manifest("2026-01-01-good", "2026-01-01T00:00:00Z"));
    await mkdir(join(out, name, "2026-01-02-bad"), { recursive: true });
    await writeFile(join(out, name, "2026-01-02-bad", "run.json"), content);
    const { runs, skipped } = await listRuns(out, name);
    expect(runs.map((run) => basename(run.path))).toEqual(["2026-01-01-good"]);
    expect(skipped).toMatchObject([{ path: join(out, name, "2026-01-02-bad") }]);
    const named: string[] = [];
    const found = await findRun(name, out, (all) => named.push(...all.map(({ path }) => basename(path))));
    expect(found.manifest.run).toBe("2026-01-01-good");
    expect(named).toEqual(["2026-01-02-bad"]);
    for (const asked of [`${name}/2026-01-02`, join(out, name, "2026-01-02-bad")]) {
      await expect(findRun(asked, out)).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining("2026-01-02-bad"),
      });
    }
  });

  it("are found beside foreign files, foreign folders and a run.json that is a folder", async () => {
    await mkdir(join(out, "notes", "drafts"), { recursive: true });
    await writeFile(join(out, "notes.txt"), "x");
    await writeManifest(join(out, "mixed", "r"), manifest("r", ""));
    await mkdir(join(out, "mixed", "other", "run.json"), { recursive: true });
    await writeFile(join(out, "mixed", "README"), "x");
    expect((await findRun("mixed", out)).manifest.run).toBe("r");
    expect((await listRuns(out, "mixed")).skipped).toMatchObject([{ path: join(out, "mixed", "other") }]);
    await expect(findRun("notes", out)).rejects.toMatchObject({ hint: expect.not.stringContaining("notes") });
  });
});
