import { resolve } from "node:path";
import { createError } from "../i18n/error-messages.ts";
import { listExperiments } from "../experiment/definition/load-experiment.ts";
import { definitionJsonSchema } from "../experiment/definition/schema.ts";
import { renderDiff, render } from "../experiment/report/render.ts";
import { writeReport } from "../experiment/report/html.ts";
import { changedCases, compareRuns } from "../experiment/results/compare-variants.ts";
import { rescoreRun, resultsOf } from "../experiment/results/score-run.ts";
import { findRun, listRunExperiments, listRuns, type RunFolder } from "../experiment/run/run-folder.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { ExperimentDiffFlags, ExperimentReportFlags, CommandContext } from "./command-options.ts";
import { skippedLine } from "./experiment-screen.ts";
import { textFor } from "../i18n/catalogue.ts";

/** `gpt-oss experiment list` */
export async function listAll(out: string, world: CommandContext): Promise<number> {
  const { folder, stdout, stderr } = world;
  const language = world.language;
  const words = textFor(language).cli.experiment;
  const say = (line: string) => stderr.write(`${showableLine(line)}\n`);
  for (const { name, path } of listExperiments(folder)) stdout.write(`${showableLine(name)}\t${showableLine(path)}\n`);
  const all = resolve(folder, out);
  const { names, skipped } = await listRunExperiments(all);
  const unreadable = [...skipped];
  for (const experiment of names) {
    const { runs, skipped: own } = await listRuns(all, experiment);
    unreadable.push(...own);
    for (const { manifest, path } of runs)
      say(words.listedRun(`${experiment}/${manifest.run}`, manifest.cells.length, manifest.mode, path));
  }
  for (const { path, why } of unreadable) say(skippedLine(path, why, language));
  return 0;
}

/** The run that a user names; what could not be read beside it is reported. */
async function findNamedRun(name: string, out: string, world: CommandContext): Promise<RunFolder> {
  const language = world.language;
  return await findRun(name, resolve(world.folder, out), (skipped) => {
    for (const { path, why } of skipped) world.stderr.write(`${skippedLine(path, why, language)}\n`);
  });
}

/** `gpt-oss experiment schema` */
export function printSchema({ stdout }: CommandContext): number {
  stdout.write(`${JSON.stringify(definitionJsonSchema(), undefined, 2)}\n`);
  return 0;
}

/** `gpt-oss experiment report RUN` */
export async function report(name: string, flags: ExperimentReportFlags, world: CommandContext): Promise<number> {
  const run = await findNamedRun(name, flags.out, world);
  const results = await resultsOf(run, { allowJavascript: flags.allowJavascript === true, signal: world.signal });
  const language = world.language;
  const words = textFor(language).cli.experiment;
  world.stderr.write(`${showableLine(words.report(await writeReport(run.path, results, language)))}\n`);
  world.stdout.write(render(results, flags.format, language));
  return 0;
}

/** `gpt-oss experiment rescore RUN` */
export async function rescore(name: string, flags: ExperimentReportFlags, world: CommandContext): Promise<number> {
  const run = await findNamedRun(name, flags.out, world);
  const language = world.language;
  const words = textFor(language).cli.experiment;
  const results = await rescoreRun(run, {
    allowJavascript: flags.allowJavascript === true,
    signal: world.signal,
    onOtherQuestions: (ids) => world.stderr.write(`${showableLine(words.otherQuestions(ids.join(", ")))}\n`),
  });
  world.stderr.write(`${showableLine(words.report(await writeReport(run.path, results, language)))}\n`);
  world.stdout.write(render(results, flags.format, language));
  return results.requirements.every(({ met }) => met) && results.cells.every(({ error }) => error === undefined)
    ? 0
    : 1;
}

/** `gpt-oss experiment compare BEFORE AFTER` */
export async function compare(
  before: string,
  after: string,
  flags: ExperimentReportFlags,
  world: CommandContext,
): Promise<number> {
  const first = await findNamedRun(before, flags.out, world);
  const second = await findNamedRun(after, flags.out, world);
  if (first.path === second.path) {
    throw createError("sameRun", [before, after]);
  }
  const trust = { allowJavascript: flags.allowJavascript === true, signal: world.signal };
  const [old, latest] = [await resultsOf(first, trust), await resultsOf(second, trust)];
  const results = compareRuns(old, latest);
  const changed = changedCases(old, latest);
  const language = world.language;
  const words = textFor(language).cli.experiment;
  if (changed.length > 0) world.stderr.write(`${showableLine(words.changedCases(changed.join(", ")))}\n`);
  world.stdout.write(render(results, flags.format, language));
  return 0;
}

/** `gpt-oss experiment diff RUN` */
export async function diff(name: string, flags: ExperimentDiffFlags, world: CommandContext): Promise<number> {
  const { stdout, environment } = world;
  const results = await resultsOf(await findNamedRun(name, flags.out, world), { allowJavascript: false });
  const variant = flags.variant ?? flags.arm;
  if (variant !== undefined && !results.comparisons.some((comparison) => comparison.variant === variant)) {
    throw createError("unknownVariant", [
      variant,
      results.comparisons.map((comparison) => comparison.variant).join("; "),
    ]);
  }
  const colour = stdout.isTTY && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  stdout.write(renderDiff(results, { variant, all: flags.all === true, colour, language: world.language }));
  return 0;
}
