import { type Command, Option } from "commander";
import { FORMATS } from "../experiment/report/formats.ts";
import { DEFAULT_OUT } from "../experiment/run/default-out.ts";
import type { ExperimentDiffFlags, ExperimentReportFlags, ExperimentRunFlags } from "./experiment-flags.ts";
import { collect, positiveNumber } from "./option-values.ts";
import type { World } from "./world.ts";

const formatOption = () =>
  new Option("--format <format>", "what is written to standard output").choices(FORMATS).default("table");
const outOption = () => new Option("--out <folder>", "folder of all runs").default(DEFAULT_OUT);
const javascriptOption = () => new Option("--allow-javascript", "run the modules that the experiment's checks name");

/** Adds `gpt-oss experiment …` to the program; what a command does is loaded when it is called. */
export function addExperimentCommand(program: Command, world: World): void {
  const experiment = program.command("experiment").description("run prompt experiments and look at what they came to");
  addRun(experiment, world);
  addLooks(experiment, world);
  experiment
    .command("list")
    .description("experiments that can be run, and runs that there are")
    .addOption(outOption())
    .action(async ({ out }: { out: string }) => {
      const { listAll } = await import("./experiment-look.ts");
      process.exitCode = await listAll(out, world);
    });
  experiment
    .command("schema")
    .description("print the JSON Schema of an experiment's YAML file, for editors")
    .action(async () => {
      const { printSchema } = await import("./experiment-look.ts");
      process.exitCode = printSchema(world);
    });
}

function addRun(experiment: Command, world: World): void {
  experiment
    .command("run")
    .description("run an experiment, by name or by the path of its YAML file; run it again to go on")
    .argument("<name|file>")
    .option("--limit <cases>", "only the first cases", positiveNumber)
    .option(
      "--only <kind=value>",
      "only such variants, cases, efforts, models or temperatures; may be repeated",
      collect,
    )
    .option("--repeats <number>", "times that each cell is asked", positiveNumber)
    .option("--exact", "one slot and no cache: the same seed gives the same answer")
    .option("--dry-run", "say what would be asked, and ask nothing")
    .option("--model <name|file>", "instead of the experiment's own models")
    .option("--base-url <url>", "use the llama-server at this address instead of starting one (OPENAI_BASE_URL)")
    .option("--llama-server <path>", "use this llama-server program (GPT_OSS_LLAMA_SERVER)")
    .option("--slots <number>", "cells that are asked at once", positiveNumber)
    .option("--require <bound>", "exit with 1 unless met, such as 'score>=0.8'; may be repeated", collect)
    .option("--no-regression", "exit with 1 when an arm is worse than its baseline")
    .addOption(javascriptOption())
    .addOption(formatOption())
    .addOption(outOption())
    .action(async (name: string, flags: ExperimentRunFlags) => {
      const { runCommand } = await import("./experiment-run.ts");
      process.exitCode = await runCommand(name, flags, world);
    });
}

/** What asks no model. */
function addLooks(experiment: Command, world: World): void {
  const run = "NAME (its latest run), NAME~1 (the one before), NAME/RUN, or a run's folder";
  experiment
    .command("report")
    .description("show a run's results, in any format")
    .argument("<run>", run)
    .addOption(formatOption())
    .addOption(javascriptOption())
    .addOption(outOption())
    .action(async (name: string, flags: ExperimentReportFlags) => {
      const { report } = await import("./experiment-look.ts");
      process.exitCode = await report(name, flags, world);
    });
  experiment
    .command("rescore")
    .description("apply the checks that the experiment has now to answers that are there")
    .argument("<run>", run)
    .addOption(formatOption())
    .addOption(javascriptOption())
    .addOption(outOption())
    .action(async (name: string, flags: ExperimentReportFlags) => {
      const { rescore } = await import("./experiment-look.ts");
      process.exitCode = await rescore(name, flags, world);
    });
  experiment
    .command("compare")
    .description("compare two runs, case by case: what the second one changed")
    .argument("<before>", run)
    .argument("<after>", run)
    .addOption(formatOption())
    .addOption(outOption())
    .action(async (before: string, after: string, flags: ExperimentReportFlags) => {
      const { compare } = await import("./experiment-look.ts");
      process.exitCode = await compare(before, after, flags, world);
    });
  experiment
    .command("diff")
    .description("show answers beside the baseline's, with what changed marked")
    .argument("<run>", run)
    .option("--arm <arm>", "only this arm")
    .option("--all", "all cases, and not only those whose answers differ")
    .addOption(outOption())
    .action(async (name: string, flags: ExperimentDiffFlags) => {
      const { diff } = await import("./experiment-look.ts");
      process.exitCode = await diff(name, flags, world);
    });
}
