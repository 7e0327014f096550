import type { Entries } from "../language.ts";

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

/** What can go wrong while a model is downloaded. */
export const download = {
  noRoomForModel: (model: string, missing: string, free: string, folder: string) => ({
    code: "disk-full",
    message: `${model} needs ${missing} more, but only ${free} are free at ${folder}.`,
    hint: "Free some space, or put the models elsewhere with HF_HOME.",
  }),
  diskFullDuringDownload: (kept: string, bytes: string, file: string) => ({
    code: "disk-full",
    message: `The disk is full; ${kept} of ${bytes} of ${file} are kept.`,
    hint: "Free some space and run setup again; it goes on where it stopped.",
  }),
  downloadNotWritten: (path: string, reason: string) => ({
    code: "download-failed",
    message: `${path} can't be written (${reason}).`,
    hint: "Check who owns that folder, or put the models elsewhere with HF_HOME.",
  }),
  downloadRefused: (host: string, file: string, status: number) => ({
    code: "download-failed",
    message: `${host} refused ${file} (HTTP ${status}).`,
    hint: "Check HF_ENDPOINT and the network.",
  }),
  gated: (host: string, file: string, status: number, page: string) => ({
    code: "model-gated",
    message: `${host} does not give ${file} out (HTTP ${status}): its repository is gated or private.`,
    hint: `Accept the terms at ${page}, create an access token there, and set HF_TOKEN to it.`,
  }),
  gatedForToken: (host: string, file: string, status: number, page: string) => ({
    code: "model-gated",
    message: `${host} does not give ${file} out (HTTP ${status}): its repository is gated or private, or HF_TOKEN is not valid.`,
    hint: `Accept the terms at ${page} with the account that HF_TOKEN belongs to; a model that is open to all needs no HF_TOKEN: unset an old one.`,
  }),
  otherHash: (file: string, hash: string, pinned: string) => ({
    code: "download-corrupt",
    message: `${file} has the SHA-256 ${hash} there, but ${pinned} is pinned: it is another file.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  otherLength: (file: string, bytes: string, pinned: string) => ({
    code: "download-corrupt",
    message: `${file} has ${bytes} there, but ${pinned} are pinned: it is another file.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  tooManyBytes: (bytes: number, file: string) => ({
    code: "download-corrupt",
    message: `The server sends more than the ${bytes} bytes that ${file} has.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  wrongHash: (file: string, hash: string) => ({
    code: "download-corrupt",
    message: `${file} arrived with the wrong SHA-256 (${hash}); it was thrown away.`,
    hint: "Run setup again; if it stays so, something between here and the server changes the file.",
  }),
  damagedModel: (path: string, file: string, model: string) => ({
    code: "download-corrupt",
    message: `${path} does not have the SHA-256 of ${file}: it is damaged.`,
    hint: `Remove it with npx gpt-oss setup --remove ${model}, then set it up again.`,
  }),
  downloadOffline: (file: string, reason: string, address: string, target: string) => ({
    code: "download-failed",
    message: `${file} could not be downloaded: ${reason}.`,
    hint: `Check the network (behind a proxy, set HTTPS_PROXY) and run setup again, or fetch ${address} by hand and put it at ${target}.`,
  }),
  downloadError: (file: string, reason: string) => ({
    code: "download-failed",
    message: `${file} could not be downloaded: ${reason}.`,
    hint: "Run setup again; it goes on where it stopped.",
  }),
  badHubAddress: (address: string) => ({
    code: "usage",
    message: `HF_ENDPOINT is not an http or https address: ${address}.`,
    hint: "Write it like HF_ENDPOINT=https://huggingface.co, or unset it.",
  }),
  notOnHub: (hub: string, file: string) => ({
    code: "download-failed",
    message: `${hub} has no ${file} (HTTP 404).`,
    hint: "Check HF_ENDPOINT, and whether a newer version of this package knows a new address.",
  }),
  redirectedTooOften: (host: string, file: string) => ({
    code: "download-failed",
    message: `${host} redirects ${file} too often.`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  redirectNowhere: (host: string) => ({
    code: "download-failed",
    message: `${host} redirects to no address.`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  redirectUnencrypted: (host: string, next: string) => ({
    code: "download-failed",
    message: `${host} redirects to an address that is not encrypted (${next}).`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  badProxy: (name: string) => ({
    code: "usage",
    message: `${name} is not the address of an HTTP proxy.`,
    hint: `Write it like ${name}=http://proxy.example:8080, or unset it.`,
  }),
  untrustedCertificate: (host: string, reason: string) => ({
    code: "download-failed",
    message: `The certificate of ${host} is not trusted (${reason}).`,
    hint: "If a proxy of your organisation stands in between, name its certificate file with NODE_EXTRA_CA_CERTS.",
  }),
} satisfies Entries;
