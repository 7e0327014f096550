#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { packageFile } from "./platform/folders.ts";
import { asksForCompletion, programIn } from "./cli/program.ts";
import type { HelpLanguage, CommandContext } from "./cli/command-options.ts";
import { ENGLISH, helpIn, interfaceLanguage } from "./cli/interface-language.ts";
import { listenForInterrupts, watchOutput } from "./cli/process-events.ts";
import { GptOssError } from "./errors/errors.ts";
import { failed } from "./i18n/error-messages.ts";

const interrupts = listenForInterrupts();

/** Undefined where it has been deleted. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

const world: CommandContext = {
  environment: process.env,
  folder: currentFolder() ?? "",
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupts.signal,
  atExit: (action) => process.once("exit", action),
};
const words = process.argv.length > 2 ? process.argv.slice(2) : ["--help"];

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };
  return version;
}

const output = watchOutput(process, (failure) => {
  if (failure === undefined) process.exit(process.exitCode ?? 0);
  void endWith(failure);
});

async function endWith(failure: unknown): Promise<never> {
  // loaded here alone: a command that succeeds needs no words for failures
  const { describeError } = await import("./chat/describe-error.ts");
  process.stderr.write(`${describeError(failure, await interfaceLanguage(world, words))}\n`);
  process.exit(interrupts.status() ?? (GptOssError.isInstance(failure) ? failure.exitStatus : 1));
}

const speaksForSure = asksForCompletion(words) || words.some((word) => word === "--help" || word === "-h");

/**
 * Runs the command. In which language the command line itself speaks is only looked for when it has something to say: else the words are
 * read in silence first, and in case of a complaint once more by a program that speaks.
 */
async function run(): Promise<void> {
  if (!speaksForSure) {
    try {
      await read(ENGLISH, { isSilent: true });
      return;
    } catch (failure) {
      if (!(failure instanceof CommanderError)) throw failure;
    }
  }
  await read(await helpIn(await interfaceLanguage(world, words)));
}

async function read(language: HelpLanguage, { isSilent = false } = {}): Promise<void> {
  const program = await programIn(language, { version: packageVersion(), world, interrupts, words, isSilent });
  await program.parseAsync(words, { from: "user" });
}

try {
  if (world.folder === "") throw failed("currentFolderGone", []);
  await run();
} catch (failure) {
  if (failure instanceof CommanderError) {
    process.exitCode = failure.exitCode === 0 ? 0 : 2;
  } else {
    await endWith((await output.failure()) ?? failure);
  }
}
const unwritten = await output.failure();
if (unwritten !== undefined) await endWith(unwritten);
process.exitCode = interrupts.status() ?? process.exitCode;
// what is still open now (an idle connection, a timer) must not keep a finished command alive
process.exit();
