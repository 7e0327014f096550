import { type Command, Option } from "commander";
import { FORMATS, DEFAULT_OUT } from "../experiment/definition/experiment.ts";
import {
  type ExperimentDiffFlags,
  type ExperimentReportFlags,
  type ExperimentRunFlags,
  collect,
  positiveNumber,
  regressionMargin,
  type CommandContext,
} from "./command-options.ts";
import type { HelpText } from "../i18n/en/help.ts";

type Texts = HelpText["experiment"];

const formatOption = ({ format }: Texts) => new Option("--format <format>", format).choices(FORMATS).default("table");
const outOption = ({ out }: Texts) => new Option("--out <folder>", out).default(DEFAULT_OUT);
const javascriptOption = ({ allowJavascript }: Texts) => new Option("--allow-javascript", allowJavascript);

/** Adds `gpt-oss experiment …` to the program; what a command does is loaded when it is called. */
export function addExperimentCommand(program: Command, all: HelpText, world: CommandContext): void {
  const texts = all.experiment;
  const experiment = program
    .command("experiment")
    .description(texts.description)
    .helpCommand(`help ${all.layout.command}`, all.program.helpCommand);
  addRun(experiment, all, world);
  addLooks(experiment, texts, world);
  experiment
    .command("init")
    .description(texts.init.description)
    .argument("<name>")
    .action(async (name: string) => {
      const { initExperiment } = await import("./new-experiment.ts");
      process.exitCode = await initExperiment(name, world);
    });
  experiment
    .command("import")
    .description(texts.import.description)
    .argument("<file>")
    .option("--name <name>", texts.import.name)
    .action(async (file: string, flags: { readonly name?: string }) => {
      const { importExperiment } = await import("./new-experiment.ts");
      process.exitCode = await importExperiment(file, flags, world);
    });
  experiment
    .command("list")
    .description(texts.list.description)
    .addOption(outOption(texts))
    .action(async ({ out }: { out: string }) => {
      const { listAll } = await import("./experiment-results.ts");
      process.exitCode = await listAll(out, world);
    });
  experiment
    .command("schema")
    .description(texts.schema.description)
    .action(async () => {
      const { printSchema } = await import("./experiment-results.ts");
      process.exitCode = printSchema(world);
    });
}

function addRun(experiment: Command, { experiment: texts, values }: HelpText, world: CommandContext): void {
  const run = takeMarginAfterEqualsOnly(experiment.command("run"));
  run
    .description(texts.run.description)
    .argument("<name|file>")
    .option("--limit <cases>", texts.run.limit, positiveNumber(values))
    .option("--only <kind=value>", texts.run.only, collect)
    .option("--sample <cases>", texts.run.sample, positiveNumber(values))
    .option("--seed <number>", texts.run.seed, positiveNumber(values))
    .option("--repeats <number>", texts.run.repeats, positiveNumber(values))
    .option("--exact", texts.run.exact)
    .option("--dry-run", texts.run.dryRun)
    .option("--fresh", texts.run.fresh)
    .option("--model <name|file>", texts.run.model)
    .option("--base-url <url>", texts.run.baseUrl)
    .option("--llama-server <path>", texts.run.llamaServer)
    .option("--slots <number>", texts.run.slots, positiveNumber(values))
    .option("--require <bound>", texts.run.require, collect)
    .option("--no-regression [=margin]", texts.run.noRegression, regressionMargin(values))
    .option("--compare-to <file>", texts.run.compareTo)
    .addOption(javascriptOption(texts))
    .addOption(formatOption(texts))
    .addOption(outOption(texts))
    .action(async (name: string, flags: ExperimentRunFlags) => {
      const { runCommand } = await import("./experiment-run.ts");
      process.exitCode = await runCommand(name, flags, world);
    });
}

/** Commander would read the experiment's name in `run --no-regression NAME` as the margin. */
function takeMarginAfterEqualsOnly(run: Command): Command {
  const parse = run.parseOptions.bind(run);
  run.parseOptions = (words) => parse(words.map((word) => (word === "--no-regression" ? `${word}=` : word)));
  return run;
}

/** What asks no model. */
function addLooks(experiment: Command, texts: Texts, world: CommandContext): void {
  const run = texts.runArgument;
  experiment
    .command("report")
    .description(texts.report.description)
    .argument("<run>", run)
    .addOption(formatOption(texts))
    .addOption(javascriptOption(texts))
    .addOption(outOption(texts))
    .action(async (name: string, flags: ExperimentReportFlags) => {
      const { report } = await import("./experiment-results.ts");
      process.exitCode = await report(name, flags, world);
    });
  experiment
    .command("rescore")
    .description(texts.rescore.description)
    .argument("<run>", run)
    .addOption(formatOption(texts))
    .addOption(javascriptOption(texts))
    .addOption(outOption(texts))
    .action(async (name: string, flags: ExperimentReportFlags) => {
      const { rescore } = await import("./experiment-results.ts");
      process.exitCode = await rescore(name, flags, world);
    });
  experiment
    .command("compare")
    .description(texts.compare.description)
    .argument("<before>", run)
    .argument("<after>", run)
    .addOption(formatOption(texts))
    .addOption(outOption(texts))
    .action(async (before: string, after: string, flags: ExperimentReportFlags) => {
      const { compare } = await import("./experiment-results.ts");
      process.exitCode = await compare(before, after, flags, world);
    });
  experiment
    .command("diff")
    .description(texts.diff.description)
    .argument("<run>", run)
    .option("--variant <variant>", texts.diff.variant)
    .addOption(new Option("--arm <variant>").hideHelp())
    .option("--all", texts.diff.all)
    .addOption(outOption(texts))
    .action(async (name: string, flags: ExperimentDiffFlags) => {
      const { diff } = await import("./experiment-results.ts");
      process.exitCode = await diff(name, flags, world);
    });
}
