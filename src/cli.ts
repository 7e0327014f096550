#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { packageFile } from "../setup/package-folder.ts";
import { addExperimentCommand } from "./commands/experiment.ts";
import { addChatCommands } from "./commands/chat-program.ts";
import { addCompletion } from "./commands/completion.ts";
import { listenForInterrupts } from "./commands/interrupts.ts";
import type { DoctorFlags } from "./commands/doctor-flags.ts";
import type { ServeFlags } from "./commands/serve.ts";
import { addSessionCommands } from "./commands/sessions-program.ts";
import type { SetupFlags } from "./commands/setup-flags.ts";
import { positiveNumber } from "./commands/option-values.ts";
import type { World } from "./commands/world.ts";
import { GptOssError } from "./errors.ts";

const interrupts = listenForInterrupts();
const world: World = {
  environment: process.env,
  folder: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupts.signal,
  atExit: (action) => process.once("exit", action),
};

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };
  return version;
}

const program = new Command("gpt-oss")
  .description("OpenAI's open-weight gpt-oss models on your own machine.")
  .version(packageVersion())
  .showHelpAfterError("(gpt-oss --help lists the commands and options)")
  .exitOverride()
  .action(() => {
    program.help();
  });

addChatCommands(program, world);

program
  .command("setup")
  .description("build llama.cpp for this machine, fetch a model, and check that they work together")
  .option("--model <name>", "gpt-oss-20b, gpt-oss-120b or demo", "gpt-oss-20b")
  .addOption(
    new Option("--gpu <backend>", "what to build for")
      .choices(["auto", "metal", "cuda", "vulkan", "cpu"])
      .default("auto"),
  )
  .option(
    "--with-rpc",
    "build for several machines: a llama-server that hands out layers, and the rpc-server that takes them",
  )
  .option("--jobs <number>", "compilers at once", positiveNumber)
  .option("--llama-server <path>", "use this llama-server instead of building one (GPT_OSS_LLAMA_SERVER)")
  .option("--dry-run", "print every command and every download, and do nothing")
  .option("--platform <name>", "with --dry-run: plan for another machine, such as darwin-arm64")
  .option("--list", "show what is installed")
  .option("--remove <name>", "take away a build or a model that --list names")
  .option("--yes", "answer every question with yes")
  .action(async (flags: SetupFlags) => {
    const { setup } = await import("./commands/setup.ts");
    process.exitCode = await setup(flags, world, interrupts);
  });

const serveCommand = program
  .command("serve")
  .description("run a server for other programs, in the foreground until Ctrl-C")
  .option("--model <name|file>", "gpt-oss-20b, gpt-oss-120b, demo or a .gguf file (GPT_OSS_MODEL)")
  .option("--context <tokens>", "tokens of one conversation; by memory when left out (GPT_OSS_CONTEXT)")
  .option("--parallel <number>", "conversations at once, each with the whole context", positiveNumber)
  .option("--port <port>", "a free one by default (GPT_OSS_PORT)")
  .option("--host <address>", "listen there and not on loopback; wants a key")
  .addOption(new Option("--api-key <key>", "what clients have to send; a random one by default").env("GPT_OSS_API_KEY"))
  .option("--raw", "answer raw harmony text instead of splitting the channels")
  .option("--rpc <host:port,…>", "let these rpc-servers take layers (GPT_OSS_RPC)")
  .option("--llama-server <path>", "use this llama-server (GPT_OSS_LLAMA_SERVER)")
  .option("--detach", "leave it running until serve stop")
  .action(async (flags: ServeFlags) => {
    const { serve } = await import("./commands/serve.ts");
    process.exitCode = await serve(flags, world);
  });
serveCommand
  .command("status")
  .description("which servers run, and who uses them")
  .option("--json", "for programs")
  .action(async (flags: { json?: boolean }) => {
    const { serveStatus } = await import("./commands/serve-control.ts");
    process.exitCode = await serveStatus(flags, world);
  });
serveCommand
  .command("stop")
  .description("stop every server")
  .action(async () => {
    const { serveStop } = await import("./commands/serve-control.ts");
    process.exitCode = await serveStop(world);
  });
serveCommand
  .command("logs")
  .description("what the server says")
  .option("-f, --follow", "go on until Ctrl-C")
  .action(async (flags: { follow?: boolean }) => {
    const { serveLogs } = await import("./commands/serve-control.ts");
    process.exitCode = await serveLogs(flags, world);
  });

program
  .command("doctor")
  .description("what is here, what is wrong, and the command that mends it")
  .option("--json", "for programs")
  .option("--report [file]", "ask the installed model a fixed set of questions and write what came back as Markdown")
  .option("--model <name|file>", "with --report: this model (GPT_OSS_MODEL)")
  .option("--llama-server <path>", "use this llama-server (GPT_OSS_LLAMA_SERVER)")
  .action(async (flags: DoctorFlags) => {
    const { doctor } = await import("./commands/doctor.ts");
    process.exitCode = await doctor(flags, world);
  });
addSessionCommands(program, world, interrupts);
addExperimentCommand(program, world);

/** A reader that went away (`gpt-oss chat | head -1`) is no failure of ours. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? 0);
}
process.stdout.on("error", endQuietlyOnClosedPipe);
process.stderr.on("error", endQuietlyOnClosedPipe);

try {
  await addCompletion(program, process.argv.slice(2));
  await program.parseAsync();
} catch (failure) {
  if (failure instanceof CommanderError) {
    process.exitCode = failure.exitCode === 0 ? 0 : 2;
  } else {
    // loaded here alone: a command that succeeds needs no words for failures
    const { describeFailure } = await import("./chat/describe-failure.ts");
    const { interfaceLanguage } = await import("./commands/interface-language.ts");
    process.stderr.write(`${describeFailure(failure, interfaceLanguage(process.argv.slice(2), world))}\n`);
    process.exitCode = GptOssError.isInstance(failure) ? failure.exitStatus : 1;
  }
}
process.exitCode = interrupts.status() ?? process.exitCode;
// what is still open now (an idle connection, a timer) must not keep a finished command alive
process.exit();
