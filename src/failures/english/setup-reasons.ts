import type { Reasons } from "../catalogue.ts";

/** Why setup does something, what it meets on its way, and the amounts in that. */
export const setupReasons = {
  // why a backend
  askedWithGpu: () => "asked for with --gpu",
  appleSilicon: () => "Apple silicon",
  intelMac: () => "Intel Mac",
  slowMetal: () => "Metal is not faster than the CPU on Intel Macs",
  noGpu: () => "no GPU",
  cudaTools: () => "nvcc and an NVIDIA driver",
  cudaFound: (gpu: string, nvcc: string) => `${gpu}, nvcc at ${nvcc}`,
  noNvcc: (gpu: string) => `${gpu} is there, but not nvcc: install the CUDA toolkit to use it`,
  noDriver: () => "nvcc is there, but no NVIDIA driver",
  vulkanTools: () => "Vulkan headers and glslc",
  vulkanFound: () => "a GPU device, the Vulkan headers and glslc are there",
  noGpuToUse: (parts: string) => `no NVIDIA GPU; for Vulkan there is no ${parts}`,
  // after "there is no"
  gpuDevice: () => "GPU device",
  vulkanHeader: () => "Vulkan header",
  spirvHeader: () => "SPIR-V header",
  nor: (one: string, other: string) => `${one}, no ${other}`,
  // whole sentences
  gitCouldNot: (url: string, problem: string) =>
    `git could not fetch ${url} (${problem}); taking the same release from the npm registry.`,
  compilingPlainly: () => "That did not compile with our shortcuts; compiling llama.cpp as it is, which takes longer.",
  waitingForDownload: (pid: number, file: string) => `Waiting for process ${pid}, which is downloading ${file}.`,
  fetchingAnew: (file: string) => `${file} was put together wrongly (its SHA-256 does not match); fetching it anew.`,
  tryingAgain: (problem: string, time: string) => `${problem}; trying again in ${time}.`,
  largerThanMemory: (model: string, bytes: string, memory: string) =>
    `${model} is larger than this machine's memory (${bytes} and ${memory}): it will hardly run.`,
  wantsMemory: (model: string, wanted: string, memory: string) =>
    `${model} wants about ${wanted} of memory; this machine has ${memory}.`,
  raiseGpuLimit: (command: string) =>
    `macOS gives the GPU less than the model takes. Either raise the limit until the next restart: ${command}`,
  leavePartOnCpu: (command: string) => `or start llama-server yourself with part of the model on the CPU: ${command}`,
  keepContextSmall: () => "Close other programs, and keep --context small (8192).",
  // where the source comes from, and why it does not
  npmPackage: (name: string) => `npm package ${name}`,
  gitSaidNothing: () => "git said nothing",
  itFailed: () => "failed",
  otherNpmPackage: (name: string) => `npm gave a ${name} whose SHA-512 is not the pinned one`,
  unreadableTree: () => "unreadable",
  // in the place of a compiler's last lines, and indented as they are
  builtServerSilent: () => "  the llama-server that was built does not answer --version",
  // why a download stops
  noRestOfFile: (status: number) => `the server does not give the rest of the file (HTTP ${status})`,
  otherPart: () => "the server sent another part of the file than was asked for",
  webPage: (host: string) =>
    `${host} answered with a web page and not with the file; the network may want a login first`,
  notSaidToBeFile: (host: string) => `${host} sent something that nothing shows to be the file`,
  changedFile: (host: string) => `${host} has changed the file during the download`,
  connectionStalled: () => "the connection stalled",
  connectionCut: () => "the connection was cut",
  connectionEnded: () => "the connection ended early",
  noAnswerInTime: (host: string) => `${host} does not answer in time`,
  proxyRefused: (host: string, status: string) => `the proxy refused the connection to ${host} (HTTP ${status})`,
  connectionFailed: (host: string, reason: string) => `the connection to ${host} failed (${reason})`,
  oldSignature: (host: string, status: number) => `${host} no longer accepts the signed address (HTTP ${status})`,
  slowDown: (host: string, status: number) => `${host} asks to slow down (HTTP ${status})`,
  hostInTrouble: (host: string, status: number) => `${host} has trouble (HTTP ${status})`,
  // what another process does meanwhile
  buildingLlamaCpp: () => "building llama.cpp",
  downloading: (file: string) => `downloading ${file}`,
  // amounts
  seconds: (seconds: string) => `${seconds} s`,
  minutesAndSeconds: (minutes: number, seconds: string) => `${minutes} min ${seconds} s`,
  hoursAndMinutes: (hours: number, minutes: string) => `${hours} h ${minutes} min`,
  bytes: (bytes: string) => `${bytes} bytes`,
  partOf: (part: number, whole: number) => `${part} of ${whole}`,
} satisfies Reasons;
