import type { Entries, Reasons } from "../language.ts";
import { files, sessions, tools } from "./errors-files.ts";
import { reasons as reasonsElsewhere, setupReasons } from "./errors-reasons.ts";
import { server } from "./errors-server.ts";
import { download, setup } from "./errors-setup.ts";

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
  resumeProblem: () => ({
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
  packageNotInstalled: (file: string) => ({
    code: "usage",
    message: `This bundle contains the code of langchain-gpt-oss but not its file ${file}.`,
    hint: "Install langchain-gpt-oss next to the bundle, or pass the baseUrl of a running server.",
  }),
  lockTakenOver: (what: string, pid: number | string) => ({
    code: "interrupted",
    message: `Process ${pid} took over while this one was stopped: ${what}.`,
    hint: "Run this again when that process has ended.",
  }),
  interrupted: (what: string) => ({ code: "interrupted", message: `Interrupted: ${what}.` }),
} satisfies Entries;

/** What can be wrong with an experiment and what is asked of it. */
export const experiment = {
  badExperiment: (path: string, reason: string) => ({
    code: "usage",
    message: `The experiment ${path} can't be used: ${reason}.`,
  }),
  badCases: (path: string, reason: string) => ({
    code: "usage",
    message: `The cases in ${path} can't be used: ${reason}.`,
  }),
  badLabels: (path: string, reason: string) => ({
    code: "usage",
    message: `The labels in ${path} can't be used: ${reason}.`,
  }),
  noExperimentFile: (path: string) => ({
    code: "usage",
    message: `There is no file ${path}.`,
    hint: "Check the path.",
  }),
  unknownExperiment: (name: string, names: string) => ({
    code: "usage",
    message: `There is no experiment ${name}.`,
    hint: `Name one of ${names}, or the path of a .yaml file.`,
  }),
  untrustedProgram: (path: string) => ({
    code: "usage",
    message: `The experiment wants to run the program ${path}.`,
    hint: "Read it, and if you trust it, say so with --allow-javascript.",
  }),
  noLlamaServer: (url: string) => ({
    code: "model-failed",
    message: `The server at ${url} answered in a way that llama-server does not.`,
    hint: "Experiments need llama-server.",
  }),
  nothingSelected: (only: string, variants: string, cases: string) => ({
    code: "usage",
    message: `Nothing is left to run with ${only}.`,
    hint: `Variants: ${variants}. Cases: ${cases}.`,
  }),
  badSelection: (text: string, kinds: string) => ({
    code: "usage",
    message: `--only ${text} is not understood.`,
    hint: `Write KIND=VALUE with one of ${kinds}, such as --only variant=short or --only 'case=a*'.`,
  }),
  badRequirement: (text: string) => ({
    code: "usage",
    message: `--require ${text} is not understood.`,
    hint: "Write something like --require 'score>=0.8', --require 'errors<=0' or --require 'no_regression=0.05'.",
  }),
  badMeasure: (text: string, reason: string) => ({ code: "usage", message: `--require ${text}: ${reason}.` }),
  checksInCode: (name: string) => ({
    code: "usage",
    message: `The experiment ${name} was written in code, so its checks are not in a file.`,
    hint: "Run it again in code: what is answered is not asked again.",
  }),
  nothingInCommon: (before: string, after: string, armsBefore: string, armsAfter: string) => ({
    code: "usage",
    message: `The runs ${before} and ${after} have no arm in common.`,
    hint: `Arms: ${armsBefore}; and ${armsAfter}.`,
  }),
  sameRun: (before: string, after: string) => ({
    code: "usage",
    message: `${before} and ${after} are the same run.`,
    hint: "Name two, such as NAME~1 and NAME; gpt-oss experiment list shows what there is.",
  }),
  unknownArm: (arm: string, names: string) => ({
    code: "usage",
    message: `There is no arm ${arm} that is compared with another.`,
    hint: `Name one of ${names}.`,
  }),
  damagedRun: (path: string, why: string) => ({
    code: "usage",
    message: `The run in ${path} can't be read: ${why}.`,
    hint: "Delete or move this folder, then run the experiment again. Its answers are stored in cells.jsonl and are not asked again.",
  }),
  unknownRun: (name: string, folder: string, names: string) => ({
    code: "usage",
    message: `There is no run ${name} in ${folder}.`,
    hint: `Name one of ${names}.`,
  }),
  noRuns: (name: string, folder: string, experiments: string) => ({
    code: "usage",
    message: `There is no run ${name} in ${folder}.`,
    hint: `Runs there are of: ${experiments || "nothing yet"}.`,
  }),
  runsNotKept: (folder: string, reason: string) => ({
    code: "storage-failed",
    message: `Runs can't be kept in ${folder}: ${reason}.`,
    hint: "Name another folder with --out. What has been answered is kept.",
  }),
  severalModels: () => ({
    code: "usage",
    message: "The experiment has several models, and a server that is there has one.",
    hint: "Name the one that it runs with --model, or leave --base-url out.",
  }),
} satisfies Entries;

/** What can be wrong with a JSON Schema or with an answer that has to fit one. */
export const schemas = {
  unusableSchema: (subject: string, pointer: string, reason: string) => ({
    code: "usage",
    message: `${subject} cannot be used: at ${pointer}, ${reason}.`,
    hint: "Correct the schema; the model was not called.",
  }),
  outputCutByMaxTokens: () => ({
    code: "model-failed",
    message: "The answer was cut at max_tokens before its JSON was complete.",
    hint: "Allow more tokens with maxTokens.",
  }),
  outputCutByContext: () => ({
    code: "model-failed",
    message: "The context was full before the JSON of the answer was complete.",
    hint: "Shorten the conversation, or start a server with a larger --context.",
  }),
} satisfies Entries;

export const schemaReasons = {
  answerSchema: () => "The response schema",
  toolSchema: (tool: string) => `The schema of the tool "${tool}"`,
  checkSchema: () => "The schema of the json check",
  schemaEmptyList: (keyword: string) => `"${keyword}" is an empty list`,
  schemaWrongValue: (keyword: string) => `"${keyword}" has a value that JSON Schema does not allow`,
  schemaBadPattern: (keyword: string, pattern: string) => `"${keyword}" is not a regular expression (${pattern})`,
  schemaDangling: (keyword: string, target: string) => `"${keyword}" points to ${target}, which does not exist`,
  schemaCycle: (target: string) => `"$ref" to ${target} leads back to itself and never ends`,
  schemaNothing: (one: string, other: string) => `"${one}" and "${other}" exclude every value`,
  schemaImpossible: (keyword: string) => `"${keyword}" excludes every value`,
  schemaUnsupported: (keyword: string) => `"${keyword}" is not supported`,
  schemaNotSchema: () => "a schema must be an object, true or false",
  schemaNoObject: () => `"type" must allow an object`,
  schemaTooLarge: () => "the schema is too large",
} satisfies Reasons;

export const errors = {
  ...asking,
  ...download,
  ...experiment,
  ...files,
  ...schemas,
  ...server,
  ...sessions,
  ...setup,
  ...tools,
};

export const reasons = { ...reasonsElsewhere, ...schemaReasons, ...setupReasons };
