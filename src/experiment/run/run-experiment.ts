import { resolve } from "node:path";
import type { Environment } from "../../../setup/folders.ts";
import { readConfig } from "../../config/config.ts";
import { findExperiment } from "../definition/find-experiment.ts";
import { loadExperimentFile, loadExperimentValue, type LoadOptions } from "../definition/load-experiment.ts";
import type { ExperimentDefinition } from "../definition/schema.ts";
import type { Results } from "../results/results.ts";
import { type ExecuteRunOptions, executeRun } from "./execute-run.ts";
import { DEFAULT_OUT } from "./default-out.ts";
import type { RunPlan } from "./run-plan.ts";

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
  definition: ExperimentDefinition | string,
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
