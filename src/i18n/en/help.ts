/** Options that chat and ask share. */
const model = {
  model: "gpt-oss-20b, gpt-oss-120b, demo, a model that you set up or a .gguf file (GPT_OSS_MODEL)",
  baseUrl: "use the server at this address instead of starting one (OPENAI_BASE_URL)",
  effort: "reasoning effort (GPT_OSS_EFFORT)",
  context: "context size of the server that is started (GPT_OSS_CONTEXT)",
  maxTokens: "maximum tokens per answer (GPT_OSS_MAX_TOKENS)",
  port: "port of the server that is started (default: a free one) (GPT_OSS_PORT)",
  rpc: "rpc-servers that share the model's layers (GPT_OSS_RPC)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
  lang: "interface language (default: from the locale) (GPT_OSS_LANG)",
  plain: "print Markdown unformatted (GPT_OSS_PLAIN)",
  showThinking: "show the model's thinking on standard error (GPT_OSS_THINK=show)",
};

const chat = {
  description: "chat with a model; builds llama-server first if it is not installed",
  continue: "resume the last conversation",
  resume: "resume this conversation, or choose one from a list",
  fork: "continue in a copy of this conversation",
  noSave: "don't save this conversation",
  memory: "what to do when the context is full (default: summary)",
  cutLong: "shorten messages that do not fit instead of failing",
  tools: "tools for the model, such as calculator,clock,files:PATH (docs/agent.md)",
  allow: 'a command that code:PATH may run without asking, such as "npm test"; repeatable',
};

const ask = {
  description: "ask one question; piped input is added to it, and only the answer goes to standard output",
  system: "system message",
  prompt: "name of a built-in prompt, or a Markdown file",
  variable: "value of a prompt variable; may be repeated",
  schema: "JSON Schema for the answer",
  json: "print one JSON object: final, analysis, commentary, toolCalls, usage, timings, …",
  jsonl: "print each part as it arrives, one JSON object per line",
  noSave: "don't save this conversation",
};

const config = {
  description: "show each setting, its value and its source",
  json: "print JSON",
};

const experiment = {
  description: "compare prompts, chains and agents on test cases, and view the results",
  /** An argument that names a run. */
  runArgument: "NAME (its latest run), NAME~1 (the previous one), NAME/RUN, or a run's folder",
  format: "output format",
  out: "folder for all runs",
  allowJavascript: "allow the experiment to run the JavaScript modules that it names",
  run: {
    description: "run an experiment, by name or by the path of its YAML file; run it again to resume",
    limit: "run only the first cases",
    only: "run only matching variants, cases, tags, efforts, models or temperatures, or what failed in the latest run; may be repeated",
    sample: "run a random sample of the cases",
    seed: "seed of the sample (default: 1)",
    compareTo:
      "compare with the results in this file, which --format json has written; --no-regression then covers it too",
    repeats: "repeats per test case",
    exact: "use one slot and no cache, so that the same seed gives the same answer",
    dryRun: "show the plan without running it",
    fresh: "run everything again and replace the stored answers",
    model: "use this model instead of the experiment's own",
    baseUrl: "use the llama-server at this address instead of starting one (OPENAI_BASE_URL)",
    llamaServer: "use this llama-server program (GPT_OSS_LLAMA_SERVER)",
    slots: "number of concurrent requests",
    require: "exit with 1 unless this holds, such as 'score>=0.8' or 'no_regression=0.05'; may be repeated",
    noRegression:
      "exit with 1 if a variant scores lower than its baseline, or if there are too few cases to tell; with =0.05, exit with 1 unless a larger loss of score is ruled out",
  },
  report: { description: "show a run's results, in any format" },
  rescore: { description: "run the experiment's current checks on stored answers (no model calls)" },
  compare: { description: "compare two runs case by case" },
  diff: {
    description: "show each answer next to the baseline's, with changes highlighted",
    variant: "show only this variant",
    all: "show all cases, not only those whose answers differ",
  },
  import: {
    description: "convert a promptfooconfig.yaml into an experiment beside it, and list what could not be converted",
    name: "name of the experiment (default: that of the folder)",
  },
  init: { description: "write a small example with comments, which runs on the demo model" },
  list: { description: "list experiments and past runs" },
  schema: { description: "print the JSON Schema of an experiment's YAML file, for editors" },
};

/** Texts in the help of every command. */
const program = {
  description: "Run OpenAI's open-weight gpt-oss models on your own machine.",
  version: "show the version number",
  helpOption: "show help",
  helpCommand: "show help for a command",
};

const completion = {
  description: "print the completion script for zsh, bash or fish",
  /** The same where the command is called, from the package that does it. */
  ownDescription: "print the completion script for a shell",
  shell: "name of the shell",
};

/** Headings and notes in the help of every command. */
const layout = {
  usage: "Usage:",
  options: "[options]",
  command: "[command]",
  argumentsHeading: "Arguments:",
  optionsHeading: "Options:",
  commandsHeading: "Commands:",
  examplesHeading: "Examples:",
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
  description: "build llama.cpp for this machine, download a model, and check that they work together",
  model:
    "gpt-oss-20b, gpt-oss-120b, demo, a GGUF on the Hub (hf:OWNER/REPO[:QUANT or FILE][@REVISION]) or a .gguf file",
  name: "with --model hf:… or a file: the name to use it by",
  gpu: "GPU backend to build for",
  withRpc: "build for several machines: a llama-server that distributes layers, and the rpc-server that runs them",
  jobs: "number of parallel compile jobs",
  llamaServer: "use this llama-server instead of building one (GPT_OSS_LLAMA_SERVER)",
  dryRun: "show every command and download without running them",
  platform: "with --dry-run: show the plan for another machine, such as darwin-arm64",
  list: "show what is installed",
  remove: "remove a build or a model shown by --list",
  yes: "answer yes to every question",
};

const serve = {
  description: "run a server for other programs, in the foreground until Ctrl-C",
  model: "gpt-oss-20b, gpt-oss-120b, demo, a model that you set up or a .gguf file (GPT_OSS_MODEL)",
  context: "tokens per conversation (default: from the available memory) (GPT_OSS_CONTEXT)",
  parallel: "number of concurrent conversations, each with the full context",
  port: "port to listen on (default: a free one) (GPT_OSS_PORT)",
  host: "address to listen on instead of loopback (requires an API key)",
  apiKey: "API key that clients must send (default: a random one)",
  corsOrigin: "let pages of this origin call the server from a browser",
  logPrompts: "log what clients send; prompts are not logged otherwise",
  raw: "expose llama-server itself, which returns raw harmony text",
  rpc: "rpc-servers that share the model's layers (GPT_OSS_RPC)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
  detach: "run in the background until serve stop",
  status: { description: "show running servers, the programs that use them, and their requests", json: "print JSON" },
  stop: { description: "stop all servers" },
  logs: { description: "show the server's log", follow: "keep showing new lines until Ctrl-C" },
};

const launch = {
  description: "run a coding agent (codex, claude or opencode) on a model of this machine",
  model: "gpt-oss-20b, gpt-oss-120b, demo, a model that you set up or a .gguf file (GPT_OSS_MODEL)",
  context: "tokens of one conversation; what the client needs and memory allows when left out (GPT_OSS_CONTEXT)",
  rpc: "let these rpc-servers take layers (GPT_OSS_RPC)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
  print: "print the settings for a server that runs, and start nothing",
};

const doctor = {
  description: "check the installation and suggest fixes",
  json: "print JSON",
  report: "ask the installed model a fixed set of questions and write the answers as Markdown",
  model: "with --report: use this model (GPT_OSS_MODEL)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
};

const sessions = {
  description: "list, show, search, export and import saved conversations",
  json: "print JSON",
  list: { description: "list all sessions, most recently used first: ID, date, turns, model, title" },
  show: { description: "show the messages of a session" },
  search: { description: "find messages that contain these words; ignores case and character width" },
  rename: { description: "change a session's title" },
  export: {
    description: "export a session as Markdown or HTML to read, or as JSON to import elsewhere",
    format: "output format",
    output: "write to a new file instead of standard output",
    json: "the same as --format json",
  },
  toCases: {
    description: "print a test case for an experiment for each message of these sessions, as JSON lines",
  },
  import: { description: "import a session that was exported as JSON; use - for standard input" },
  delete: { description: "delete sessions permanently", yes: "do not ask for confirmation" },
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

export type HelpText = typeof help;
