import type { InterfaceLanguage } from "../language.ts";

/** What setup says of a machine, in parts that are words already. */
export interface MachineWords {
  readonly system: string;
  readonly memory: string;
  readonly disk: string;
  readonly backend: string;
  readonly reason: string;
}

/** What setup says while it works, in English. */
export const setup = {
  language: "en" as InterfaceLanguage,
  /** Between the parts of a list. */
  comma: ", ",
  steps: {
    platform: "platform",
    toolchain: "toolchain",
    source: "source",
    build: "build",
    model: "model",
    verify: "verify",
  },
  alreadyDone: "already done",
  activities: {
    fetching: "fetching llama.cpp",
    compiling: "compiling",
    downloading: "downloading",
    checking: "checking",
  },
  amount: (done: string, total: string) => `${done} of ${total}`,
  timeLeft: (time: string) => `${time} left`,

  lookingAtMachine: "looking at this machine",
  machine: ({ system, memory, disk, backend, reason }: MachineWords) =>
    `${system}, ${memory} memory, ${disk} free disk; ${backend}: ${reason}`,
  notNeeded: "not needed, llama-server is there",
  origins: { named: "as named", built: "our build", PATH: "found on PATH" },
  serverThere: (version: string, origin: string, path: string) => `llama-server ${version}, ${origin}: ${path}`,
  lookingForTools: "looking for git, cmake and a C++17 compiler",
  installQuestion: (problem: string, command: string) => `${problem} Install it with: ${command}?`,
  waitingForBuild: (pid: number) => `Waiting for process ${pid}, which is building llama.cpp.`,
  builtMeanwhile: "Another process has built it meanwhile.",
  fetchingSource: (tag: string) => `fetching llama.cpp ${tag}`,
  sourceThere: (tag: string, tree: string) => `llama.cpp ${tag}, tree ${tree}`,
  sourceFetched: (tag: string, origin: string, tree: string) => `llama.cpp ${tag} from ${origin}, tree ${tree}`,
  buildTakes: (minutes: number) => `Compiling llama-server takes about ${minutes} minutes here, once.`,
  serverBuilt: (version: string, backend: string, path: string) => `llama-server ${version} for ${backend}: ${path}`,
  lookingForModel: (name: string) => `looking for ${name}`,
  downloadQuestion: (name: string, bytes: string) => `Download ${name}, ${bytes}?`,
  modelFetched: (name: string, bytes: string, path: string) => `${name}, ${bytes} fetched and SHA-256 checked: ${path}`,
  askingServer: "starting the server and asking a question",
  speeds: (prompt: string, answer: string) => `prompt ${prompt} and answer ${answer} tokens a second`,
  onCpu: (speeds: string) => `${speeds}; on the CPU`,
  onGpu: (speeds: string, offloaded: number, total: number, gpu: string | undefined) =>
    `${speeds}; ${offloaded} of ${total} layers on ${gpu ?? "the GPU"}`,
  ready: (model: string) => `Ready. Start a chat with: npx gpt-oss chat --model ${model}`,

  inventory: {
    unfinishedBuild: "unfinished build of llama-server",
    source: "llama.cpp source, needed only to build",
    model: "model",
    partOfModel: "model, partly downloaded",
    shippedModel: "model, comes with the package",
    removed: (name: string, bytes: string) => `Removed ${name}, ${bytes}.`,
  },

  plan: {
    machine: (system: string, backend: string, reason: string) => `${system}, build for ${backend} (${reason})`,
    notNeeded: "not needed",
    useServer: (path: string) => `use ${path}`,
    tools: (more: string) => `check git, cmake, a C++17 compiler, make or ninja${more}`,
    moreTools: { cpu: "", metal: "", cuda: ", nvcc", vulkan: ", Vulkan headers, SPIR-V headers, glslc" },
    elseFromNpm: (bytes: string, integrity: string) =>
      `if git can't fetch it, from the npm registry (${bytes}, ${integrity}):`,
    checkTree: (tree: string) => `check: git tree ${tree}`,
    moveTo: (folder: string) => `move it to ${folder}`,
    copyTo: (program: string, path: string) => `copy ${program} to ${path}`,
    shippedModel: "the demo model comes with this package: nothing to fetch",
    modelThere: (name: string, folder: string) => `${name} is installed in ${folder}: nothing to fetch`,
    inAll: (bytes: string, missing: string | undefined, folder: string) =>
      `in all ${bytes}${missing === undefined ? "" : `, of which ${missing} are missing`}, into ${folder}`,
    verify: "start the server on loopback, ask one question, report tokens a second and layers on the GPU, stop it",
  },
};

export type SetupWords = typeof setup;
