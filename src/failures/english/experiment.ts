import type { Entries } from "../catalogue.ts";

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
