import type { Entries } from "../language.ts";

/** Problems with starting a model server, and with its answers. */
export const server = {
  noServer: () => ({
    code: "server-missing",
    message: "llama-server is not installed yet.",
    hint: "Build one with: npx gpt-oss setup --model demo",
  }),
  noRpcServer: () => ({
    code: "server-missing",
    message: "No llama-server that can use rpc-servers is installed yet.",
    hint: "Build one with: npx gpt-oss setup --model demo --with-rpc",
  }),
  notStarted: (program: string, model: string, reason: string) => ({
    code: "server-missing",
    message: `Can't start ${program} for ${model}: ${reason}.`,
    hint: "Run npx gpt-oss setup, or choose another server with --llama-server PATH.",
  }),
  notLoaded: (model: string, reason: string, logFile: string) => ({
    code: "server-failed",
    message: `llama-server can't load ${model}: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  endedAgain: (model: string, times: number, reason: string, logFile: string) => ({
    code: "server-failed",
    message: `llama-server for ${model} ended ${times} times in a row: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  unusableRuntimeFolder: (folder: string, reason: string) => ({
    code: "server-failed",
    message: `Can't create the server's socket in ${folder}: ${reason}.`,
    hint: "Set GPT_OSS_RUNTIME to a folder that only you can write to.",
  }),
  noMemoryLeft: (model: string, size: string, others: string) => ({
    code: "server-failed",
    message: `Not enough memory: ${model} takes about ${size}, and this is running: ${others}.`,
    hint: "Close the programs that use it, or stop it with: npx gpt-oss serve stop",
  }),
  otherVersionInUse: (version: string, leases: number, pid: number) => ({
    code: "server-failed",
    message: `gpt-oss ${version} runs a server that this version can't share (in use: ${leases}, supervisor: process ${pid}).`,
    hint: "Close the programs that use it, or stop it with that version's gpt-oss serve stop.",
  }),
  noSupervisor: (reason: string, logFile: string) => ({
    code: "server-failed",
    message: `The supervisor of llama-server did not start: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  silentSupervisor: (socket: string) => ({
    code: "server-failed",
    message: `The supervisor of llama-server at ${socket} does not answer.`,
    hint: "It may be suspended or overloaded. Stop it; the next command starts a new one.",
  }),
  serverGivenUp: () => ({ code: "server-failed", message: "The server was released. Start a new one." }),
  serverUnused: () => ({ code: "server-failed", message: "The server was stopped because nothing used it." }),
  notBroughtBack: (reason: string) => ({
    code: "server-failed",
    message: `Can't restart the server: ${reason}`,
  }),
  serverError: (reason: string) => ({ code: "server-failed", message: reason }),
  noProbeAnswer: (reason: string, logFile: string) => ({
    code: "verify-failed",
    message: `The server started but did not answer: ${reason}.`,
    hint: `Its log is ${logFile}.`,
  }),
  noServerLog: () => ({
    code: "server-missing",
    message: "There is no server log yet.",
    hint: "Start one with: npx gpt-oss serve",
  }),
  hostWantsKey: (host: string) => ({
    code: "usage",
    message: `--host ${host} accepts connections from other machines and requires an API key.`,
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
    message: `Unknown model: ${name}.`,
    hint: `Use one of ${names}, or the path of a .gguf file.`,
  }),
  namedFileMissing: (name: string, path: string) => ({
    code: "model-missing",
    message: `The file of ${name} is missing: ${path}.`,
    hint: `Put it back, or set up its new place: gpt-oss setup --model FILE --name ${name}`,
  }),
  noModelFile: (path: string, names: string) => ({
    code: "model-missing",
    message: `File not found: ${path}.`,
    hint: `Check the path, or use one of ${names}.`,
  }),
  notGguf: (path: string) => ({
    code: "model-missing",
    message: `${path} is not a GGUF model.`,
    hint: "Choose the .gguf file of a model that llama.cpp can load.",
  }),
  bigEndianGguf: (path: string) => ({
    code: "model-missing",
    message: `${path} is a GGUF file for big-endian machines.`,
    hint: "Use the little-endian file of this model.",
  }),
  otherGgufVersion: (path: string, version: number) => ({
    code: "model-missing",
    message: `${path} has GGUF version ${version}; versions 2 and 3 are supported.`,
    hint: "Get a current file of this model, or convert it again with a current llama.cpp.",
  }),
  damagedGguf: (path: string, what: string) => ({
    code: "model-missing",
    message: `The header of ${path} is damaged: ${what}.`,
    hint: "Download or copy the file again.",
  }),
  cutGgufHeader: (path: string, bytes: number) => ({
    code: "model-missing",
    message: `${path} is incomplete: it ends after ${bytes} bytes, inside its header.`,
    hint: "Download or copy the file again.",
  }),
  cutGguf: (path: string, bytes: number, whole: number) => ({
    code: "model-missing",
    message: `${path} is incomplete: it has ${bytes} of ${whole} bytes.`,
    hint: "Download or copy the file again.",
  }),
  ggufPartMissing: (path: string, part: number, parts: number) => ({
    code: "model-missing",
    message: `Part ${part} of ${parts} of the model is missing: ${path}.`,
    hint: "Put all parts of the model into one folder.",
  }),
  notFirstGgufPart: (path: string, part: number, parts: number) => ({
    code: "usage",
    message: `${path} is part ${part} of ${parts} of a model.`,
    hint: "Use the first part, whose name ends with -00001-of-XXXXX.gguf.",
  }),
  unreachable: (url: string, reason: string) => ({
    code: "server-unreachable",
    message: `The server at ${url} does not answer${reason === "" ? "" : ` (${reason})`}.`,
    hint: "Check that it is running and that OPENAI_BASE_URL is correct.",
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
    message: `No Chat Completions API at ${url}: ${said}.`,
    hint: "Check the address. For most servers it ends with /v1, such as http://127.0.0.1:8080/v1.",
  }),
  serverFailed: (url: string, reason: string) => ({
    code: "model-failed",
    message: `The server at ${url} failed: ${reason}.`,
  }),
  brokenOff: (url: string) => ({
    code: "model-failed",
    message: `The connection to ${url} closed before the answer was complete.`,
  }),
  noAnswer: (url: string, reason: string) => ({
    code: "model-failed",
    message: `Unexpected response from ${url}: ${reason}.`,
  }),
  countsOtherwise: (url: string) => ({
    code: "model-failed",
    message: `The server at ${url} does not count tokens as llama-server does.`,
  }),
  notWantedForm: (times: number, problem: string) => ({
    code: "model-failed",
    message: `The model did not produce the requested form in ${times} attempts: ${problem}.`,
  }),
  answerStopped: (stop: string, problem: string) => ({
    code: "model-failed",
    message: `The stop sequence ${JSON.stringify(stop)} ended the answer too early: ${problem}.`,
    hint: "Do not use a stop sequence that can occur in the output.",
  }),
  strayToolResult: (id: string, name: string) => ({
    code: "usage",
    message: `The result ${id || "without an id"}${name === "" ? "" : ` of the tool ${name}`} does not match any earlier call.`,
    hint: "Put each ToolMessage after the message whose call it answers, with the id of that call.",
  }),
  toolChoiceNotOffered: (choice: string, names: string) => ({
    code: "usage",
    message: `tool_choice is ${choice}, but that tool is not bound.`,
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
    message: `Invalid reasoning effort: ${given}.`,
    hint: `Use one of: ${names}.`,
  }),
  conversationTooLong: (tokens: number | null, context: number | null) => ({
    code: "context-overflow",
    message:
      tokens === null || context === null
        ? `The input does not fit into the server's context${context === null ? "" : ` of ${context} tokens`}.`
        : `The input has ${tokens} tokens, but the server's context holds ${context}.`,
    hint: "Shorten it or start a new conversation, or start the server with a larger --context.",
  }),
} satisfies Entries;
