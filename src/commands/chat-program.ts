import { type Command, Option } from "commander";
import { EFFORTS } from "../config/effort.ts";
import { INTERFACE_LANGUAGES } from "../config/interface.ts";
import type { AskFlags } from "./ask.ts";
import type { ChatFlags } from "./chat.ts";
import type { ConfigFlags } from "./config.ts";
import type { HelpTexts } from "./help/catalogue.ts";
import { STRATEGIES } from "../memory/memory-options.ts";
import { collect } from "./option-values.ts";
import type { World } from "./world.ts";

/** An option whose values help and the shell know; they are checked where all settings are. */
function choosing(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description);
  option.argChoices = [...choices];
  return option;
}

/** The options that chat and ask share: which model, where, and how. */
function withModelOptions(command: Command, texts: HelpTexts["model"]): Command {
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
export function addChatCommands(program: Command, texts: HelpTexts, world: World): void {
  withModelOptions(program.command("chat").description(texts.chat.description), texts.model)
    .option("--continue", texts.chat.continue)
    .option("--resume [id|title]", texts.chat.resume)
    .option("--fork <id|title>", texts.chat.fork)
    .option("--no-save", texts.chat.noSave)
    .addOption(choosing("--memory <strategy>", texts.chat.memory, STRATEGIES))
    .option("--cut-long", texts.chat.cutLong)
    .option("--tools <list>", texts.chat.tools)
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
