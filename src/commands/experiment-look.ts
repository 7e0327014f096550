import { resolve } from "node:path";
import { GptOssError } from "../errors.ts";
import { listExperiments } from "../experiment/definition/find-experiment.ts";
import { definitionJsonSchema } from "../experiment/definition/schema.ts";
import { renderDiff } from "../experiment/report/diff-text.ts";
import { render } from "../experiment/report/render.ts";
import { writeReport } from "../experiment/report/write-report.ts";
import { compareRuns } from "../experiment/results/compare-runs.ts";
import { rescoreRun, resultsOf } from "../experiment/results/rescore.ts";
import { findRun, listRunExperiments, listRuns } from "../experiment/run/run-folder.ts";
import { showableLine } from "../showable-text.ts";
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
    throw new GptOssError("usage", `${before} and ${after} are the same run.`, {
      hint: "Name two, such as NAME~1 and NAME; gpt-oss experiment list shows what there is.",
    });
  }
  const trust = { allowJavascript: flags.allowJavascript === true };
  const results = compareRuns(await resultsOf(first, trust), await resultsOf(second, trust));
  world.stdout.write(render(results, flags.format));
  return 0;
}

/** `gpt-oss experiment diff RUN` */
export async function diff(name: string, flags: ExperimentDiffFlags, world: World): Promise<number> {
  const { folder, stdout, environment } = world;
  const results = await resultsOf(await findRun(name, resolve(folder, flags.out)), { allowJavascript: false });
  const { arm } = flags;
  if (arm !== undefined && !results.comparisons.some((comparison) => comparison.arm === arm)) {
    throw new GptOssError("usage", `There is no arm ${arm} that is compared with another.`, {
      hint: `Name one of ${results.comparisons.map((comparison) => comparison.arm).join("; ")}.`,
    });
  }
  const colour = stdout.isTTY && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  stdout.write(renderDiff(results, { arm, all: flags.all === true, colour }));
  return 0;
}
