import { type Command, Option } from "commander";
import { EFFORTS } from "../config/effort.ts";
import { INTERFACE_LANGUAGES } from "../i18n/language.ts";
import { STRATEGIES } from "../memory/memory-options.ts";
import type { AskFlags } from "./ask.ts";
import type { ChatFlags } from "./chat.ts";
import {
  type HelpLanguage,
  type CommandContext,
  collect,
  positiveNumber,
  type DoctorFlags,
  type SetupFlags,
} from "./command-options.ts";
import type { HelpText } from "../i18n/en/help.ts";
import type { ConfigFlags } from "./config.ts";
import { addExperimentCommand } from "./experiment.ts";
import type { LaunchFlags } from "./launch.ts";
import { LocalizedCommand } from "./localized-command.ts";
import type { Interrupts } from "./process-events.ts";
import type { ServeFlags } from "./serve.ts";
import type { ExportFlags, JsonFlag, SessionCommands } from "./sessions.ts";

export interface ProgramOptions {
  readonly version: string;
  readonly world: CommandContext;
  readonly interrupts: Interrupts;
  /** What stands on the command line, without the program's name. */
  readonly words: readonly string[];
}

/**
 * The whole command line, in a language; commands are named here and loaded when they are called. It throws CommanderError instead of
 * ending the process.
 */
export async function programIn(
  { texts, layout }: HelpLanguage,
  { version, world, interrupts, words }: ProgramOptions,
): Promise<Command> {
  const program = new LocalizedCommand(texts, "gpt-oss")
    .description(texts.program.description)
    .version(version, "-V, --version", texts.program.version)
    .helpOption("-h, --help", texts.program.helpOption)
    .configureHelp(layout)
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
    })
    .helpCommand(`help ${texts.layout.command}`, texts.program.helpCommand)
    .exitOverride();
  addChatCommands(program, texts, world);
  addSetupCommand(program, texts, world, interrupts);
  addServeCommands(program, texts, world);
  addLaunchCommand(program, texts, world, interrupts);
  addDoctorCommand(program, texts, world);
  addSessionCommands(program, texts, world, interrupts);
  addExperimentCommand(program, texts, world);
  await addCompletion(program, texts, words);
  refuseUnknownSubcommand(program, words);
  return program;
}

/** Commander would take `sessions serach foo` as three arguments of the default command, and complain about their number. */
function refuseUnknownSubcommand(program: Command, [first = "", second = "-"]: readonly string[]): void {
  const group = program.commands.find((command) => command.name() === first);
  if (group === undefined || group.commands.length === 0 || second.startsWith("-") || second === "help") return;
  if (group.commands.some((command) => command.name() === second) || group.registeredArguments.length > 0) return;
  if (group instanceof LocalizedCommand) group.unknownCommand(second);
}

/** The shell asks by `complete`, the user by `completion`. */
const COMMANDS = new Set(["complete", "completion"]);

/** Whether the words ask for what a shell completes, and not for a command of ours. */
export function asksForCompletion(words: readonly string[]): boolean {
  return COMMANDS.has(words[0] ?? "");
}

/**
 * `gpt-oss completion zsh|bash|fish`: the script that has a shell complete commands and options; it asks this program for them. What it
 * takes is only loaded when it is asked for.
 */
export async function addCompletion(
  program: Command,
  { completion: texts }: HelpText,
  words: readonly string[],
): Promise<void> {
  if (asksForCompletion(words)) {
    const { default: tab } = await import("@bomb.sh/tab/commander");
    tab(program, { completionCommandName: "completion" });
    const command = program.commands.find((candidate) => candidate.name() === "completion");
    const [shell] = command?.description(texts.ownDescription).registeredArguments ?? [];
    if (shell) shell.description = texts.shell;
  } else {
    program.command("completion <shell>").description(texts.description);
  }
}

/** An option whose values help and the shell know; they are checked where all settings are. */
function choosing(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description);
  option.argChoices = [...choices];
  return option;
}

/** The options that chat and ask share: which model, where, and how. */
function withModelOptions(command: Command, texts: HelpText["model"]): Command {
  return command
    .option("--model <name|file>", texts.model)
    .option("--base-url <url>", texts.baseUrl)
    .addOption(choosing("--effort <level>", texts.effort, EFFORTS))
    .option("--context <tokens>", texts.context)
    .option("--max-tokens <tokens>", texts.maxTokens)
    .option("--port <port>", texts.port)
    .option("--rpc <host:port,…>", texts.rpc)
    .option("--llama-server <path>", texts.llamaServer)
    .addOption(choosing("--lang <language>", texts.lang, INTERFACE_LANGUAGES))
    .option("--plain", texts.plain)
    .option("--show-thinking", texts.showThinking);
}

/** Names `gpt-oss chat`, `ask` and `config`; what they do is only loaded when one of them runs. */
export function addChatCommands(program: Command, texts: HelpText, world: CommandContext): void {
  withModelOptions(program.command("chat").description(texts.chat.description), texts.model)
    .option("--continue", texts.chat.continue)
    .option("--resume [id|title]", texts.chat.resume)
    .option("--fork <id|title>", texts.chat.fork)
    .option("--no-save", texts.chat.noSave)
    .addOption(choosing("--memory <strategy>", texts.chat.memory, STRATEGIES))
    .option("--cut-long", texts.chat.cutLong)
    .option("--tools <list>", texts.chat.tools)
    .option("--allow <command>", texts.chat.allow, collect)
    .action(async (flags: ChatFlags) => {
      const { chat } = await import("./chat.ts");
      process.exitCode = await chat(flags, world);
    });

  withModelOptions(program.command("ask [question...]").description(texts.ask.description), texts.model)
    .option("--system <text|@file>", texts.ask.system)
    .option("--prompt <name|file>", texts.ask.prompt)
    .option("--var <name=value>", texts.ask.variable, collect)
    .option("--schema <file|json>", texts.ask.schema)
    .option("--json", texts.ask.json)
    .option("--jsonl", texts.ask.jsonl)
    .option("--no-save", texts.ask.noSave)
    .action(async (words: readonly string[], flags: AskFlags) => {
      const { ask } = await import("./ask.ts");
      process.exitCode = await ask(words, flags, world);
    });

  program
    .command("config")
    .description(texts.config.description)
    .option("--json", texts.config.json)
    .action(async (flags: ConfigFlags) => {
      const { showConfig } = await import("./config.ts");
      process.exitCode = await showConfig(flags, world);
    });
}

/** Names `gpt-oss serve` and its commands; what they do is only loaded when one of them runs. */
export function addServeCommands(program: Command, { serve: texts, values }: HelpText, world: CommandContext): void {
  const command = program
    .command("serve")
    .description(texts.description)
    .option("--model <name|file>", texts.model)
    .option("--context <tokens>", texts.context)
    .option("--parallel <number>", texts.parallel, positiveNumber(values))
    .option("--port <port>", texts.port)
    .option("--host <address>", texts.host)
    .addOption(new Option("--api-key <key>", texts.apiKey).env("GPT_OSS_API_KEY"))
    .option("--cors-origin <origin>", texts.corsOrigin)
    .option("--log-prompts", texts.logPrompts)
    .option("--raw", texts.raw)
    .option("--rpc <host:port,…>", texts.rpc)
    .option("--llama-server <path>", texts.llamaServer)
    .option("--detach", texts.detach)
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("./serve.ts");
      process.exitCode = await serve(flags, world);
    });
  command
    .command("status")
    .description(texts.status.description)
    .option("--json", texts.status.json)
    .action(async (flags: { json?: boolean }) => {
      const { serveStatus } = await import("./serve-control.ts");
      process.exitCode = await serveStatus(flags, world);
    });
  command
    .command("stop")
    .description(texts.stop.description)
    .action(async () => {
      const { serveStop } = await import("./serve-control.ts");
      process.exitCode = await serveStop(world);
    });
  command
    .command("logs")
    .description(texts.logs.description)
    .option("-f, --follow", texts.logs.follow)
    .action(async (flags: { follow?: boolean }) => {
      const { serveLogs } = await import("./serve-control.ts");
      process.exitCode = await serveLogs(flags, world);
    });
}

/** Names `gpt-oss launch`; what it does is only loaded when it runs. */
export function addLaunchCommand(
  program: Command,
  { launch: texts }: HelpText,
  world: CommandContext,
  interrupts: Interrupts,
): void {
  program
    .command("launch <client> [arguments...]")
    .description(texts.description)
    .option("--model <name|file>", texts.model)
    .option("--context <tokens>", texts.context)
    .option("--rpc <host:port,…>", texts.rpc)
    .option("--llama-server <path>", texts.llamaServer)
    .option("--print", texts.print)
    .action(async (client: string, words: readonly string[], flags: LaunchFlags) => {
      const { launch } = await import("./launch.ts");
      process.exitCode = await launch(client, words, flags, world, interrupts);
    });
}

/** Names `gpt-oss doctor`; what it does is only loaded when it runs. */
export function addDoctorCommand(program: Command, { doctor: texts }: HelpText, world: CommandContext): void {
  program
    .command("doctor")
    .description(texts.description)
    .option("--json", texts.json)
    .option("--report [file]", texts.report)
    .option("--model <name|file>", texts.model)
    .option("--llama-server <path>", texts.llamaServer)
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(flags, world);
    });
}

/** Names `gpt-oss setup`; what it does is only loaded when it runs. */
export function addSetupCommand(
  program: Command,
  { setup: texts, values }: HelpText,
  world: CommandContext,
  interrupts: Interrupts,
): void {
  program
    .command("setup")
    .description(texts.description)
    .option("--model <name|hf:…|file>", texts.model, "gpt-oss-20b")
    .option("--name <name>", texts.name)
    .addOption(
      new Option("--gpu <backend>", texts.gpu).choices(["auto", "metal", "cuda", "vulkan", "cpu"]).default("auto"),
    )
    .option("--with-rpc", texts.withRpc)
    .option("--jobs <number>", texts.jobs, positiveNumber(values))
    .option("--llama-server <path>", texts.llamaServer)
    .option("--dry-run", texts.dryRun)
    .option("--platform <name>", texts.platform)
    .option("--list", texts.list)
    .option("--remove <name>", texts.remove)
    .option("--yes", texts.yes)
    .action(async (flags: SetupFlags) => {
      const { setup } = await import("./setup.ts");
      process.exitCode = await setup(flags, world, interrupts);
    });
}

/** Names `gpt-oss sessions` and its commands; what they do is only loaded when one of them runs. */
export function addSessionCommands(
  program: Command,
  { sessions: texts, program: general, layout }: HelpText,
  world: CommandContext,
  interrupts: Interrupts,
): void {
  const json = ["--json", texts.json] as const;
  const commands = async (): Promise<SessionCommands> => {
    const { SessionCommands: Commands } = await import("./sessions.ts");
    return new Commands(world, world.language);
  };
  const sessions = program
    .command("sessions")
    .description(texts.description)
    .helpCommand(`help ${layout.command}`, general.helpCommand);

  sessions
    .command("list", { isDefault: true })
    .description(texts.list.description)
    .option(...json)
    .action(async (flags: JsonFlag) => {
      (await commands()).list(flags);
    });
  sessions
    .command("show <id|title>")
    .description(texts.show.description)
    .option(...json)
    .action(async (reference: string, flags: JsonFlag) => {
      (await commands()).show(reference, flags);
    });
  sessions
    .command("search <words...>")
    .description(texts.search.description)
    .option(...json)
    .action(async (words: readonly string[], flags: JsonFlag) => {
      (await commands()).search(words, flags);
    });
  sessions
    .command("rename <id|title> <title...>")
    .description(texts.rename.description)
    .option(...json)
    .action(async (reference: string, title: readonly string[], flags: JsonFlag) => {
      await (await commands()).rename(reference, title, flags);
    });
  sessions
    .command("export <id|title>")
    .description(texts.export.description)
    .addOption(
      new Option("--format <format>", texts.export.format).choices(["markdown", "html", "json"]).default("markdown"),
    )
    .option("--output <file>", texts.export.output)
    .option("--json", texts.export.json)
    .action(async (reference: string, flags: ExportFlags) => {
      (await commands()).export(reference, flags);
    });
  sessions
    .command("to-cases <id|title...>")
    .description(texts.toCases.description)
    .action(async (references: readonly string[]) => {
      const { printSessionCases } = await import("./session-cases.ts");
      printSessionCases(references, world);
    });
  sessions
    .command("import <file>")
    .description(texts.import.description)
    .option(...json)
    .action(async (file: string, flags: JsonFlag) => {
      await (await commands()).import(file, flags);
    });
  sessions
    .command("delete <id|title...>")
    .description(texts.delete.description)
    .option("--yes", texts.delete.yes)
    .option(...json)
    .action(async (references: readonly string[], flags: JsonFlag & { readonly yes?: boolean }) => {
      await (await commands()).delete(references, flags, interrupts);
    });
}
