import type { InterfaceLanguage } from "../language.ts";

/** What `gpt-oss experiment` says on standard error, in English. */
export const experiment = {
  fast: (slots: number) => `fast: ${counted(slots, "slot")}, prompt cache`,
  exact: "exact: one slot, no cache",
  running: (run: string, models: readonly string[], build: string, how: string) =>
    `${run} on ${models.join(" and ")}, llama.cpp ${build} (${how})`,
  cells: ({ cells, variants, cases, repeats, known, todo }: PlanCounts) =>
    `${counted(cells, "result")} (${counted(variants, "variant")} × ${counted(cases, "test case")} × ${counted(repeats, "repeat")}): ${whole(known)} cached, ${whole(todo)} to run.`,
  sameQuestions: (repeats: number, fast: boolean) =>
    `With temperature 0, ${counted(repeats, "repeat")} of a test case send the same request ${repeats} times: ${
      fast ? "the answers differ only by rounding" : "every answer is the same"
    }. Set repeats to 1, or a temperature above 0.`,
  damagedLines: (lines: number) =>
    lines === 1
      ? "1 line of cells.jsonl is damaged and was skipped. Its test case will run again."
      : `${whole(lines)} lines of cells.jsonl are damaged and were skipped. Their test cases will run again.`,
  promptEstimate: (tokens: number, tokensWithoutCache: number) =>
    `About ${whole(tokens)} prompt tokens to process (${whole(tokensWithoutCache)} without prompt caching)`,
  timeUnknown: (estimate: string) => `${estimate}; a time estimate follows after the first answers.`,
  timeEstimate: (estimate: string, generated: number, time: string) =>
    `${estimate} and ${whole(generated)} to generate: about ${time}.`,
  waiting: (pid: number) => `Process ${pid} is running this experiment; waiting for it.`,
  interruptedAtOnce: "Interrupted. Run the same command again to continue.",
  interrupted: (pass: "cell" | "judge", done: number, total: number) =>
    `Interrupted after ${whole(done)} of ${counted(total, pass === "judge" ? "judgement" : "result")}. The answers are saved: run the same command again to continue.`,
  progress: (pass: "cell" | "judge", done: number, total: number) =>
    `${pass === "cell" ? "results" : "judged"} ${whole(done)} of ${whole(total)}`,
  failedCells: (errors: number) => `, ${whole(errors)} failed`,
  rate: (perSecond: string) => `, ${perSecond}/s`,
  timeSpent: (time: string) => `, in ${time}`,
  timeLeft: (time: string) => `, ${time} left`,
  timeSoFar: (time: string) => `, ${time}`,
  seconds: (seconds: number) => `${seconds} s`,
  minutes: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
  hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,

  foreignServer: (url: string, file: string) => `Prompts are sent to ${url} (set in ${file}).`,
  report: (path: string) => `Report: ${path}`,
  requirementNotMet: (text: string, why: string) => `The requirement ${text} is not met: ${why}.`,
  cellsFailed: (failed: number, cells: number, error: string) =>
    `${whole(failed)} of ${counted(cells, "result")} failed; first error: ${error}`,
  skippedRun: (path: string, why: string) => `Skipped ${path}: ${why}.`,
  listedRun: (run: string, cells: number, mode: string, path: string) =>
    `run ${run}: ${counted(cells, "result")}, ${mode}, in ${path}`,
  otherQuestions: (cases: string) =>
    `These cases have changed, so their answers are checked against the stored values: ${cases}.`,
  example: {
    variants:
      "What is compared: prompts, here written in place. A prompt can also be a Markdown file, and a variant a program (module: agent.mjs).\nThe first variant is the baseline.",
    cases:
      "The test cases. Write many: with fewer than six no difference can be shown.\nThey can also be in a file: cases: cases.csv",
    settings: "A list, such as effort: [low, high], makes a variant of each value.",
    repeats: "How often each test case is asked, each time with another seed.",
    checks: "What a good answer is. A test case can have checks of its own.",
    requirements: "What has to hold for exit status 0, such as no_regression or score >= 0.8.",
  },
  notImported: (place: string) => `Not converted: ${place}`,
  imported: (path: string, leftOut: number) =>
    `Wrote ${path}. ${leftOut === 0 ? "Everything was converted." : `${counted(leftOut, "part")} of the configuration could not be converted.`} Run it with: npx gpt-oss experiment run ${path}`,
  importIncomplete: (why: string) => `The experiment is incomplete: ${why}`,
  exampleWritten: (path: string, name: string) =>
    `Wrote ${path}. Run it with: npx gpt-oss experiment run ${name} --model demo`,
  changedCases: (cases: string) => `Cases whose content differs between the runs are skipped: ${cases}.`,
};

export interface PlanCounts {
  readonly cells: number;
  readonly variants: number;
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
    noServer: "llama-server is not installed.",
    buildOne: "Build one with: npx gpt-oss setup",
    backendUnknown: "backend unknown",
    origins: { named: "chosen by a setting", built: "built by setup", PATH: "found on PATH" },
    server: (version: string, backend: string, origin: string, path: string) =>
      `${version}, ${backend} (${origin}): ${path}`,
    builtForCpu: (backend: string) => `It was built for the CPU, but this machine can use ${backend}.`,
    buildFor: (backend: string) => `Build one for it with: npx gpt-oss setup --gpu ${backend}`,
    soFar: (bytes: string) => `${bytes} downloaded`,
    partlyDownloaded: "The download is incomplete.",
    goOn: (model: string) => `Continue with: npx gpt-oss setup --model ${model}`,
    models: "models",
    ownFile: (bytes: string, path: string) => `${bytes}, your file ${path}`,
    shipped: (bytes: string) => `${bytes}, included in the package`,
    verified: (bytes: string) => `${bytes}, SHA-256 verified`,
    notChecked: (bytes: string) => `${bytes}, SHA-256 not checked yet`,
    filesNotChecked: "Its files have not been checked.",
    modelInUse: (model: string, context: number) => `${model}, context ${context} tokens`,
    shape: {
      comma: ", ",
      layers: (count: number) => `${count} layers`,
      experts: (count: number) => `${count} experts`,
      window: (tokens: number, layers: number) => `a window of ${tokens} tokens in ${layers} layers`,
      trainedContext: (tokens: number) => `trained on ${tokens} tokens of context`,
    },
    contextLimited: (asked: number) => `limited by the model; ${asked} requested`,
    handedOn: (names: string) => `environment: ${names}`,
    notHandedOn: (names: string) => `set, but not passed to llama-server: ${names}`,
    modelByItself: (model: string, context: number) =>
      `${model}, context ${context} tokens (chosen from model and memory)`,
    memoryOfModel: (own: string, file: string) => `memory: about ${own}, and ${file} of the model file`,
    layersAtSetup: (offloaded: number, total: number) => `${offloaded} of ${total} layers on the GPU at setup`,
    noneRunning: "none running (a chat starts one)",
    crashed: (model: string) => `The server for ${model} has crashed.`,
    lookAtLog: "Check the log with: npx gpt-oss serve logs",
    free: (bytes: string, folder: string) => `${bytes} free at ${folder}`,
    littleRoom: "Disk space is low.",
    seeWhatToRemove: "See what can be removed with: npx gpt-oss setup --list",
    setting: (name: string, value: string, origin: string | undefined) => `${name} = ${value} (${origin ?? "default"})`,
    allDefaults: "all defaults",
    asking: (model: string) => `Asking ${model}. A large model takes several minutes.`,
    reported: (expected: number, all: number, path: string) =>
      `${expected} of ${all} answers are as expected. Report: ${path}`,
  },

  serve: {
    noneRunning: "No server is running.",
    states: {
      loading: "loading",
      ready: "ready",
      frozen: "suspended by a signal",
      restarting: "restarting",
      failed: "failed",
      stopped: "stopped",
    },
    at: (url: string, pid: number | undefined) => ` at ${url}, pid ${pid}`,
    slots: (slots: number, tokens: number) => `${slots} slot${slots === 1 ? "" : "s"} of ${tokens} tokens`,
    layers: (offloaded: number, total: number) => `${offloaded} of ${total} layers on the GPU`,
    usedBy: (programs: number, pids: string) =>
      `in use by ${programs === 1 ? "1 program" : `${programs} programs`} (pid ${pids})`,
    kept: "runs until serve stop",
    restarted: (times: number) => `restarted ${times === 1 ? "once" : `${times} times`}`,
    stopped: "Stopped.",
    stoppedServers: (servers: number) => `Stopped ${servers} server${servers === 1 ? "" : "s"}.`,
    loading: (model: string, percent: number) => `Loading ${model}: ${percent}%`,
    contextLimited: (asked: number, given: number) =>
      `--context ${asked} is more than the model supports. Using ${given} tokens.`,
    ready: (slots: number, tokens: number, raw: boolean) =>
      `Ready for ${slots === 1 ? "one conversation" : `${slots} conversations at once`} of ${tokens} tokens, ${raw ? "as raw harmony text" : "through Chat Completions, Responses and Messages"}. Use it with:`,
    stays: "It keeps running until you run: npx gpt-oss serve stop",
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
    none: "There are no sessions yet. Start one with: gpt-oss chat",
    nothingSaid: (words: string) => `No messages match ${words}.`,
    renamed: (id: string, title: string) => `Renamed ${id} to ${title}.`,
    written: (path: string) => `Saved to ${path}.`,
    standardInput: "standard input",
    imported: (id: string, title: string, turns: number) =>
      `Imported ${title} as ${id} (${turns === 1 ? "1 turn" : `${turns} turns`}).`,
    untitled: "untitled",
    deleteQuestion: (id: string, title: string) => `Delete ${id} (${title}) permanently?`,
    deleted: (id: string) => `Deleted ${id}.`,
    /** As wide for one as for nine. */
    turns: (turns: number) => (turns === 1 ? "1 turn " : `${turns} turns`),
    undated: "undated",
    speakers: { human: "You", ai: "Assistant", system: "System", tool: "Tool" } as Readonly<Record<string, string>>,
    interrupted: "[interrupted]",
    whichOne: (sessions: number) => `Which session (1 to ${sessions})?`,
  },

  experiment,

  config: {
    keySet: "(set)",
    order: (file: string) =>
      `Flags override the environment, the environment overrides .env, and .env overrides ${file}.`,
  },
};

export type CliText = typeof cli;
