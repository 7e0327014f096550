import { resolve } from "node:path";
import { readConfig, foreignServer } from "../config/config.ts";
import { switchTracingOff } from "../config/tracing.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { GptOssError } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { findExperiment, loadExperimentFile } from "../experiment/definition/load-experiment.ts";
import type { Experiment } from "../experiment/definition/experiment.ts";
import { parseRequirement, type Requirement, unknownMeasure } from "../experiment/definition/schema.ts";
import { writeReport } from "../experiment/report/html.ts";
import { executeRun, type ExecutedRun } from "../experiment/run/run-experiment.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { ExperimentRunFlags, CommandContext } from "./command-options.ts";
import { ExperimentScreen } from "./experiment-screen.ts";
import { textFor } from "../i18n/catalogue.ts";

/** `gpt-oss experiment run`: the plan, the progress, the report; 1 when a requirement is not met or cells have failed. */
export async function runCommand(name: string, flags: ExperimentRunFlags, world: CommandContext): Promise<number> {
  const { environment, folder, signal, stdout, stderr } = world;
  const { baseUrl, llamaServer } = flags;
  const sources = { flags: { baseUrl, llamaServer }, environment, folder };
  const config = readConfig(sources);
  const foreign = foreignServer(sources);
  const language = world.language;
  const words = textFor(language).cli.experiment;
  if (foreign) stderr.write(`${words.foreignServer(foreign.url, foreign.file)}\n`);
  switchTracingOff(config.tracing === true);
  const experiment = await load(name, flags, folder);
  const screen = new ExperimentScreen(world, language);
  try {
    const run = await executeRun(experiment, {
      ...flags,
      model: flags.model ?? modelFor(experiment, config.model),
      mode: flags.exact === true ? "exact" : "fast",
      server: config.baseUrl === undefined ? undefined : { baseUrl: config.baseUrl, apiKey: config.apiKey },
      llamaServer: config.llamaServer,
      out: resolve(folder, flags.out),
      environment,
      signal,
      onPlan: screen.showPlan,
      onProgress: screen.showProgress,
      onSkipped: screen.showSkipped,
      onWait: screen.showWaiting,
    });
    screen.finish();
    return await finish(run, flags, { stdout, stderr }, language);
  } catch (error) {
    if (GptOssError.isInstance(error) && error.code === "interrupted") return screen.showInterrupted();
    screen.finish();
    throw error;
  }
}

async function load(name: string, flags: ExperimentRunFlags, folder: string): Promise<Experiment> {
  const file = findExperiment(name, folder);
  const allowJavascript = flags.allowJavascript === true || file.shipped;
  const experiment = await loadExperimentFile(file.path, { allowJavascript });
  return { ...experiment, requirements: [...experiment.requirements, ...requirementsOf(flags, experiment)] };
}

/** GPT_OSS_MODEL stands in where the experiment names no model, and overrides none. */
function modelFor({ settings }: Experiment, configured: string | undefined): string | undefined {
  return settings.every(({ model }) => model === undefined) ? configured : undefined;
}

function requirementsOf(
  { require = [], regression }: ExperimentRunFlags,
  { checks }: Experiment,
): readonly Requirement[] {
  const names = checks.map(({ name }) => name);
  const bounds = require.map((text) => {
    const requirement = parseRequirement(text);
    const wrong = requirement && unknownMeasure(requirement, names);
    if (wrong !== undefined) throw createError("badMeasure", [text, wrong]);
    if (requirement) return requirement;
    throw createError("badRequirement", [text]);
  });
  if (regression === true) return bounds;
  return [...bounds, { kind: "no_regression", ...(regression !== false && { margin: regression }) }];
}

async function finish(
  { results, folder }: ExecutedRun,
  { format }: ExperimentRunFlags,
  { stdout, stderr }: Pick<CommandContext, "stdout" | "stderr">,
  language: InterfaceLanguage,
): Promise<number> {
  if (!results) return 0;
  const words = textFor(language).cli.experiment;
  const say = (line: string) => stderr.write(`${showableLine(line)}\n`);
  say(words.report(await writeReport(folder.path, results, language)));
  const { render } = await import("../experiment/report/render.ts");
  stdout.write(render(results, format, language));
  const unmet = results.requirements.filter(({ met }) => !met);
  for (const { text, why } of unmet) say(words.requirementNotMet(text, why));
  const failures = results.cells.filter(({ error }) => error !== undefined);
  const [first] = failures;
  if (first) say(words.cellsFailed(failures.length, results.cells.length, first.error ?? ""));
  return unmet.length > 0 || failures.length > 0 ? 1 : 0;
}
