import type { Entries } from "../language.ts";

/** What can go wrong between us and a server, and with starting one. */
export const server = {
  noServer: () => ({
    code: "server-missing",
    message: "There is no llama-server here yet.",
    hint: "Build one with: npx gpt-oss setup --model demo",
  }),
  noRpcServer: () => ({
    code: "server-missing",
    message: "There is no llama-server that can use rpc-servers here yet.",
    hint: "Build one with: npx gpt-oss setup --model demo --with-rpc",
  }),
  notStarted: (program: string, model: string, reason: string) => ({
    code: "server-missing",
    message: `${program} could not be started for ${model}: ${reason}.`,
    hint: "Run npx gpt-oss setup, or name another server with --llama-server PATH.",
  }),
  notLoaded: (model: string, reason: string, logFile: string) => ({
    code: "server-failed",
    message: `llama-server could not load ${model}: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  endedAgain: (model: string, times: number, reason: string, logFile: string) => ({
    code: "server-failed",
    message: `llama-server for ${model} ended ${times} times in a row: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  unusableRuntimeFolder: (folder: string, reason: string) => ({
    code: "server-failed",
    message: `gpt-oss can't use ${folder} for the socket of its server: ${reason}.`,
    hint: "Set GPT_OSS_RUNTIME to a folder that only you can write to.",
  }),
  noMemoryLeft: (model: string, size: string, others: string) => ({
    code: "server-failed",
    message: `${model} takes about ${size} of memory, which is not there beside ${others}.`,
    hint: "End what uses it, or stop it with: npx gpt-oss serve stop",
  }),
  otherVersionInUse: (version: string, leases: number, pid: number) => ({
    code: "server-failed",
    message: `A server of gpt-oss ${version} is in use (${leases} of them, supervisor ${pid}), which this version can't share.`,
    hint: "End what uses it, or stop it with that version's gpt-oss serve stop.",
  }),
  noSupervisor: (reason: string, logFile: string) => ({
    code: "server-failed",
    message: `The supervisor of llama-server did not start: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  silentSupervisor: (socket: string) => ({
    code: "server-failed",
    message: `The supervisor of llama-server at ${socket} does not answer.`,
    hint: "It may be stopped or overloaded; end it, and the next start brings a new one.",
  }),
  serverGivenUp: () => ({ code: "server-failed", message: "The server was given up." }),
  serverUnused: () => ({ code: "server-failed", message: "The server was stopped, since nobody used it." }),
  notBroughtBack: (reason: string) => ({
    code: "server-failed",
    message: `The server can't be brought back: ${reason}`,
  }),
  serverError: (reason: string) => ({ code: "server-failed", message: reason }),
  noProbeAnswer: (reason: string, logFile: string) => ({
    code: "verify-failed",
    message: `The server started, but did not answer: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  noServerLog: () => ({
    code: "server-missing",
    message: "There is no log of a server yet.",
    hint: "Start one with: npx gpt-oss serve",
  }),
  hostWantsKey: (host: string) => ({
    code: "usage",
    message: `--host ${host} lets other machines in and requires an API key.`,
    hint: "Set GPT_OSS_API_KEY, for example to the output of: openssl rand -hex 24",
  }),
  badApiKey: () => ({
    code: "usage",
    message: "The API key must consist of ASCII characters, without a comma and without a space at its ends.",
    hint: "Create one with: openssl rand -hex 24",
  }),
  portTaken: (host: string, port: number) => ({
    code: "server-failed",
    message: `Port ${port} of ${host} is in use.`,
    hint: "Choose another port with --port. Without --port, the system chooses a free one.",
  }),
  cannotListen: (host: string, port: number, reason: string) => ({
    code: "server-failed",
    message: `The server cannot listen on port ${port} of ${host}: ${reason}.`,
    hint: "Choose another address with --host and --port.",
  }),
  gatewayEnded: (logFile: string) => ({
    code: "server-failed",
    message: "The server ended before it was ready.",
    hint: `Its log is ${logFile}.`,
  }),
  notWithRaw: (flag: string) => ({
    code: "usage",
    message: `${flag} cannot be used with --raw.`,
    hint: "Leave out one of the two.",
  }),
  unknownClient: (name: string, names: string) => ({
    code: "usage",
    message: `Unknown client: ${name}.`,
    hint: `Use one of these: ${names}.`,
  }),
  clientMissing: (title: string, npmPackage: string) => ({
    code: "client-missing",
    message: `${title} is not installed.`,
    hint: `Install it with: npm install --global ${npmPackage}`,
  }),
  clientNotStarted: (program: string, reason: string) => ({
    code: "client-missing",
    message: `${program} could not be started: ${reason}.`,
    hint: "Check that it runs by itself.",
  }),
  contextTooSmall: (title: string, needed: number, model: string, context: number) => ({
    code: "context-overflow",
    message: `${title} needs a context of at least ${needed} tokens. ${model} has ${context} here.`,
    hint: "Choose another model with --model, or a larger --context.",
  }),
  modelNotInstalled: (model: string) => ({
    code: "model-missing",
    message: `${model} is not installed.`,
    hint: `Install it with: npx gpt-oss setup --model ${model}`,
  }),
  unknownModel: (name: string, names: string) => ({
    code: "usage",
    message: `There is no model ${name}.`,
    hint: `Name one of ${names}, or the path of a .gguf file.`,
  }),
  noModelFile: (path: string, names: string) => ({
    code: "model-missing",
    message: `There is no file ${path}.`,
    hint: `Check the path, or name one of ${names}.`,
  }),
  unreachable: (url: string, reason: string) => ({
    code: "server-unreachable",
    message: `The server at ${url} does not answer${reason === "" ? "" : ` (${reason})`}.`,
    hint: "Check that it runs and that OPENAI_BASE_URL is right.",
  }),
  keyRefused: (url: string, status: number, said: string) => ({
    code: "server-unreachable",
    message: `The server at ${url} refused the API key (HTTP ${status}${said === "" ? "" : `: ${said}`}).`,
    hint: "Set OPENAI_API_KEY to the server's key.",
  }),
  stillLoading: (url: string, said: string) => ({
    code: "model-failed",
    message: `The server at ${url} is still loading its model or is overloaded (HTTP 503${said === "" ? "" : `: ${said}`}).`,
    hint: "Try again in a moment.",
  }),
  wrongAddress: (url: string, said: string) => ({
    code: "server-unreachable",
    message: `The server at ${url} does not have Chat Completions at this address: ${said}.`,
    hint: "Check the address. For most servers it ends with /v1, such as http://127.0.0.1:8080/v1.",
  }),
  serverFailed: (url: string, reason: string) => ({
    code: "model-failed",
    message: `The server at ${url} failed: ${reason}.`,
  }),
  brokenOff: (url: string) => ({
    code: "model-failed",
    message: `The server at ${url} broke off before its answer was complete.`,
  }),
  noAnswer: (url: string, reason: string) => ({
    code: "model-failed",
    message: `The server at ${url} sent something that is no answer: ${reason}.`,
  }),
  countsOtherwise: (url: string) => ({
    code: "model-failed",
    message: `The server at ${url} does not count tokens as llama-server does.`,
  }),
  notWantedForm: (times: number, problem: string) => ({
    code: "model-failed",
    message: `The model gave no answer of the wanted form in ${times} tries: ${problem}.`,
  }),
  answerStopped: (stop: string, problem: string) => ({
    code: "model-failed",
    message: `The stop sequence ${JSON.stringify(stop)} ended the answer before it had the requested form: ${problem}.`,
    hint: "Do not use a stop sequence that can occur in the output.",
  }),
  strayToolResult: (id: string, name: string) => ({
    code: "usage",
    message: `The result ${id || "without an id"}${name === "" ? "" : ` of the tool ${name}`} answers no call before it.`,
    hint: "Put each ToolMessage after the message whose call it answers, with the id of that call.",
  }),
  toolChoiceNotOffered: (choice: string, names: string) => ({
    code: "usage",
    message: `tool_choice is ${choice}, but no such tool is offered.`,
    hint: names === "" ? "Bind tools before you force a call." : `Use one of these tools: ${names}.`,
  }),
  fieldNotSupported: (name: string) => ({
    code: "usage",
    message: `ChatGptOss does not support the field ${name}.`,
    hint: "Remove the field: it has no effect on a local server.",
  }),
  addressMissing: () => ({
    code: "usage",
    message: "ChatGptOss needs the address of a server.",
    hint: 'Pass it as baseUrl, for example "http://127.0.0.1:8080/v1", or call createChatModel, which starts a server.',
  }),
  unknownEffort: (given: string, names: string) => ({
    code: "usage",
    message: `${given} is not a reasoning effort.`,
    hint: `Use one of these: ${names}.`,
  }),
  conversationTooLong: (tokens: number | null, context: number | null) => ({
    code: "context-overflow",
    message:
      tokens === null || context === null
        ? `The conversation does not fit into the server's context${context === null ? "" : ` of ${context} tokens`}.`
        : `The conversation has ${tokens} tokens, and the server's context has ${context}.`,
    hint: "Start a new conversation, or a server with a larger --context.",
  }),
} satisfies Entries;
