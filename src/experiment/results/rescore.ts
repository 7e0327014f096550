import { failed } from "../../failures/failure.ts";
import type { Experiment } from "../definition/experiment.ts";
import { loadExperimentFile } from "../definition/load-experiment.ts";
import { findExperiment } from "../definition/find-experiment.ts";
import { groupBy } from "../plan/order.ts";
import { type RunFolder, readResults, storePathOf, writeResults } from "../run/run-folder.ts";
import { Store } from "../store/store.ts";
import type { Results } from "./results.ts";
import { currentCases } from "./current-cases.ts";
import { scoreRun } from "./score-run.ts";
import { countUnjudged } from "./summarize-arm.ts";

export interface RescoreOptions {
  readonly allowJavascript: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Cases whose variables have changed since: their answers are judged by the values of then. */
  readonly onOtherQuestions?: ((ids: readonly string[]) => void) | undefined;
}

/** What a run came to when it was last scored; scored now if it was killed before that. */
export async function resultsOf(run: RunFolder, options: RescoreOptions): Promise<Results> {
  const results = await readResults(run.path);
  return results ? withCounts(results) : await rescoreRun(run, options);
}

/** Results of version 0.1.0 lack some counts, which follow from the rest of them. */
function withCounts(results: Results): Results {
  const byArm = groupBy(results.cells, ({ arm }) => arm);
  return {
    ...results,
    arms: results.arms.map((arm) => ({ ...countUnjudged(byArm.get(arm.id) ?? [], results.checks), ...arm })),
  };
}

/** Applies the checks and expected values that the experiment's file has now to the answers in the store. No model is asked. */
export async function rescoreRun(run: RunFolder, options: RescoreOptions): Promise<Results> {
  const experiment = await loadChecks(run, options);
  const rows = await Store.read(storePathOf(run));
  const { cases, otherQuestions } = currentCases(run.manifest, experiment);
  if (otherQuestions.length > 0) options.onOtherQuestions?.(otherQuestions);
  const results = await scoreRun({
    manifest: { ...run.manifest, cases },
    askedCases: run.manifest.cases,
    experiment,
    rowOf: (key) => rows.get(key),
    signal: options.signal,
  });
  await writeResults(run.path, results);
  return results;
}

async function loadChecks({ manifest }: RunFolder, { allowJavascript }: RescoreOptions): Promise<Experiment> {
  const { path, name } = manifest.experiment;
  if (path === undefined) {
    throw failed("checksInCode", [name]);
  }
  const { shipped } = findExperiment(path, ".");
  return await loadExperimentFile(path, { allowJavascript: allowJavascript || shipped });
}
