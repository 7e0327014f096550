import { resolve } from "node:path";
import { failed } from "../failures/failure.ts";
import { listExperiments } from "../experiment/definition/find-experiment.ts";
import { definitionJsonSchema } from "../experiment/definition/schema.ts";
import { renderDiff } from "../experiment/report/diff-text.ts";
import { render } from "../experiment/report/render.ts";
import { writeReport } from "../experiment/report/write-report.ts";
import { changedCases, compareRuns } from "../experiment/results/compare-runs.ts";
import { rescoreRun, resultsOf } from "../experiment/results/rescore.ts";
import { findRun, listRunExperiments, listRuns } from "../experiment/run/run-folder.ts";
import { showableLine } from "../text/showable-text.ts";
import type { ExperimentDiffFlags, ExperimentReportFlags } from "./experiment-flags.ts";
import type { World } from "./world.ts";

/** `gpt-oss experiment list` */
export async function listAll(out: string, { folder, stdout, stderr }: World): Promise<number> {
  for (const { name, path } of listExperiments(folder)) stdout.write(`${showableLine(name)}\t${showableLine(path)}\n`);
  const runs = resolve(folder, out);
  for (const experiment of await listRunExperiments(runs)) {
    for (const { manifest, path } of await listRuns(runs, experiment))
      stderr.write(
        `${showableLine(`run ${experiment}/${manifest.run}: ${manifest.cells.length} cells, ${manifest.mode}, in ${path}`)}\n`,
      );
  }
  return 0;
}

/** `gpt-oss experiment schema` */
export function printSchema({ stdout }: World): number {
  stdout.write(`${JSON.stringify(definitionJsonSchema(), undefined, 2)}\n`);
  return 0;
}

/** `gpt-oss experiment report RUN` */
export async function report(name: string, flags: ExperimentReportFlags, world: World): Promise<number> {
  const run = await findRun(name, resolve(world.folder, flags.out));
  const results = await resultsOf(run, { allowJavascript: flags.allowJavascript === true });
  world.stderr.write(`Report: ${await writeReport(run.path, results)}\n`);
  world.stdout.write(render(results, flags.format));
  return 0;
}

/** `gpt-oss experiment rescore RUN` */
export async function rescore(name: string, flags: ExperimentReportFlags, world: World): Promise<number> {
  const run = await findRun(name, resolve(world.folder, flags.out));
  const results = await rescoreRun(run, { allowJavascript: flags.allowJavascript === true });
  world.stderr.write(`Report: ${await writeReport(run.path, results)}\n`);
  world.stdout.write(render(results, flags.format));
  return results.requirements.every(({ met }) => met) ? 0 : 1;
}

/** `gpt-oss experiment compare BEFORE AFTER` */
export async function compare(
  before: string,
  after: string,
  flags: ExperimentReportFlags,
  world: World,
): Promise<number> {
  const out = resolve(world.folder, flags.out);
  const [first, second] = [await findRun(before, out), await findRun(after, out)];
  if (first.path === second.path) {
    throw failed("sameRun", [before, after]);
  }
  const trust = { allowJavascript: flags.allowJavascript === true };
  const [old, latest] = [await resultsOf(first, trust), await resultsOf(second, trust)];
  const results = compareRuns(old, latest);
  const changed = changedCases(old, latest);
  if (changed.length > 0)
    world.stderr.write(`Cases with another content in the two runs are left out: ${changed.join(", ")}.\n`);
  world.stdout.write(render(results, flags.format));
  return 0;
}

/** `gpt-oss experiment diff RUN` */
export async function diff(name: string, flags: ExperimentDiffFlags, world: World): Promise<number> {
  const { folder, stdout, environment } = world;
  const results = await resultsOf(await findRun(name, resolve(folder, flags.out)), { allowJavascript: false });
  const { arm } = flags;
  if (arm !== undefined && !results.comparisons.some((comparison) => comparison.arm === arm)) {
    throw failed("unknownArm", [arm, results.comparisons.map((comparison) => comparison.arm).join("; ")]);
  }
  const colour = stdout.isTTY && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  stdout.write(renderDiff(results, { arm, all: flags.all === true, colour }));
  return 0;
}
