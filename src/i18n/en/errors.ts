import type { Entries, Reasons } from "../language.ts";
import { files, sessions, tools } from "./errors-files.ts";
import { reasons as reasonsElsewhere, setupReasons } from "./errors-reasons.ts";
import { server } from "./errors-server.ts";
import { download, setup } from "./errors-setup.ts";

/** What can be wrong with how chat, ask and config are called, and with what they are given. */
export const asking = {
  noQuestion: () => ({
    code: "usage",
    message: "No question was given.",
    hint: 'Pass one: gpt-oss ask "…", or pipe one in: … | gpt-oss ask.',
  }),
  twoOutputs: () => ({ code: "usage", message: "--json and --jsonl can't be used together. Choose one." }),
  variableForm: (given: string) => ({ code: "usage", message: `Invalid --var ${given}: use NAME=VALUE.` }),
  noJson: (origin: string, problem: string) => ({ code: "usage", message: `${origin} is not valid JSON: ${problem}.` }),
  noJsonSchema: (origin: string) => ({
    code: "usage",
    message: `${origin} is not a JSON Schema: it must be an object.`,
  }),
  promptWants: (prompt: string, names: string, first: string) => ({
    code: "usage",
    message: `The prompt ${prompt} needs a value for ${names}.`,
    hint: `Pass it with --var ${first}=…`,
  }),
  promptLacksVariable: (prompt: string, variable: string, known: string) => ({
    code: "usage",
    message: `The prompt ${prompt} has no variable ${variable}.`,
    hint: `Its variables: ${known || "none"}.`,
  }),
  unknownPrompt: (name: string, names: string) => ({
    code: "usage",
    message: `Unknown prompt: ${name}.`,
    hint: `Use one of ${names}, or the path of a Markdown file.`,
  }),
  badPrompt: (path: string, reason: string) => ({
    code: "usage",
    message: `The prompt ${path} can't be used: ${reason}.`,
  }),
  answerCutInJson: () => ({
    code: "model-failed",
    message: "The answer was cut off before its JSON was complete.",
    hint: "Allow more tokens with --max-tokens.",
  }),
  answerNotJson: () => ({
    code: "model-failed",
    message: "The answer is not JSON.",
    hint: "Ask again, or use a server that supports response_format.",
  }),
  answerAgainstSchema: (problem: string) => ({
    code: "model-failed",
    message: `The answer does not match the schema: ${problem}.`,
    hint: "Ask again, or use a server that supports response_format.",
  }),
  badMemoryStrategy: (given: string, allowed: string) => ({
    code: "usage",
    message: `Invalid --memory ${given}: use ${allowed}.`,
  }),
  resumeProblem: () => ({
    code: "usage",
    message: "This server can't continue a partial answer: its chat template is not gpt-oss's own.",
    hint: "Use a server that gpt-oss starts, or ask again with /retry.",
  }),
  badSetting: (origin: string, given: string, reason: string) => ({
    code: "usage",
    message: `Invalid value for ${origin}: ${given} (${reason}).`,
  }),
  badSettings: (path: string, reason: string) => ({
    code: "usage",
    message: `The settings in ${path} can't be used: ${reason}.`,
  }),
  unknownSetting: (path: string, line: number, name: string, nearest: string, names: string) => ({
    code: "usage",
    message: `The settings in ${path} can't be used: line ${line}: unknown setting ${name}.`,
    hint: `Did you mean ${nearest}? Valid settings: ${names}.`,
  }),
  noAttachment: (path: string) => ({
    code: "usage",
    message: `File not found: ${path}.`,
    hint: "To type a literal @, write \\@.",
  }),
  noTerminalToAsk: (question: string) => ({
    code: "usage",
    message: `Can't ask for confirmation without a terminal: ${question}`,
    hint: "Use --yes to confirm.",
  }),
  unreadableDocuments: (path: string) => ({
    code: "usage",
    message: `${path} does not exist or can't be read.`,
  }),
  noTextFile: (path: string) => ({ code: "usage", message: `${path} is not a text file.` }),
  noTextFiles: (path: string) => ({ code: "usage", message: `The folder ${path} contains no text files.` }),
  unusablePath: (path: string, reason: string) => ({
    code: "storage-failed",
    message: `Can't access ${path} (${reason}).`,
    hint: "Check its owner and the free space, or choose other folders with GPT_OSS_CACHE, GPT_OSS_DATA and HF_HOME.",
  }),
  noHome: (uid: number) => ({
    code: "usage",
    message: `The user with the ID ${uid} has no home folder.`,
    hint: "Set HOME to a folder that you can write to.",
  }),
  packageNotInstalled: (file: string) => ({
    code: "usage",
    message: `This bundle contains the code of langchain-gpt-oss but not its file ${file}.`,
    hint: "Install langchain-gpt-oss next to the bundle, or pass the baseUrl of a running server.",
  }),
  lockTakenOver: (what: string, pid: number | string) => ({
    code: "interrupted",
    message: `Process ${pid} took over while this one was suspended: ${what}.`,
    hint: "Run this command again when that process has ended.",
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
    message: `File not found: ${path}.`,
    hint: "Check the path.",
  }),
  unknownExperiment: (name: string, names: string) => ({
    code: "usage",
    message: `Unknown experiment: ${name}.`,
    hint: `Use one of ${names}, or the path of a .yaml file.`,
  }),
  untrustedProgram: (path: string) => ({
    code: "usage",
    message: `The experiment uses the script ${path}.`,
    hint: "Read it. If you trust it, run the experiment with --allow-javascript.",
  }),
  noLlamaServer: (url: string) => ({
    code: "model-failed",
    message: `The server at ${url} does not answer like llama-server.`,
    hint: "Experiments need llama-server. Check the address.",
  }),
  nothingSelected: (only: string, variants: string, cases: string) => ({
    code: "usage",
    message: `${only} matches nothing to run.`,
    hint: `Variants: ${variants}. Cases: ${cases}.`,
  }),
  badExperimentName: (name: string) => ({
    code: "usage",
    message: `Invalid name for an experiment: ${name}.`,
    hint: "Use letters, digits, dots, dashes and underscores.",
  }),
  experimentExists: (path: string) => ({
    code: "usage",
    message: `The file ${path} already exists.`,
    hint: "Choose another name, or delete the file.",
  }),
  badPromptfooConfig: (path: string, why: string) => ({
    code: "usage",
    message: `${path} is not a promptfoo configuration: ${why}.`,
    hint: "Name a promptfooconfig.yaml with prompts in it.",
  }),
  nothingFailed: (name: string) => ({
    code: "usage",
    message: `No test case failed in the latest run of ${name}, or it has no run yet.`,
    hint: "Run the experiment without --only failed.",
  }),
  badBaselineFile: (path: string, why: string) => ({
    code: "usage",
    message: `The results in ${path} can't be read: ${why}.`,
    hint: "Name a file that was written with --format json, or the results.json of a run.",
  }),
  badSelection: (text: string, kinds: string) => ({
    code: "usage",
    message: `Invalid --only ${text}.`,
    hint: `Use failed, or KIND=VALUE with one of ${kinds}, such as --only variant=short or --only 'case=a*'.`,
  }),
  badRequirement: (text: string) => ({
    code: "usage",
    message: `Invalid --require ${text}.`,
    hint: "Use a condition such as --require 'score>=0.8', --require 'errors<=0' or --require 'no_regression=0.05'.",
  }),
  badMeasure: (text: string, reason: string) => ({ code: "usage", message: `Invalid --require ${text}: ${reason}.` }),
  checksInCode: (name: string) => ({
    code: "usage",
    message: `The experiment ${name} was written in code, so its checks are not in a file.`,
    hint: "Run it again in code. Stored answers are not requested again.",
  }),
  nothingInCommon: (before: string, after: string, variantsBefore: string, variantsAfter: string) => ({
    code: "usage",
    message: `The runs ${before} and ${after} have no variant in common.`,
    hint: `Variants: ${variantsBefore}; and ${variantsAfter}.`,
  }),
  sameRun: (before: string, after: string) => ({
    code: "usage",
    message: `${before} and ${after} are the same run.`,
    hint: "Choose two, such as NAME~1 and NAME. For a list of runs: gpt-oss experiment list",
  }),
  unknownVariant: (variant: string, names: string) => ({
    code: "usage",
    message: `Unknown variant: ${variant}.`,
    hint: `Choose one that is compared with a baseline: ${names}.`,
  }),
  damagedRun: (path: string, why: string) => ({
    code: "usage",
    message: `The run in ${path} can't be read: ${why}.`,
    hint: "Delete or move this folder, then run the experiment again. Its answers are stored in cells.jsonl and are not requested again.",
  }),
  unknownRun: (name: string, folder: string, names: string) => ({
    code: "usage",
    message: `Run not found in ${folder}: ${name}.`,
    hint: `Choose one of ${names}.`,
  }),
  noRuns: (name: string, folder: string, experiments: string) => ({
    code: "usage",
    message: `Run not found in ${folder}: ${name}.`,
    hint: `The folder has runs of: ${experiments || "no experiment yet"}.`,
  }),
  runsNotKept: (folder: string, reason: string) => ({
    code: "storage-failed",
    message: `Can't save runs in ${folder}: ${reason}.`,
    hint: "Choose another folder with --out. Answers received so far are saved.",
  }),
  severalModels: () => ({
    code: "usage",
    message: "The experiment has several models, but a running server has only one.",
    hint: "Choose the server's model with --model, or remove --base-url.",
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
    message: "The answer reached max_tokens before its JSON was complete.",
    hint: "Allow more tokens with maxTokens.",
  }),
  outputCutByContext: () => ({
    code: "model-failed",
    message: "The context filled up before the answer's JSON was complete.",
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
