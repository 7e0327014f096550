import type { Entries } from "../catalogue.ts";

/** What can go wrong while setup builds a server and fetches a model. */
export const setup = {
  toolchainMissing: (problems: string, command: string) => ({
    code: "toolchain-missing",
    message: `llama.cpp can't be built here: ${problems}.`,
    hint: `Install it with: ${command}`,
  }),
  toolchainUnknown: (problems: string) => ({
    code: "toolchain-missing",
    message: `llama.cpp can't be built here: ${problems}.`,
    hint: "Install it with your system's package manager, then run this again.",
  }),
  installFailed: (command: string, reason: string) => ({
    code: "toolchain-missing",
    message: `${command} failed: ${reason}`,
  }),
  unsupportedPlatform: (system: string, architecture: string) => ({
    code: "usage",
    message: `${system} ${architecture} is not supported: this runs on Linux and macOS, x64 and arm64.`,
    hint: "On Windows, use it inside WSL.",
  }),
  nodeUnderRosetta: () => ({
    code: "usage",
    message: "This Node.js is built for Intel and runs under Rosetta, so llama.cpp could not use the GPU of this Mac.",
    hint: "Install Node.js for arm64 (node -p process.arch then prints arm64), or build for the CPU with --gpu cpu.",
  }),
  impossibleGpu: (backend: string, system: string, possible: string) => ({
    code: "usage",
    message: `--gpu ${backend} is not possible on ${system}.`,
    hint: `Use ${possible}.`,
  }),
  noRunningServer: (path: string, needed: string) => ({
    code: "usage",
    message: `${path} is not a llama-server that runs here.`,
    hint: `Name one of version ${needed} or newer, or leave it out and one is built.`,
  }),
  oldServer: (path: string, version: string, needed: string) => ({
    code: "usage",
    message: `${path} is llama-server ${version}, which is older than ${needed}.`,
    hint: "Update it, or leave it out and one is built.",
  }),
  sourceUnreadable: (reason: string) => ({
    code: "source-unavailable",
    message: `The llama.cpp source bundle could not be read: ${reason}.`,
  }),
  otherSource: (url: string, reference: string, tag: string, tree: string, pinned: string) => ({
    code: "source-unavailable",
    message: `What ${url} has as ${reference} is not llama.cpp ${tag}: its tree is ${tree}, not ${pinned}.`,
    hint: "Unset GPT_OSS_LLAMA_CPP_URL, or point it at a true copy of llama.cpp.",
  }),
  sourceNotWritten: (reason: string, folder: string) => ({
    code: "source-unavailable",
    message: `git could not write the llama.cpp source: ${reason}`,
    hint: `Check the free disk space of ${folder}.`,
  }),
  sourceUnavailable: (gitProblem: string, npmProblem: string) => ({
    code: "source-unavailable",
    message: `The llama.cpp source could not be fetched (git: ${gitProblem}; ${npmProblem}).`,
    hint: "Check the network or HTTPS_PROXY, or name an existing server with --llama-server PATH.",
  }),
  noRoomToBuild: (needed: string, free: string, folder: string) => ({
    code: "disk-full",
    message: `Building llama.cpp needs about ${needed}, but only ${free} are free at ${folder}.`,
    hint: "Free some space, or put the cache elsewhere with GPT_OSS_CACHE.",
  }),
  diskFilledUp: () => ({
    code: "disk-full",
    message: "The disk filled up while llama.cpp was compiled.",
    hint: "Free about 2 GB and run this again; it goes on where it stopped.",
  }),
  buildFailed: (lastLines: string, logFile: string) => ({
    code: "build-failed",
    message: `llama.cpp could not be compiled. The last lines said:\n${lastLines}`,
    hint: `The whole log is ${logFile}.`,
  }),
  emptyGreeting: () => ({
    code: "verify-failed",
    message: "The server runs, but its answer to a greeting was empty.",
    hint: "Look at the server's log, or remove the model and set it up again.",
  }),
  nothingOnGpu: (backend: string, layers: string) => ({
    code: "verify-failed",
    message: `The server was built for ${backend}, but ${layers} layers are on the GPU: it answers from the CPU.`,
    hint: "Check the GPU's driver and its free memory, or set up with --gpu cpu.",
  }),
  unknownModelToSetUp: (name: string, names: string) => ({
    code: "usage",
    message: `There is no model ${name} to set up.`,
    hint: `Name one of ${names}; a .gguf file of your own needs no setup: gpt-oss chat --model FILE.`,
  }),
  platformNeedsDryRun: () => ({
    code: "usage",
    message: "--platform plans for another machine and does nothing here.",
    hint: "Use it together with --dry-run.",
  }),
  unknownPlatform: (name: string, names: string) => ({
    code: "usage",
    message: `There is no plan for ${name}.`,
    hint: `Name one of ${names}.`,
  }),
  notInstalled: (name: string, names: string) => ({
    code: "usage",
    message: `Nothing named ${name} is installed.`,
    hint: names === "" ? "There is nothing to remove." : `Name one of ${names}.`,
  }),
  notRemovable: (name: string) => ({
    code: "usage",
    message: `${name} comes with the package and can't be removed alone.`,
  }),
} satisfies Entries;
