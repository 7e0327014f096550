import { resolve } from "node:path";
import { readConfig } from "../../config/config.ts";
import { messageOf, systemCodeOf } from "../../errors/errors.ts";
import { createError } from "../../i18n/error-messages.ts";
import type { Environment } from "../../platform/folders.ts";
import { type Lease, withLock } from "../../platform/lock.ts";
import { type Row, Store } from "../cell-store.ts";
import { DEFAULT_OUT, type Experiment } from "../definition/experiment.ts";
import {
  findExperiment,
  loadExperimentFile,
  type CodeExperimentDefinition,
  loadExperimentValue,
  type LoadOptions,
} from "../definition/load-experiment.ts";
import type { ExperimentDefinition } from "../definition/schema.ts";
import { type Cell, type Mode, MODES, type Variant, variantsOf, select, type Selection } from "../plan/cell.ts";
import { promptTextId, RenderedPrompts } from "../plan/rendered-prompts.ts";
import { type RunPlan, isKnownCell, planCells, describePlan } from "../plan/run-plan.ts";
import { CallStore } from "../program/call-store.ts";
import type { Manifest, Results } from "../results/results.ts";
import { scoreRun } from "../results/score-run.ts";
import { askAllCells, type Question } from "./ask-cells.ts";
import { judgeQuestions } from "./judge.ts";
import { type ProgramCell, runPrograms } from "./run-programs.ts";
import {
  callsPath,
  listRuns,
  openRun,
  readResults,
  promptsPath,
  type RunFolder,
  type SkippedRun,
  storePath,
  writeManifest,
  writeResults,
} from "./run-folder.ts";
import { localModelFacts, type ModelFacts, cacheOf, openTarget, type Target, type TargetOptions } from "./target.ts";

/** How an experiment is run; all of it may be left out. */
export interface RunExperimentOptions
  extends Omit<ExecuteRunOptions, "out" | "environment" | "dryRun">, Partial<LoadOptions> {
  /** Folder of all runs; experiment-runs in the current folder when left out. */
  readonly out?: string | undefined;
  /** Where the definition's relative paths begin; the current folder when left out. */
  readonly folder?: string | undefined;
  readonly environment?: Environment | undefined;
}

/** What a run came to, and where it is kept. */
export interface ExperimentRun {
  readonly results: Results;
  readonly plan: RunPlan;
  /** Absolute path of the run's folder. */
  readonly path: string;
}

/**
 * Runs a prompt experiment: every variant with every setting on every case, as often as it says. What the store in `out` knows
 * is not asked again, so a run that was interrupted goes on when it is called again.
 * @param definition a definition, the path of a YAML file, or the name of an experiment
 * @throws GptOssError `usage`, `interrupted`, `server-missing`, `server-unreachable`, `model-missing` or `server-failed`
 * @example
 * const { results } = await runExperiment(
 *   { name: "greeting", prompts: ["a.md", "b.md"], cases: [{ variables: { input: "Hi" } }], checks: [{ type: "no_truncation" }] },
 *   { model: "demo" },
 * );
 */
export async function runExperiment(
  definition: ExperimentDefinition | CodeExperimentDefinition | string,
  options: RunExperimentOptions = {},
): Promise<ExperimentRun> {
  const { folder = process.cwd(), environment = process.env, out = DEFAULT_OUT, checks } = options;
  const load = { allowJavascript: options.allowJavascript ?? false, checks };
  const file = typeof definition === "string" ? findExperiment(definition, folder) : undefined;
  const experiment =
    typeof definition === "string" || file
      ? await loadExperimentFile(file?.path ?? "", {
          ...load,
          allowJavascript: load.allowJavascript || file?.shipped === true,
        })
      : await loadExperimentValue(definition, { ...load, folder });
  const config = readConfig({ flags: {}, environment, folder });
  const server = config.baseUrl === undefined ? undefined : { baseUrl: config.baseUrl, apiKey: config.apiKey };
  const run = await executeRun(experiment, {
    server,
    llamaServer: config.llamaServer,
    ...options,
    environment,
    out: resolve(folder, out),
  });
  if (!run.results) throw new Error("a run that was not dry has no results");
  return { results: run.results, plan: run.plan, path: run.folder.path };
}

export interface ExecuteRunOptions extends Selection {
  /** Instead of the definition's models. */
  readonly model?: string | undefined;
  /** Instead of a server that is started for the run. */
  readonly server?: { readonly baseUrl: string; readonly apiKey?: string | undefined } | undefined;
  readonly llamaServer?: string | undefined;
  readonly slots?: number | undefined;
  readonly mode?: Mode | undefined;
  readonly repeats?: number | undefined;
  /** Asks everything again; the new answers replace those that are stored. */
  readonly fresh?: boolean | undefined;
  /** Folder of all runs. */
  readonly out: string;
  /** Plans, and asks nothing. */
  readonly dryRun?: boolean | undefined;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Told what will be asked, before anything is. */
  readonly onPlan?: ((plan: RunPlan) => void) | undefined;
  /** Before the first answer and after each: how many of how many are there. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  /** Earlier runs of the experiment that can't be read. */
  readonly onSkipped?: ((skipped: readonly SkippedRun[]) => void) | undefined;
  /** Another process is at work in the same store. */
  readonly onWait?: ((pid: number) => void) | undefined;
}

/** How far a run is. */
export interface RunProgress {
  /** cells first, judges after them. */
  readonly pass: Row["kind"];
  readonly done: number;
  readonly total: number;
  readonly errors: number;
}

export interface ExecutedRun {
  readonly plan: RunPlan;
  readonly folder: RunFolder;
  /** undefined after a dry run. */
  readonly results: Results | undefined;
}

/**
 * Plans a run, asks what is not yet known, and works out the results. What has been answered is never asked again.
 * @throws GptOssError `interrupted`, after which the same call goes on; `server-unreachable`, `server-missing`, `storage-failed`,
 * `usage`
 */
export async function executeRun(experiment: Experiment, options: ExecuteRunOptions): Promise<ExecutedRun> {
  const { out, signal, onWait, fresh } = options;
  const path = storePath(out, experiment.name);
  const run = async (lease: Lease) => {
    await using store = await Store.open(path, { fresh });
    return await executeWith(store, experiment, { ...options, signal: lease.signal });
  };
  try {
    return await withLock(`${path}.lock`, "running this experiment", signal, run, { onWait });
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined || !UNWRITABLE.has(code)) throw error;
    throw createError("runsNotKept", [out, messageOf(error)], { cause: error });
  }
}

/** What the operating system says of a folder that takes nothing. */
const UNWRITABLE: ReadonlySet<string> = new Set(
  "EACCES EPERM EROFS ENOSPC EDQUOT ENOTDIR EISDIR EEXIST ENOENT".split(" "),
);

async function executeWith(store: Store, experiment: Experiment, options: ExecuteRunOptions): Promise<ExecutedRun> {
  const { mode = MODES[0], repeats = experiment.repeats } = options;
  const settings = settingsFor(experiment, options);
  const onlyFailed = options.only?.includes("failed") ?? false;
  const chosen = select(
    {
      variants: variantsOf({ ...experiment, settings }),
      cases: onlyFailed ? await failedCases(experiment, options) : experiment.cases,
    },
    { ...options, only: options.only?.filter((filter) => filter !== "failed") },
  );
  const models = modelsInOrder(chosen.variants, experiment);
  await using targets = new Targets(targetOptions(experiment, mode, options));
  const first = await targets.open(models[0]);
  const factsOf = await factsByModel(models, first, options);
  // a constraint on tools is part of a cell's key
  const isConstrained = ({ subject }: Variant) =>
    subject.kind === "prompt" &&
    (subject.responseSchema !== undefined || (subject.tools ?? experiment.tools).length > 0);
  if (chosen.variants.some(isConstrained)) await first.detectMode();
  const { signal } = options;
  const prompts = await RenderedPrompts.open(promptsPath(options.out, experiment.name));
  const cells = await planCells({ experiment, ...chosen, repeats, mode, server: first, prompts, factsOf, signal });
  const folder = await openRun({ ...options, experiment, ...chosen, cells, repeats, mode, target: first, factsOf });
  const plan = await describePlan({ cells, store, target: first, mode, folder, ...chosen, signal });
  if (folder.skipped.length > 0) options.onSkipped?.(folder.skipped);
  options.onPlan?.(plan);
  if (options.dryRun) return { plan, folder, results: undefined };
  await writeManifest(folder.path, folder.manifest);
  return {
    plan,
    ...(await askAndScore({ store, prompts, experiment, cells, folder, mode, targets, models }, options)),
  };
}

/** The cases that did not pass in every variant and repeat of the latest run. */
async function failedCases({ name, cases }: Experiment, { out }: ExecuteRunOptions): Promise<Experiment["cases"]> {
  const { runs } = await listRuns(out, name);
  const last = runs.at(-1);
  const results = last && (await readResults(last.path));
  const failed = new Set(results?.cells.filter(({ pass }) => pass !== true).map((cell) => cell.case));
  const found = cases.filter(({ id }) => failed.has(id));
  if (found.length === 0) throw createError("nothingFailed", [name]);
  return found;
}

/** The order in which models are loaded, each once. The first variant's model judges all, so that with a judge it comes last. */
function modelsInOrder(variants: readonly Variant[], { checks }: Experiment): readonly (string | undefined)[] {
  const [judge, ...others] = new Set(variants.map(({ setting }) => setting.model));
  return checks.some(({ run }) => run.kind === "judge") ? [...others, judge] : [judge, ...others];
}

interface Work {
  readonly store: Store;
  readonly prompts: RenderedPrompts;
  readonly experiment: Experiment;
  readonly cells: readonly Cell[];
  /** As they are to be loaded; the last one judges. */
  readonly models: readonly (string | undefined)[];
  readonly folder: RunFolder;
  readonly mode: Mode;
  readonly targets: Targets;
}

/** Results are worked out whatever ends the asking, so that a run that was interrupted can be looked at. */
async function askAndScore(work: Work, options: ExecuteRunOptions): Promise<{ folder: RunFolder; results: Results }> {
  let folder = work.folder;
  try {
    await askCells(work, options);
    folder = await askJudges(work, options);
  } catch (error) {
    // a check that takes long must not hold up an interruption
    const limit = AbortSignal.timeout(SCORE_MS);
    await score(work, folder, limit).catch((failure: unknown) => {
      if (!limit.aborted) throw failure;
    });
    throw error;
  }
  return { folder, results: await score(work, folder, options.signal) };
}

/** How long the answers of a run that has ended early may take to be scored. */
const SCORE_MS = 2_000;

async function score(
  { store, experiment, cells }: Work,
  { manifest, path }: RunFolder,
  signal: AbortSignal | undefined,
): Promise<Results> {
  const asked = cells.filter(({ rendered }) => rendered !== "");
  const promptTexts = new Map(asked.map(({ rendered }) => [promptTextId(rendered), rendered]));
  const results = await scoreRun({ manifest, experiment, rowOf: (key) => store.rowOf(key), promptTexts, signal });
  await writeResults(path, results);
  return results;
}

async function askCells(
  { store, experiment, cells, mode, models, targets }: Work,
  options: ExecuteRunOptions,
): Promise<void> {
  const todo = cells.filter((cell) => !isKnownCell(cell, store));
  const programs = todo.some(({ program }) => program) ? await openCalls(experiment, options) : undefined;
  const onRow = progressOf("cell", new Set(todo.map(({ key }) => key)).size, options);
  for (const model of models) {
    // two files with one content are one model: what the first has answered is known
    const own = todo.filter((cell) => cell.model === model && !isKnownCell(cell, store));
    if (own.length === 0) continue;
    const target = await targets.open(model);
    const questions = own.filter(({ program }) => program === undefined).map(questionOf);
    const shared = { target, store, mode, signal: options.signal, onRow };
    if (questions.length > 0) await askAllCells(questions, shared);
    const running = own.filter((cell): cell is ProgramCell => cell.program !== undefined);
    if (running.length === 0 || !programs) continue;
    // what a call is held to depends on the server
    await target.detectMode();
    await runPrograms(running, { ...shared, calls: programs });
  }
}

async function openCalls({ name }: Experiment, { out, fresh }: ExecuteRunOptions): Promise<CallStore> {
  return await CallStore.open(callsPath(out, name), { fresh });
}

function questionOf({ key, variant, case: input, repeat, prompt, draw, rendered, family }: Cell): Question {
  return { kind: "cell", key, variant, case: input.id, repeat, prompt, draw, rendered, family };
}

/** Judges come after all cells, so that they don't push the cells' prompts out of the cache. */
async function askJudges(work: Work, options: ExecuteRunOptions): Promise<RunFolder> {
  const { store, prompts, experiment, cells, folder, mode, targets, models } = work;
  const { date } = experiment;
  const plans = experiment.checks.flatMap((check) =>
    check.run.kind === "judge" ? [{ check, model: check.run.model }] : [],
  );
  if (plans.length === 0) return folder;
  if (options.server && plans.some(({ model }) => model !== undefined)) throw createError("severalModels", []);
  const asked: { readonly model: string | undefined; readonly questions: readonly Question[] }[] = [];
  const links: Manifest["judgements"] = [];
  // each model is loaded once; the one that is loaded judges first
  const own = models.at(-1);
  for (const model of new Set([own, ...plans.map((plan) => plan.model ?? own)])) {
    const checks = plans.filter((plan) => (plan.model ?? own) === model).map(({ check }) => check);
    if (checks.length === 0) continue;
    const target = await targets.open(model);
    const answerTo = (key: string) => store.answerTo(key);
    const given = { checks, cells, answerTo, target, prompts, mode, date, signal: options.signal };
    const judgements = await judgeQuestions(given);
    links.push(...judgements.map(({ check, judge, cell, question }) => ({ check, judge, cell, key: question.key })));
    asked.push({ model, questions: judgements.map(({ question }) => question) });
  }
  const judged: RunFolder = { ...folder, manifest: { ...folder.manifest, judgements: links } };
  await writeManifest(judged.path, judged.manifest);
  const unknown = asked.flatMap(({ questions }) => questions.filter(({ key }) => !store.isKnown(key)));
  const onRow = progressOf("judge", new Set(unknown.map(({ key }) => key)).size, options);
  for (const { model, questions } of asked.toReversed()) {
    const todo = questions.filter(({ key }) => !store.isKnown(key));
    if (todo.length === 0) continue;
    await askAllCells(todo, { target: await targets.open(model), store, mode, signal: options.signal, onRow });
  }
  return judged;
}

function progressOf(pass: Row["kind"], total: number, { onProgress }: ExecuteRunOptions): (row: Row) => void {
  let done = 0;
  let errors = 0;
  if (total > 0) onProgress?.({ pass, done, total, errors });
  return ({ outcome }) => {
    done++;
    if ("error" in outcome) errors++;
    onProgress?.({ pass, done, total, errors });
  };
}

function settingsFor({ settings }: Experiment, { model, server }: ExecuteRunOptions): Experiment["settings"] {
  const models = new Set(settings.map((setting) => setting.model));
  if (model === undefined && server && models.size > 1) {
    throw createError("severalModels", []);
  }
  if (model === undefined) return settings;
  const replaced = settings.map(({ effort, temperature, maxTokens }) => ({ model, effort, temperature, maxTokens }));
  return [...new Map(replaced.map((setting) => [JSON.stringify(setting), setting])).values()];
}

function targetOptions({ context }: Experiment, mode: Mode, options: ExecuteRunOptions): TargetOptions {
  const { server, slots, llamaServer, environment, signal } = options;
  return { ...server, context, slots: mode === "exact" ? 1 : slots, llamaServer, environment, signal };
}

async function factsByModel(
  models: readonly (string | undefined)[],
  first: Target,
  { environment, signal }: ExecuteRunOptions,
): Promise<(model: string | undefined) => ModelFacts> {
  const facts = new Map<string | undefined, ModelFacts>([[models[0], first.model]]);
  for (const model of models.slice(1))
    facts.set(model, await localModelFacts(model, { cache: cacheOf(environment), environment, signal }));
  return (model) => facts.get(model) ?? first.model;
}

/** One server at a time: two models rarely fit in memory together. */
class Targets implements AsyncDisposable {
  readonly #options: TargetOptions;
  #open: { readonly model: string | undefined; readonly target: Target } | undefined;

  constructor(options: TargetOptions) {
    this.#options = options;
  }

  async open(model: string | undefined): Promise<Target> {
    if (this.#open?.model === model && this.#open) return this.#open.target;
    await this[Symbol.asyncDispose]();
    const target = await openTarget(model, this.#options);
    this.#open = { model, target };
    return target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.target[Symbol.asyncDispose]();
  }
}
