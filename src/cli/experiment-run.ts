import { resolve } from "node:path";
import { readConfig, foreignServer } from "../config/config.ts";
import { switchTracingOff } from "../config/tracing.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { GptOssError, messageOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { findExperiment, loadExperimentFile } from "../experiment/definition/load-experiment.ts";
import type { Experiment } from "../experiment/definition/experiment.ts";
import { parseRequirement, type Requirement, unknownMeasure } from "../experiment/definition/schema.ts";
import { compareRuns } from "../experiment/results/compare-variants.ts";
import { judgeRequirements } from "../experiment/results/requirements.ts";
import { type Results, resultsSchema } from "../experiment/results/results.ts";
import { writeReport } from "../experiment/report/html.ts";
import { executeRun, type ExecutedRun } from "../experiment/run/run-experiment.ts";
import { readUserFile } from "../platform/user-file.ts";
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
  // errors in it are reported before an hour of answers
  const before = flags.compareTo === undefined ? undefined : readBaseline(resolve(folder, flags.compareTo));
  const screen = new ExperimentScreen(world, language);
  try {
    const run = await executeRun(experiment, {
      ...flags,
      sampleSeed: flags.seed,
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
    return await finish(run, { ...flags, before }, { stdout, stderr }, language);
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

/** GPT_OSS_MODEL applies if the experiment does not name a model, and does not override one. */
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

/** @throws GptOssError `usage` for a file that has no results */
function readBaseline(path: string): Results {
  const text = readUserFile(path, { maxBytes: MAX_RESULTS_BYTES });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw createError("badBaselineFile", [path, messageOf(error)]);
  }
  const results = resultsSchema.safeParse(value);
  if (results.success) return results.data;
  throw createError("badBaselineFile", [path, results.error.issues[0]?.path.join(".") ?? ""]);
}

/** Results of thousands of cases with their prompts. */
const MAX_RESULTS_BYTES = 1024 * 1024 * 1024;

/** Both runs side by side; `--no-regression` holds for each variant against its earlier self. */
function compareWithBaseline(
  before: Results,
  results: Results,
  { regression }: Pick<ExperimentRunFlags, "regression">,
) {
  const compared = compareRuns(before, results);
  const after = new Set(compared.comparisons.map(({ variant }) => variant));
  const context = {
    variants: compared.variants.filter(({ id }) => after.has(id)),
    comparisons: compared.comparisons,
    baseline: "",
  };
  const requirements =
    regression === true
      ? []
      : judgeRequirements([{ kind: "no_regression", ...(regression !== false && { margin: regression }) }], context);
  const named = requirements.map(({ text, met, why }) => ({ text: `${text} (${before.run})`, met, why }));
  return { ...compared, requirements: [...results.requirements, ...named] };
}

function pickRequirements(compared: Results | undefined): Partial<Results> {
  return compared ? { requirements: compared.requirements } : {};
}

async function finish(
  { results, folder }: ExecutedRun,
  { format, before, ...flags }: ExperimentRunFlags & { readonly before: Results | undefined },
  { stdout, stderr }: Pick<CommandContext, "stdout" | "stderr">,
  language: InterfaceLanguage,
): Promise<number> {
  if (!results) return 0;
  const words = textFor(language).cli.experiment;
  const say = (line: string) => stderr.write(`${showableLine(line)}\n`);
  say(words.report(await writeReport(folder.path, results, language)));
  const { render } = await import("../experiment/report/render.ts");
  const compared = before && compareWithBaseline(before, results, flags);
  // in JUnit each test is one of this run
  const shown = compared && format !== "junit" ? compared : { ...results, ...pickRequirements(compared) };
  stdout.write(render(shown, format, language));
  const { requirements } = compared ?? results;
  const unmet = requirements.filter(({ met }) => !met);
  for (const { text, why } of unmet) say(words.requirementNotMet(text, why));
  const failures = results.cells.filter(({ error }) => error !== undefined);
  const [first] = failures;
  if (first) say(words.cellsFailed(failures.length, results.cells.length, first.error ?? ""));
  return unmet.length > 0 || failures.length > 0 ? 1 : 0;
}
