import type { InterfaceLanguage } from "../language.ts";

/** A machine, described in parts. */
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

  lookingAtMachine: "checking this machine",
  machine: ({ system, memory, disk, backend, reason }: MachineWords) =>
    `${system}, ${memory} memory, ${disk} free disk; ${backend}: ${reason}`,
  notNeeded: "not needed, llama-server is installed",
  origins: { named: "chosen by a setting", built: "built by setup", PATH: "found on PATH" },
  serverThere: (version: string, origin: string, path: string) => `llama-server ${version}, ${origin}: ${path}`,
  lookingForTools: "looking for git, cmake and a C++17 compiler",
  installQuestion: (problem: string, command: string) => `${problem} Install it with: ${command}?`,
  waitingForBuild: (pid: number) => `Waiting for process ${pid}, which is building llama.cpp.`,
  builtMeanwhile: "Another process has finished building it.",
  fetchingSource: (tag: string) => `fetching llama.cpp ${tag}`,
  sourceThere: (tag: string, tree: string) => `llama.cpp ${tag}, tree ${tree}`,
  sourceFetched: (tag: string, origin: string, tree: string) => `llama.cpp ${tag} from ${origin}, tree ${tree}`,
  buildTakes: (minutes: number) => `Compiling llama-server takes about ${minutes} minutes, once.`,
  serverBuilt: (version: string, backend: string, path: string) => `llama-server ${version} for ${backend}: ${path}`,
  lookingForModel: (name: string) => `looking for ${name}`,
  downloadQuestion: (name: string, bytes: string) => `Download ${name}, ${bytes}?`,
  modelFetched: (name: string, bytes: string, path: string) =>
    `${name}, ${bytes} downloaded, SHA-256 verified: ${path}`,
  askingServer: "starting the server and asking a question",
  speeds: (prompt: string, answer: string) => `prompt ${prompt} tokens/s, answer ${answer} tokens/s`,
  onCpu: (speeds: string) => `${speeds}; on the CPU`,
  onGpu: (speeds: string, offloaded: number, total: number, gpu: string | undefined) =>
    `${speeds}; ${offloaded} of ${total} layers on ${gpu ?? "the GPU"}`,
  ready: (model: string) => `Ready. Start a chat with: npx gpt-oss chat --model ${model}`,

  inventory: {
    unfinishedBuild: "unfinished build of llama-server",
    source: "llama.cpp source, needed only to build",
    model: "model",
    partOfModel: "model, incomplete download",
    shippedModel: "model, included in the package",
    fromHub: (note: string, request: string) => `${note}, ${request}`,
    ownFile: (path: string) => `model, your file ${path}`,
    missingFile: (path: string) => `model, file missing: ${path}`,
    removed: (name: string, bytes: string) => `Removed ${name}, ${bytes}.`,
    nameRemoved: (name: string, path: string) => `Removed the name ${name}. The file ${path} was not deleted.`,
  },

  plan: {
    machine: (system: string, backend: string, reason: string) => `${system}, build for ${backend} (${reason})`,
    notNeeded: "not needed",
    useServer: (path: string) => `use ${path}`,
    tools: (more: string) => `check git, cmake, a C++17 compiler, make or ninja${more}`,
    moreTools: { cpu: "", metal: "", cuda: ", nvcc", vulkan: ", Vulkan headers, SPIR-V headers, glslc" },
    elseFromNpm: (bytes: string, integrity: string) =>
      `if git can't fetch it, download it from the npm registry (${bytes}, ${integrity}):`,
    checkTree: (tree: string) => `check: git tree ${tree}`,
    moveTo: (folder: string) => `move it to ${folder}`,
    copyTo: (program: string, path: string) => `copy ${program} to ${path}`,
    useModel: (path: string, name: string) => `use ${path} and call it ${name}: nothing to download`,
    shippedModel: "the demo model is included in this package: nothing to download",
    modelThere: (name: string, folder: string) => `${name} is installed in ${folder}: nothing to download`,
    inAll: (bytes: string, missing: string | undefined, folder: string) =>
      `${bytes} in total${missing === undefined ? "" : `, of which ${missing} are missing`}, into ${folder}`,
    verify:
      "start the server on loopback, ask one question, report tokens per second and layers on the GPU, stop the server",
  },
};

export type SetupText = typeof setup;
