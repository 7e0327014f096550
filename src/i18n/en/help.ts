/** Options that chat and ask share. */
const model = {
  model: "gpt-oss-20b, gpt-oss-120b, demo or a .gguf file (GPT_OSS_MODEL)",
  baseUrl: "use the server at this address instead of starting one (OPENAI_BASE_URL)",
  effort: "how long to think (GPT_OSS_EFFORT)",
  context: "context size of the server that is started (GPT_OSS_CONTEXT)",
  maxTokens: "most tokens of one answer (GPT_OSS_MAX_TOKENS)",
  port: "port of the server that is started; a free one by default (GPT_OSS_PORT)",
  rpc: "let these rpc-servers take layers of the model (GPT_OSS_RPC)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
  lang: "of the interface; by locale when left out (GPT_OSS_LANG)",
  plain: "write Markdown as it comes (GPT_OSS_PLAIN)",
  showThinking: "show the analysis channel on standard error (GPT_OSS_THINK=show)",
};

const chat = {
  description: "talk to a model; builds llama-server first if it is missing",
  continue: "go on with the last conversation",
  resume: "go on with this conversation; pick one from a list when none is named",
  fork: "go on in a copy of this conversation",
  noSave: "keep nothing of this conversation",
  memory: "when the context is full; summary by default",
  cutLong: "leave out the middle of a message that is too long, instead of refusing it",
  tools: "what the model may do, such as calculator,clock,files:PATH (docs/agent.md)",
};

const ask = {
  description: "ask one question; what is piped in belongs to it, and the answer alone goes to standard output",
  system: "the system message",
  prompt: "a prompt of prompts/, or a Markdown file",
  variable: "a variable of the prompt; as often as wanted",
  schema: "a JSON schema that the answer keeps to",
  json: "print one JSON object: final, analysis, commentary, toolCalls, usage, timings, …",
  jsonl: "print each part as it comes, a JSON object a line",
  noSave: "keep nothing of this conversation",
};

const config = {
  description: "each setting, its value, and where that comes from",
  json: "for programs",
};

const experiment = {
  description: "run prompt experiments and look at what they came to",
  /** An argument that names a run. */
  runArgument: "NAME (its latest run), NAME~1 (the one before), NAME/RUN, or a run's folder",
  format: "what is written to standard output",
  out: "folder of all runs",
  allowJavascript: "run the modules that the experiment's checks name",
  run: {
    description: "run an experiment, by name or by the path of its YAML file; run it again to go on",
    limit: "only the first cases",
    only: "only such variants, cases, efforts, models or temperatures; may be repeated",
    repeats: "times that each cell is asked",
    exact: "one slot and no cache: the same seed gives the same answer",
    dryRun: "say what would be asked, and ask nothing",
    fresh: "ask everything again and replace the stored answers",
    model: "instead of the experiment's own models",
    baseUrl: "use the llama-server at this address instead of starting one (OPENAI_BASE_URL)",
    llamaServer: "use this llama-server program (GPT_OSS_LLAMA_SERVER)",
    slots: "cells that are asked at once",
    require: "exit with 1 unless met, such as 'score>=0.8' or 'no_regression=0.05'; may be repeated",
    noRegression:
      "exit with 1 when a variant scores lower than its baseline, or the cases are too few to tell; with =0.05, unless a larger loss of score is ruled out",
  },
  report: { description: "show a run's results, in any format" },
  rescore: { description: "apply the checks that the experiment has now to answers that are there" },
  compare: { description: "compare two runs, case by case: what the second one changed" },
  diff: {
    description: "show answers beside the baseline's, with what changed marked",
    arm: "only this arm",
    all: "all cases, and not only those whose answers differ",
  },
  list: { description: "experiments that can be run, and runs that there are" },
  schema: { description: "print the JSON Schema of an experiment's YAML file, for editors" },
};

/** What stands in the help of every command. */
const program = {
  description: "OpenAI's open-weight gpt-oss models on your own machine.",
  version: "output the version number",
  helpOption: "display help for command",
  helpCommand: "display help for command",
};

const completion = {
  description: "print the completion script for zsh, bash or fish",
  /** The same where the command is called, in the words of the package that does it. */
  ownDescription: "Generate shell completion scripts",
  shell: "Shell type for completion script",
};

/** Headings and notes in the help of every command. */
const layout = {
  usage: "Usage:",
  options: "[options]",
  command: "[command]",
  argumentsHeading: "Arguments:",
  optionsHeading: "Options:",
  commandsHeading: "Commands:",
  choices: (names: readonly string[]) => `choices: ${quoted(names)}`,
  defaultValue: (value: string) => `default: ${JSON.stringify(value)}`,
  variable: (name: string) => `env: ${name}`,
  notes: (notes: readonly string[]) => `(${notes.join(", ")})`,
};

function quoted(names: readonly string[]): string {
  return names.map((value) => JSON.stringify(value)).join(", ");
}

/** Why an option's value is rejected. */
const values = {
  margin: "Use a number from 0 to 1.",
  positiveNumber: "Use a whole number of 1 or more.",
};

/** Mistakes on the command line. */
const errors = {
  unknownCommand: (name: string, similar: readonly string[]) => `Unknown command: ${name}.${didYouMean(similar)}`,
  unknownOption: (flag: string, similar: readonly string[]) => `Unknown option: ${flag}.${didYouMean(similar)}`,
  missingArgument: (name: string) => `Missing argument: <${name}>.`,
  missingValue: (option: string, syntax: string) => `${option} needs a value: ${syntax}.`,
  tooManyArguments: (command: string, expected: number, given: number) =>
    `Too many arguments: ${command} takes ${expected === 0 ? "none" : expected}, but ${given} ${given === 1 ? "was" : "were"} given.`,
  invalidValue: (option: string, value: string, why: string) =>
    `Invalid value for ${option}: ${JSON.stringify(value)}. ${why}`,
  choices: (names: readonly string[]) => `Choose one of: ${names.join(", ")}.`,
  dashHint: 'To ask a question that starts with "-", put -- before it: gpt-oss ask -- "-5 + 3?"',
  seeHelp: (command: string) => `For help, run: ${command} --help`,
};

function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : ` Did you mean ${names.join(" or ")}?`;
}

const setup = {
  description: "build llama.cpp for this machine, fetch a model, and check that they work together",
  model: "gpt-oss-20b, gpt-oss-120b or demo",
  gpu: "what to build for",
  withRpc: "build for several machines: a llama-server that hands out layers, and the rpc-server that takes them",
  jobs: "compilers at once",
  llamaServer: "use this llama-server instead of building one (GPT_OSS_LLAMA_SERVER)",
  dryRun: "print every command and every download, and do nothing",
  platform: "with --dry-run: plan for another machine, such as darwin-arm64",
  list: "show what is installed",
  remove: "take away a build or a model that --list names",
  yes: "answer every question with yes",
};

const serve = {
  description: "run a server for other programs, in the foreground until Ctrl-C",
  model: "gpt-oss-20b, gpt-oss-120b, demo or a .gguf file (GPT_OSS_MODEL)",
  context: "tokens of one conversation; by memory when left out (GPT_OSS_CONTEXT)",
  parallel: "conversations at once, each with the whole context",
  port: "a free one by default (GPT_OSS_PORT)",
  host: "listen on this address instead of loopback; requires a key",
  apiKey: "what clients have to send; a random one by default",
  corsOrigin: "let pages of this origin call the server from a browser",
  logPrompts: "log what clients send; prompts are not logged otherwise",
  raw: "expose llama-server itself, which answers raw harmony text",
  rpc: "let these rpc-servers take layers (GPT_OSS_RPC)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
  detach: "leave it running until serve stop",
  status: { description: "which servers run, who uses them, and what was asked", json: "for programs" },
  stop: { description: "stop every server" },
  logs: { description: "what the server says", follow: "go on until Ctrl-C" },
};

const launch = {
  description: "run a coding agent (codex, claude or opencode) on a model of this machine",
  model: "gpt-oss-20b, gpt-oss-120b, demo or a .gguf file (GPT_OSS_MODEL)",
  context: "tokens of one conversation; what the client needs and memory allows when left out (GPT_OSS_CONTEXT)",
  rpc: "let these rpc-servers take layers (GPT_OSS_RPC)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
  print: "print the settings for a server that runs, and start nothing",
};

const doctor = {
  description: "show what is installed, what is wrong, and the command that fixes it",
  json: "for programs",
  report: "ask the installed model a fixed set of questions and write what came back as Markdown",
  model: "with --report: this model (GPT_OSS_MODEL)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
};

const sessions = {
  description: "list, read, search and move what was said in earlier chats",
  json: "print JSON",
  list: { description: "all sessions, the last used first: id, date, turns, model, title" },
  show: { description: "what was said in a session" },
  search: { description: "every message with these words, whatever their case and width" },
  rename: { description: "give a session another title" },
  export: {
    description: "a session as a page to read, in Markdown or HTML, or as JSON to import elsewhere",
    format: "what to write",
    output: "a new file instead of standard output",
    json: "the same as --format json",
  },
  import: { description: "take in a session that was exported as JSON; - reads standard input" },
  delete: { description: "delete sessions for good", yes: "do not ask" },
};

/** Every text of the command line's help, in English. */
export const help = {
  model,
  chat,
  ask,
  config,
  experiment,
  program,
  completion,
  values,
  setup,
  serve,
  launch,
  doctor,
  sessions,
  layout,
  errors,
};

export type HelpTexts = typeof help;
