import { createHash } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { type ErrorDetail, systemCodeOf } from "../../errors/errors.ts";
import { createError, errorDetail } from "../../i18n/error-messages.ts";
import { makeFolder } from "../../platform/folders.ts";
import type { Experiment } from "../definition/experiment.ts";
import type { Case } from "../definition/test-cases.ts";
import { type Cell, type Mode, type Variant, baselineOf } from "../plan/cell.ts";
import { promptTextId } from "../plan/rendered-prompts.ts";
import { earlierRuns } from "../results/earlier-runs.ts";
import { type Results, resultsSchema, type Manifest, manifestSchema } from "../results/results.ts";
import type { ModelFacts, Target } from "./target.ts";

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

/** The responses to the model's calls in programs: `OUT/EXPERIMENT/calls.jsonl`. */
export function callsPath(out: string, experiment: string): string {
  return join(out, experiment, "calls.jsonl");
}

/** The rendered prompts of an experiment: `OUT/EXPERIMENT/prompts.jsonl`. */
export function promptsPath(out: string, experiment: string): string {
  return join(out, experiment, "prompts.jsonl");
}

export function promptsPathOf({ path }: RunFolder): string {
  return join(dirname(path), "prompts.jsonl");
}

/** The same cells in the same order are the same plan, and so the same run. */
export function planHash(keys: readonly string[]): string {
  return createHash("sha256").update(keys.join("\n")).digest("hex");
}

/** The runs of an experiment, the latest last, and what could not be read among them. */
export interface RunList {
  readonly runs: readonly RunFolder[];
  readonly skipped: readonly SkippedRun[];
}

/** A run, or a folder that may hold runs, that can't be read. Everything else works without it. */
export interface SkippedRun {
  /** Of its folder. */
  readonly path: string;
  readonly why: ErrorDetail;
}

export async function listRuns(out: string, experiment: string): Promise<RunList> {
  const { folders, skipped } = await foldersIn(join(out, experiment));
  const all = await Promise.all(folders.map(readRun));
  return {
    runs: all
      .flatMap((run) => (run && "manifest" in run ? run : []))
      .toSorted((a, b) => (a.manifest.at < b.manifest.at ? -1 : 1)),
    skipped: [...skipped, ...all.flatMap((run) => (run && "why" in run ? run : []))],
  };
}

/** Names of the experiments that have folders in `out`, and what could not be read. */
export async function listRunExperiments(
  out: string,
): Promise<{ readonly names: readonly string[]; readonly skipped: readonly SkippedRun[] }> {
  const { folders, skipped } = await foldersIn(out);
  return { names: folders.map((folder) => basename(folder)).toSorted(), skipped };
}

async function foldersIn(
  path: string,
): Promise<{ readonly folders: readonly string[]; readonly skipped: readonly SkippedRun[] }> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return {
      folders: entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name)),
      skipped: [],
    };
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    return {
      folders: [],
      skipped: ABSENT.has(code) ? [] : [{ path, why: errorDetail("systemSays", code) }],
    };
  }
}

/** What the system says of a file that is not there. */
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

async function readRun(path: string): Promise<RunFolder | SkippedRun | undefined> {
  const content = await readJson(join(path, "run.json"), manifestSchema);
  if (content === undefined) return undefined;
  return "value" in content ? { path, manifest: content.value } : { path, why: content.why };
}

/** Results as they were worked out last; undefined if there are none that can be read. */
export async function readResults(path: string): Promise<Results | undefined> {
  const content = await readJson(join(path, "results.json"), resultsSchema);
  return content && "value" in content ? content.value : undefined;
}

type Content<Value> = { readonly value: Value } | { readonly why: ErrorDetail };

const versionSchema = z.object({ version: z.union([z.number(), z.string()]) });

/** A file of ours; undefined if it is not there. */
async function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<Content<z.infer<Schema>> | undefined> {
  const file = basename(path);
  let value: unknown;
  try {
    const text = await readFile(path, "utf8");
    if (text.trim() === "") return { why: errorDetail("fileEmpty", file) };
    value = JSON.parse(text);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) return { why: errorDetail("fileNotJson", file) };
    return ABSENT.has(code) ? undefined : { why: errorDetail("both", file, errorDetail("systemSays", code)) };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const version = versionSchema.safeParse(value).data?.version;
  if (version !== undefined && version !== 1) return { why: errorDetail("fileVersion", file, version) };
  return { why: errorDetail("fileOtherContent", file, parsed.error.issues[0]?.path.join(".") ?? "") };
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
export async function findRun(
  name: string,
  out: string,
  onSkipped?: (skipped: readonly SkippedRun[]) => void,
): Promise<RunFolder> {
  const byPath = await readRun(name);
  if (byPath && "manifest" in byPath) return byPath;
  const [, experiment = name, back = "0"] = /^(.+)~(\d+)$/.exec(name) ?? [];
  const slash = experiment.indexOf("/");
  const { runs, skipped } = await listRuns(out, slash < 0 ? experiment : experiment.slice(0, slash));
  const wanted = slash < 0 ? "" : experiment.slice(slash + 1);
  const found = runs.filter(({ manifest }) => manifest.run.startsWith(wanted)).at(-1 - Number(back));
  const damaged = skipped.find(({ path }) => slash >= 0 && basename(path).startsWith(wanted)) ?? byPath;
  if (!found && damaged && "why" in damaged) throw createError("damagedRun", [damaged.path, damaged.why]);
  if (skipped.length > 0) onSkipped?.(skipped);
  if (found) return found;
  const known = runs.length > 0 ? runs.map(({ manifest }) => `${manifest.experiment.name}/${manifest.run}`) : undefined;
  throw known
    ? createError("unknownRun", [name, out, known.join(", ")])
    : createError("noRuns", [name, out, (await namesWithRuns(out)).join(", ")]);
}

/** Other folders beside them are somebody else's. */
async function namesWithRuns(out: string): Promise<readonly string[]> {
  const { names } = await listRunExperiments(out);
  const lists = await Promise.all(names.map((name) => listRuns(out, name)));
  return names.filter((_, index) => (lists[index]?.runs.length ?? 0) > 0);
}

export interface OpenRunOptions {
  readonly out: string;
  readonly experiment: Experiment;
  readonly variants: readonly Variant[];
  readonly cases: readonly Case[];
  readonly cells: readonly Cell[];
  readonly repeats: number;
  readonly mode: Mode;
  readonly target: Target;
  readonly factsOf: (model: string | undefined) => ModelFacts;
}

/** The run that these cells are: the one that was begun before, or a new one. Nothing is written yet. */
export async function openRun(options: OpenRunOptions): Promise<RunFolder & Pick<RunList, "skipped">> {
  const { out, experiment } = options;
  const plan = planHash(options.cells.map(({ key }) => key));
  const { runs, skipped } = await listRuns(out, experiment.name);
  const known = runs.find(({ manifest }) => manifest.plan === plan);
  const at = new Date().toISOString();
  // a folder that can't be read stays as it is: another version may be able to
  const taken = new Set(skipped.map(({ path }) => basename(path)));
  const run = known ? basename(known.path) : freeName(`${at.slice(0, 10)}-${plan.slice(0, 6)}`, taken);
  const description = describe(options);
  const others = runs.map(({ manifest }) => manifest).filter((manifest) => manifest.plan !== plan);
  const earlier = known ? known.manifest.earlier : earlierRuns({ run, ...description }, others);
  return {
    skipped,
    path: join(out, experiment.name, run),
    manifest: {
      ...description,
      version: 1,
      run,
      plan,
      at,
      judgements: known?.manifest.judgements ?? [],
      ...(earlier && earlier.length > 0 && { earlier }),
    },
  };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  return free;
}

function describe(options: OpenRunOptions): Omit<Manifest, "version" | "run" | "plan" | "at" | "judgements"> {
  const { experiment, variants, cases, cells, repeats, mode, target, factsOf } = options;
  const { name, description, path, date, seed, baseline } = experiment;
  const models = new Map(variants.map(({ setting }) => [setting.model, factsOf(setting.model)]));
  return {
    experiment: { name, ...(description !== undefined && { description }), ...(path !== undefined && { path }) },
    mode,
    slots: mode === "exact" ? 1 : target.slots,
    build: target.build,
    models: [...models.values()].map((model) => ({ name: model.name, hash: model.hash })),
    date,
    seed,
    repeats,
    baseline,
    variants: variants.map((variant) => describeVariant(variant, options)),
    cases: cases.map(({ id, variables, expected, turns }) => ({
      id,
      variables,
      expected,
      turns: turns.length === 0 ? undefined : turns.map(({ user }) => user),
    })),
    cells: cells.map(({ variant, case: input, repeat, draw, key, rendered }) => ({
      variant,
      case: input.id,
      repeat,
      seed: draw.seed,
      key,
      prompt: rendered === "" ? undefined : promptTextId(rendered),
    })),
  };
}

function describeVariant(
  variant: Variant,
  { variants, experiment, factsOf }: OpenRunOptions,
): Manifest["variants"][number] {
  const { id, subject, setting } = variant;
  const { name, sampling } = factsOf(setting.model);
  const baseline = baselineOf(variant, variants, experiment.baseline);
  const { system, body, notes } =
    subject.kind === "prompt"
      ? subject.prompt
      : { system: undefined, body: subject.program.description, notes: undefined };
  return {
    id,
    ...(baseline && { baseline: baseline.id }),
    name: subject.name,
    model: name,
    effort: setting.effort,
    temperature: setting.temperature ?? sampling.temperature,
    maxTokens: setting.maxTokens,
    ...(subject.kind === "program" && { program: true }),
    prompt: { ...(system !== undefined && { system }), body, ...(notes !== undefined && { notes }) },
  };
}
