import { basename, join } from "node:path";
import type { Experiment } from "../definition/experiment.ts";
import type { ModelFacts } from "../ask/model-facts.ts";
import type { Target } from "../ask/target.ts";
import { type Arm, baselineOf } from "../plan/arm.ts";
import type { Cell, Mode } from "../plan/cell.ts";
import type { Case } from "../definition/read-cases.ts";
import type { Manifest } from "./manifest.ts";
import { listRuns, planHash, type RunFolder, type RunList } from "./run-folder.ts";

export interface OpenRunOptions {
  readonly out: string;
  readonly experiment: Experiment;
  readonly arms: readonly Arm[];
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
  return {
    skipped,
    path: join(out, experiment.name, run),
    manifest: {
      ...describe(options),
      version: 1,
      run,
      plan,
      at,
      judgements: known?.manifest.judgements ?? [],
    },
  };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  return free;
}

function describe(options: OpenRunOptions): Omit<Manifest, "version" | "run" | "plan" | "at" | "judgements"> {
  const { experiment, arms, cases, cells, repeats, mode, target, factsOf } = options;
  const { name, description, path, date, seed, baseline } = experiment;
  const models = new Map(arms.map(({ setting }) => [setting.model, factsOf(setting.model)]));
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
    arms: arms.map((arm) => describeArm(arm, options)),
    cases: cases.map(({ id, variables, expected }) => ({ id, variables, expected })),
    cells: cells.map(({ arm, case: input, repeat, draw, key }) => ({
      arm,
      case: input.id,
      repeat,
      seed: draw.seed,
      key,
    })),
  };
}

function describeArm(arm: Arm, { arms, experiment, factsOf }: OpenRunOptions): Manifest["arms"][number] {
  const { id, variant, setting } = arm;
  const { name, sampling } = factsOf(setting.model);
  const baseline = baselineOf(arm, arms, experiment.baseline);
  const { system, body, notes } = variant;
  return {
    id,
    ...(baseline && { baseline: baseline.id }),
    variant: variant.name,
    model: name,
    effort: setting.effort,
    temperature: setting.temperature ?? sampling.temperature,
    maxTokens: setting.maxTokens,
    prompt: { ...(system !== undefined && { system }), body, ...(notes !== undefined && { notes }) },
  };
}
