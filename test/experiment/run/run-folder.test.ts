import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Manifest } from "../../../src/experiment/run/manifest.ts";
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
  arms: [],
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
    expect((await listRuns(out, "要約")).map(({ manifest: { run } }) => run)).toEqual([
      "2026-01-03-ccc",
      "2026-01-02-bbb",
    ]);
    expect(await listRuns(out, "nothing")).toEqual([]);
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

  it("say that a file of theirs is damaged", async () => {
    await writeManifest(join(out, "broken", "r"), manifest("r", ""));
    await writeFile(join(out, "broken", "r", "run.json"), "{");
    await expect(findRun("broken", out)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("is damaged"),
    });
  });
});
