export const setup = {
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

export const serve = {
  description: "run a server for other programs, in the foreground until Ctrl-C",
  model: "gpt-oss-20b, gpt-oss-120b, demo or a .gguf file (GPT_OSS_MODEL)",
  context: "tokens of one conversation; by memory when left out (GPT_OSS_CONTEXT)",
  parallel: "conversations at once, each with the whole context",
  port: "a free one by default (GPT_OSS_PORT)",
  host: "listen there and not on loopback; wants a key",
  apiKey: "what clients have to send; a random one by default",
  raw: "answer raw harmony text instead of splitting the channels",
  rpc: "let these rpc-servers take layers (GPT_OSS_RPC)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
  detach: "leave it running until serve stop",
  status: { description: "which servers run, and who uses them", json: "for programs" },
  stop: { description: "stop every server" },
  logs: { description: "what the server says", follow: "go on until Ctrl-C" },
};

export const doctor = {
  description: "what is here, what is wrong, and the command that mends it",
  json: "for programs",
  report: "ask the installed model a fixed set of questions and write what came back as Markdown",
  model: "with --report: this model (GPT_OSS_MODEL)",
  llamaServer: "use this llama-server (GPT_OSS_LLAMA_SERVER)",
};
