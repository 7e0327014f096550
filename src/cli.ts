#!/usr/bin/env node
import { CommanderError } from "commander";
import { packageVersion } from "./platform/folders.ts";
import { programIn } from "./cli/program.ts";
import type { CommandContext } from "./cli/command-options.ts";
import { helpIn, interfaceLanguage } from "./cli/interface-language.ts";
import { listenForInterrupts, watchOutput } from "./cli/process-events.ts";
import { GptOssError } from "./errors/errors.ts";
import { createError } from "./i18n/error-messages.ts";

const interrupts = listenForInterrupts();

/** Undefined where it has been deleted. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

const folder = currentFolder() ?? "";
const words = process.argv.length > 2 ? process.argv.slice(2) : ["--help"];
const language = await interfaceLanguage({ environment: process.env, folder }, words);
const world: CommandContext = {
  environment: process.env,
  language,
  folder,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupts.signal,
  atExit: (action) => process.once("exit", action),
};

const output = watchOutput(process, (failure) => {
  if (failure === undefined) process.exit(process.exitCode ?? 0);
  void endWith(failure);
});

async function endWith(failure: unknown): Promise<never> {
  // loaded here alone: a command that succeeds needs no text for errors
  const { describeError } = await import("./chat/describe-error.ts");
  process.stderr.write(`${describeError(failure, language)}\n`);
  process.exit(interrupts.status() ?? (GptOssError.isInstance(failure) ? failure.exitStatus : 1));
}

try {
  if (folder === "") throw createError("currentFolderGone", []);
  const program = await programIn(await helpIn(language), { version: packageVersion(), world, interrupts, words });
  await program.parseAsync(words, { from: "user" });
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
