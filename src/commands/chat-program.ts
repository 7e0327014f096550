import { type Command, Option } from "commander";
import { EFFORTS } from "../config/effort.ts";
import { INTERFACE_LANGUAGES } from "../config/interface.ts";
import type { AskFlags } from "./ask.ts";
import type { ChatFlags } from "./chat.ts";
import type { ConfigFlags } from "./config.ts";
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
function withModelOptions(command: Command): Command {
  return command
    .option("--model <name|file>", "gpt-oss-20b, gpt-oss-120b, demo or a .gguf file (GPT_OSS_MODEL)")
    .option("--base-url <url>", "use the server at this address instead of starting one (OPENAI_BASE_URL)")
    .addOption(choosing("--effort <level>", "how long to think (GPT_OSS_EFFORT)", EFFORTS))
    .option("--context <tokens>", "context size of the server that is started (GPT_OSS_CONTEXT)")
    .option("--max-tokens <tokens>", "most tokens of one answer (GPT_OSS_MAX_TOKENS)")
    .option("--port <port>", "port of the server that is started; a free one by default (GPT_OSS_PORT)")
    .option("--rpc <host:port,…>", "let these rpc-servers take layers of the model (GPT_OSS_RPC)")
    .option("--llama-server <path>", "use this llama-server (GPT_OSS_LLAMA_SERVER)")
    .addOption(
      choosing("--lang <language>", "of the interface; by locale when left out (GPT_OSS_LANG)", INTERFACE_LANGUAGES),
    )
    .option("--plain", "write Markdown as it comes (GPT_OSS_PLAIN)")
    .option("--show-thinking", "show the analysis channel on standard error (GPT_OSS_THINK=show)");
}

/** Names `gpt-oss chat`, `ask` and `config`; what they do is only loaded when one of them runs. */
export function addChatCommands(program: Command, world: World): void {
  withModelOptions(program.command("chat").description("talk to a model; builds llama-server first if there is none"))
    .option("--continue", "go on with the last conversation")
    .option("--resume [id|title]", "go on with this conversation; pick one from a list when none is named")
    .option("--fork <id|title>", "go on in a copy of this conversation")
    .option("--no-save", "keep nothing of this conversation")
    .addOption(choosing("--memory <strategy>", "when the context is full; summary by default", STRATEGIES))
    .option("--cut-long", "leave out the middle of a message that is too long, instead of refusing it")
    .option("--tools <list>", "what the model may do, such as calculator,clock,files:PATH (docs/agent.md)")
    .action(async (flags: ChatFlags) => {
      const { chat } = await import("./chat.ts");
      process.exitCode = await chat(flags, world);
    });

  withModelOptions(
    program
      .command("ask [question...]")
      .description("ask one question; what is piped in belongs to it, and the answer alone goes to standard output"),
  )
    .option("--system <text|@file>", "the system message")
    .option("--prompt <name|file>", "a prompt of prompts/, or a Markdown file")
    .option("--var <name=value>", "a variable of the prompt; as often as wanted", collect)
    .option("--schema <file|json>", "a JSON schema that the answer keeps to")
    .option("--json", "print one JSON object: final, analysis, commentary, toolCalls, usage, timings, …")
    .option("--jsonl", "print each part as it comes, a JSON object a line")
    .option("--no-save", "keep nothing of this conversation")
    .action(async (words: readonly string[], flags: AskFlags) => {
      const { ask } = await import("./ask.ts");
      process.exitCode = await ask(words, flags, world);
    });

  program
    .command("config")
    .description("each setting, its value, and where that comes from")
    .option("--json", "for programs")
    .action(async (flags: ConfigFlags) => {
      const { showConfig } = await import("./config.ts");
      process.exitCode = showConfig(flags, world);
    });
}
