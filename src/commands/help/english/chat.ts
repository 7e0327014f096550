/** Options that chat and ask share. */
export const model = {
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

export const chat = {
  description: "talk to a model; builds llama-server first if there is none",
  continue: "go on with the last conversation",
  resume: "go on with this conversation; pick one from a list when none is named",
  fork: "go on in a copy of this conversation",
  noSave: "keep nothing of this conversation",
  memory: "when the context is full; summary by default",
  cutLong: "leave out the middle of a message that is too long, instead of refusing it",
  tools: "what the model may do, such as calculator,clock,files:PATH (docs/agent.md)",
};

export const ask = {
  description: "ask one question; what is piped in belongs to it, and the answer alone goes to standard output",
  system: "the system message",
  prompt: "a prompt of prompts/, or a Markdown file",
  variable: "a variable of the prompt; as often as wanted",
  schema: "a JSON schema that the answer keeps to",
  json: "print one JSON object: final, analysis, commentary, toolCalls, usage, timings, …",
  jsonl: "print each part as it comes, a JSON object a line",
  noSave: "keep nothing of this conversation",
};

export const config = {
  description: "each setting, its value, and where that comes from",
  json: "for programs",
};
