import { createHash } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "../../../setup/make-folder.ts";
import type { z } from "zod";
import { systemCodeOf } from "../../errors.ts";
import { failed } from "../../failures/failure.ts";
import { type Results, resultsSchema } from "../results/results.ts";
import { type Manifest, manifestSchema } from "./manifest.ts";

/** One run's folder, `OUT/EXPERIMENT/RUN`; the answers of all runs of an experiment lie beside it. */
export interface RunFolder {
  readonly path: string;
  readonly manifest: Manifest;
}

/** The store of an experiment: `OUT/EXPERIMENT/cells.jsonl`. */
export function storePath(out: string, experiment: string): string {
  return join(out, experiment, "cells.jsonl");
}

export function storePathOf({ path }: RunFolder): string {
  return join(dirname(path), "cells.jsonl");
}

/** The same cells in the same order are the same plan, and so the same run. */
export function planHash(keys: readonly string[]): string {
  return createHash("sha256").update(keys.join("\n")).digest("hex");
}

/** Every run of an experiment, the latest last. */
export async function listRuns(out: string, experiment: string): Promise<readonly RunFolder[]> {
  const folders = await foldersIn(join(out, experiment));
  const runs = await Promise.all(folders.map(readRun));
  return runs.filter((run) => run !== undefined).toSorted((a, b) => (a.manifest.at < b.manifest.at ? -1 : 1));
}

/** Names of the experiments that have runs. */
export async function listRunExperiments(out: string): Promise<readonly string[]> {
  return (await foldersIn(out)).map((folder) => basename(folder));
}

async function foldersIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function readRun(path: string): Promise<RunFolder | undefined> {
  const manifest = await readJson(join(path, "run.json"), manifestSchema);
  return manifest && { path, manifest };
}

/** Results as they were worked out last; undefined for a run that was killed before. */
export async function readResults(path: string): Promise<Results | undefined> {
  return await readJson(join(path, "results.json"), resultsSchema);
}

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw failed("damagedRun", [path], { cause: error });
  }
}

/** Writes a file so that it is there whole or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  makeFolder(dirname(path));
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, text);
  await rename(draft, path);
}

export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await writeWhole(join(path, "run.json"), `${JSON.stringify(manifest)}\n`);
}

export async function writeResults(path: string, results: Results): Promise<void> {
  await writeWhole(join(path, "results.json"), `${JSON.stringify(results)}\n`);
}

/**
 * Finds a run by `EXPERIMENT` (its latest), `EXPERIMENT~1` (the one before, and so on), `EXPERIMENT/RUN` or its folder; the
 * beginning of RUN is enough.
 * @throws GptOssError `usage` that lists what there is
 */
export async function findRun(name: string, out: string): Promise<RunFolder> {
  const byPath = await readRun(name);
  if (byPath) return byPath;
  const [, experiment = name, back = "0"] = /^(.+)~(\d+)$/.exec(name) ?? [];
  const slash = experiment.indexOf("/");
  const runs = await listRuns(out, slash < 0 ? experiment : experiment.slice(0, slash));
  const wanted = slash < 0 ? "" : experiment.slice(slash + 1);
  const found = runs.filter(({ manifest }) => manifest.run.startsWith(wanted)).at(-1 - Number(back));
  if (found) return found;
  const known = runs.length > 0 ? runs.map(({ manifest }) => `${manifest.experiment.name}/${manifest.run}`) : undefined;
  throw known
    ? failed("unknownRun", [name, out, known.join(", ")])
    : failed("noRuns", [name, out, (await listRunExperiments(out)).join(", ")]);
}
