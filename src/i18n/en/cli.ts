import type { InterfaceLanguage } from "../language.ts";

/** What `gpt-oss experiment` says on standard error, in English. */
export const experiment = {
  fast: (slots: number) => `fast: ${counted(slots, "slot")}, prompt cache`,
  exact: "exact: one slot, no cache",
  running: (run: string, models: readonly string[], build: string, how: string) =>
    `${run} on ${models.join(" and ")}, llama.cpp ${build} (${how})`,
  cells: ({ cells, arms, cases, repeats, known, todo }: PlanCounts) =>
    `${counted(cells, "cell")} (${counted(arms, "arm")} × ${counted(cases, "case")} × ${counted(repeats, "repeat")}): ${whole(known)} known, ${whole(todo)} to ask.`,
  sameQuestions: (repeats: number, fast: boolean) =>
    `With temperature 0, ${counted(repeats, "repeat")} of a cell ask the same thing ${repeats} times: ${
      fast ? "the answers differ only by rounding" : "every answer is the same"
    }. Set repeats to 1, or a temperature above 0.`,
  damagedLines: (lines: number) =>
    lines === 1
      ? "1 line of cells.jsonl is damaged and was skipped. Its cell is asked again."
      : `${whole(lines)} lines of cells.jsonl are damaged and were skipped. Their cells are asked again.`,
  promptEstimate: (tokens: number, tokensWithoutCache: number) =>
    `About ${whole(tokens)} prompt tokens to evaluate (${whole(tokensWithoutCache)} without order and cache)`,
  timeUnknown: (estimate: string) => `${estimate}; how long that takes shows after the first cells.`,
  timeEstimate: (estimate: string, generated: number, time: string) =>
    `${estimate} and ${whole(generated)} to generate: about ${time}.`,
  waiting: (pid: number) => `Process ${pid} is running this experiment; waiting for it.`,
  interruptedAtOnce: "Interrupted. Run the same command again to continue.",
  interrupted: (pass: "cell" | "judge", done: number, total: number) =>
    `Interrupted after ${whole(done)} of ${counted(total, pass === "judge" ? "judgement" : "cell")}. The answers are saved: run the same command again to continue.`,
  progress: (pass: "cell" | "judge", done: number, total: number) =>
    `${pass === "cell" ? "cells" : "judged"} ${whole(done)} of ${whole(total)}`,
  failedCells: (errors: number) => `, ${whole(errors)} failed`,
  rate: (perSecond: string) => `, ${perSecond} a second`,
  timeSpent: (time: string) => `, in ${time}`,
  timeLeft: (time: string) => `, ${time} left`,
  timeSoFar: (time: string) => `, ${time}`,
  seconds: (seconds: number) => `${seconds} s`,
  minutes: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
  hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,

  foreignServer: (url: string, file: string) => `Questions are sent to ${url}, as set in ${file}.`,
  report: (path: string) => `Report: ${path}`,
  requirementNotMet: (text: string, why: string) => `The requirement ${text} is not met: ${why}.`,
  cellsFailed: (failed: number, cells: number, error: string) =>
    `${whole(failed)} of ${counted(cells, "cell")} failed, the first with: ${error}`,
  skippedRun: (path: string, why: string) => `Skipped ${path}: ${why}.`,
  listedRun: (run: string, cells: number, mode: string, path: string) =>
    `run ${run}: ${counted(cells, "cell")}, ${mode}, in ${path}`,
  otherQuestions: (cases: string) =>
    `These cases ask something else now, so their answers are judged by the old values: ${cases}.`,
  changedCases: (cases: string) => `Cases whose content differs between the two runs are left out: ${cases}.`,
};

export interface PlanCounts {
  readonly cells: number;
  readonly arms: number;
  readonly cases: number;
  readonly repeats: number;
  readonly known: number;
  readonly todo: number;
}

function counted(number: number, noun: string): string {
  return `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function whole(number: number): string {
  return number.toLocaleString("en-US");
}

/** What the commands other than the chat say, in English. */
export const cli = {
  language: "en" as InterfaceLanguage,
  /** Between the parts of a list. */
  comma: ", ",

  doctor: {
    platform: "platform",
    model: (name: string) => `model ${name}`,
    inUse: "in use",
    servers: "servers",
    disk: "disk",
    configuration: "configuration",
    memory: (bytes: string) => `${bytes} memory`,
    machine: (system: string, memory: string) => `${system}, ${memory}`,
    machineAndBackend: (machine: string, backend: string, reason: string) => `${machine}; ${backend}: ${reason}`,
    none: "none",
    noServer: "There is no llama-server.",
    buildOne: "Build one with: npx gpt-oss setup",
    backendUnknown: "backend not known",
    origins: { named: "named", built: "built", PATH: "PATH" },
    server: (version: string, backend: string, origin: string, path: string) =>
      `${version}, ${backend} (${origin}): ${path}`,
    builtForCpu: (backend: string) => `It was built for the CPU, and this machine could use ${backend}.`,
    buildFor: (backend: string) => `Build one for it with: npx gpt-oss setup --gpu ${backend}`,
    soFar: (bytes: string) => `${bytes} so far`,
    partlyDownloaded: "It is partly downloaded.",
    goOn: (model: string) => `Go on with: npx gpt-oss setup --model ${model}`,
    shipped: (bytes: string) => `${bytes}, comes with the package`,
    verified: (bytes: string) => `${bytes}, SHA-256 verified`,
    notChecked: (bytes: string) => `${bytes}, SHA-256 not checked yet`,
    filesNotChecked: "Its files have not been checked.",
    modelInUse: (model: string, context: number) => `${model}, context ${context} tokens`,
    contextLimited: (asked: number) => `the model has no more; ${asked} are asked for`,
    handedOn: (names: string) => `environment: ${names}`,
    notHandedOn: (names: string) => `set, but not handed to llama-server: ${names}`,
    modelByItself: (model: string, context: number) => `${model}, context ${context} tokens, by model and memory`,
    layersAtSetup: (offloaded: number, total: number) => `${offloaded} of ${total} layers on the GPU at setup`,
    noneRunning: "none running; a chat starts one",
    crashed: (model: string) => `The server for ${model} has crashed.`,
    lookAtLog: "Look at: npx gpt-oss serve logs",
    free: (bytes: string, folder: string) => `${bytes} free at ${folder}`,
    littleRoom: "There is little room left.",
    seeWhatToRemove: "See what can be removed with: npx gpt-oss setup --list",
    setting: (name: string, value: string, origin: string | undefined) =>
      `${name} = ${value}, from ${origin ?? "a default"}`,
    allDefaults: "all defaults",
    asking: (model: string) => `Asking ${model}; a large model takes some minutes.`,
    reported: (expected: number, all: number, path: string) =>
      `${expected} of ${all} answers are as expected. The report is ${path}.`,
  },

  serve: {
    noneRunning: "No server is running.",
    states: {
      loading: "loading",
      ready: "ready",
      frozen: "stopped by a signal",
      restarting: "restarting",
      failed: "failed",
      stopped: "stopped",
    },
    at: (url: string, pid: number | undefined) => ` at ${url}, pid ${pid}`,
    slots: (slots: number, tokens: number) => `${slots} slot${slots === 1 ? "" : "s"} of ${tokens} tokens`,
    layers: (offloaded: number, total: number) => `${offloaded} of ${total} layers on the GPU`,
    usedBy: (programs: number, pids: string) => `used by ${programs} (pid ${pids})`,
    kept: "kept until serve stop",
    restarted: (times: number) => `restarted ${times} times`,
    stopped: "Stopped.",
    stoppedServers: (servers: number) => `Stopped ${servers} server${servers === 1 ? "" : "s"}.`,
    loading: (model: string, percent: number) => `Loading ${model}: ${percent} %`,
    contextLimited: (asked: number, given: number) =>
      `The model has ${given} tokens of context, not the ${asked} that --context asks for.`,
    ready: (slots: number, tokens: number, raw: boolean) =>
      `Ready for ${slots === 1 ? "one conversation" : `${slots} conversations at once`} of ${tokens} tokens, ${raw ? "as raw harmony text" : "through Chat Completions, Responses and Messages"}. Use it with:`,
    stays: "It runs until: npx gpt-oss serve stop",
    gateway: (url: string, pid: number) => `gateway at ${url}, pid ${pid}`,
    clients: (names: readonly string[]) => (names.length === 0 ? "no client yet" : `clients ${names.join(" and ")}`),
    requests: (requests: number, active: number, failed: number) =>
      `${requests} request${requests === 1 ? "" : "s"} answered${active === 0 ? "" : `, ${active} in progress`}${failed === 0 ? "" : `, ${failed} failed`}`,
    tokensPerSecond: (rate: string) => `${rate} tokens/s`,
    fromCache: (percent: number) => `${percent} % of the prompt tokens from the cache`,
  },

  launch: {
    firstPrompt: (client: string, tokens: number, perSecond: string, minutes: number) =>
      `The first prompt of ${client} has about ${tokens} tokens. This machine reads ${perSecond} tokens per second, so the first answer starts after about ${minutes} minute${minutes === 1 ? "" : "s"}.`,
    noServer:
      "No server is running, so the address and the key are examples. Start one with: npx gpt-oss serve --detach",
  },

  sessions: {
    none: "There is no session yet; gpt-oss chat starts one.",
    nothingSaid: (words: string) => `Nothing was said of ${words}.`,
    renamed: (id: string, title: string) => `${id} is called ${title} now.`,
    written: (path: string) => `Written to ${path}.`,
    standardInput: "standard input",
    imported: (id: string, title: string, turns: number) => `Imported as ${id}: ${title}, turns: ${turns}.`,
    untitled: "untitled",
    deleteQuestion: (id: string, title: string) => `Delete ${id} (${title}) for good?`,
    deleted: (id: string) => `Deleted ${id}.`,
    /** As wide for one as for nine. */
    turns: (turns: number) => (turns === 1 ? "1 turn " : `${turns} turns`),
    undated: "undated",
    speakers: { human: "You", ai: "Assistant", system: "System", tool: "Tool" } as Readonly<Record<string, string>>,
    interrupted: "[interrupted]",
    whichOne: (sessions: number) => `Which one (1 to ${sessions})?`,
  },

  experiment,

  config: {
    keySet: "(set)",
    order: (file: string) => `Flags win over the environment, the environment over .env, .env over ${file}.`,
  },
};

export type CommandWords = typeof cli;
