import type { Entries } from "../catalogue.ts";

/** What can be wrong with how chat, ask and config are called, and with what they are given. */
export const asking = {
  noQuestion: () => ({
    code: "usage",
    message: "There is no question.",
    hint: 'Give one: gpt-oss ask "…", or pipe one in: … | gpt-oss ask.',
  }),
  twoOutputs: () => ({ code: "usage", message: "--json and --jsonl can't be given together." }),
  variableForm: (given: string) => ({ code: "usage", message: `--var is ${given}: it has to be NAME=VALUE.` }),
  noJson: (origin: string, problem: string) => ({ code: "usage", message: `${origin} is no JSON: ${problem}.` }),
  noJsonSchema: (origin: string) => ({
    code: "usage",
    message: `${origin} is no JSON schema: it has to be an object.`,
  }),
  promptWants: (prompt: string, names: string, first: string) => ({
    code: "usage",
    message: `The prompt ${prompt} wants a value for ${names}.`,
    hint: `Give it with --var ${first}=…`,
  }),
  promptLacksVariable: (prompt: string, variable: string, known: string) => ({
    code: "usage",
    message: `The prompt ${prompt} has no variable ${variable}.`,
    hint: `It has: ${known || "none"}.`,
  }),
  unknownPrompt: (name: string, names: string) => ({
    code: "usage",
    message: `There is no prompt ${name}.`,
    hint: `Name one of ${names}, or the path of a Markdown file.`,
  }),
  badPrompt: (path: string, reason: string) => ({
    code: "usage",
    message: `The prompt ${path} can't be used: ${reason}.`,
  }),
  answerCutInJson: () => ({
    code: "model-failed",
    message: "The answer was cut off before its JSON was complete.",
    hint: "Allow it more with --max-tokens.",
  }),
  answerNotJson: () => ({
    code: "model-failed",
    message: "The answer is not JSON.",
    hint: "Ask again, or use a server that supports response_format.",
  }),
  answerAgainstSchema: (problem: string) => ({
    code: "model-failed",
    message: `The answer does not fit the schema: ${problem}.`,
    hint: "Ask again, or use a server that supports response_format.",
  }),
  badMemoryStrategy: (given: string, allowed: string) => ({
    code: "usage",
    message: `--memory is ${given}: it can be ${allowed}.`,
  }),
  cannotContinue: () => ({
    code: "usage",
    message: "This server can't go on inside an answer: it has another chat template.",
    hint: "Use a server that gpt-oss starts, or ask the question again with /retry.",
  }),
  badSetting: (origin: string, given: string, reason: string) => ({
    code: "usage",
    message: `${origin} is ${given}: ${reason}.`,
    hint: "See gpt-oss --help for what is allowed.",
  }),
  badSettings: (path: string, reason: string) => ({
    code: "usage",
    message: `The settings in ${path} can't be used: ${reason}.`,
  }),
  unknownSetting: (path: string, line: number, name: string, nearest: string, names: string) => ({
    code: "usage",
    message: `The settings in ${path} can't be used: line ${line}: there is no setting ${name}.`,
    hint: `Did you mean ${nearest}? There are ${names}.`,
  }),
  noAttachment: (path: string) => ({
    code: "usage",
    message: `There is no file ${path}. To write an @ of your own, put a \\ before it.`,
  }),
  noTerminalToAsk: (question: string) => ({
    code: "usage",
    message: `${question} There is no terminal to ask on.`,
    hint: "Say yes beforehand with --yes.",
  }),
  unreadableDocuments: (path: string) => ({
    code: "usage",
    message: `There is no file or folder ${path} that can be read.`,
  }),
  noTextFile: (path: string) => ({ code: "usage", message: `${path} is not a text file.` }),
  noTextFiles: (path: string) => ({ code: "usage", message: `The folder ${path} holds no text files.` }),
  unusablePath: (path: string, reason: string) => ({
    code: "storage-failed",
    message: `${path} can't be used (${reason}).`,
    hint: "Check that it is yours and that there is room; GPT_OSS_CACHE, GPT_OSS_DATA and HF_HOME name other folders.",
  }),
  noHome: (uid: number) => ({
    code: "usage",
    message: `The account of uid ${uid} has no home folder.`,
    hint: "Set HOME to a folder that it can write to.",
  }),
  lockTakenOver: (what: string, pid: number | string) => ({
    code: "interrupted",
    message: `Process ${pid} took over while this one was stopped: ${what}.`,
    hint: "Run this again when that process has ended.",
  }),
  interrupted: (what: string) => ({ code: "interrupted", message: `Interrupted: ${what}.` }),
} satisfies Entries;
