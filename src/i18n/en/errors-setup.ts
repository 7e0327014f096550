import type { Entries } from "../language.ts";

/** Problems while setup builds llama-server and downloads a model. */
export const setup = {
  toolchainMissing: (problems: string, command: string) => ({
    code: "toolchain-missing",
    message: `Can't build llama.cpp: ${problems}.`,
    hint: `Install it with: ${command}`,
  }),
  toolchainUnknown: (problems: string) => ({
    code: "toolchain-missing",
    message: `Can't build llama.cpp: ${problems}.`,
    hint: "Install it with your system's package manager, then run this command again.",
  }),
  installFailed: (command: string, reason: string) => ({
    code: "toolchain-missing",
    message: `${command} failed: ${reason}`,
  }),
  unsupportedPlatform: (system: string, architecture: string) => ({
    code: "usage",
    message: `${system} ${architecture} is not supported. gpt-oss runs on Linux and macOS, x64 and arm64.`,
    hint: "On Windows, use WSL.",
  }),
  nodeUnderRosetta: () => ({
    code: "usage",
    message: "This Node.js is built for Intel and runs under Rosetta, so llama.cpp can't use this Mac's GPU.",
    hint: "Install Node.js for arm64 (node -p process.arch prints arm64), or build for the CPU with --gpu cpu.",
  }),
  impossibleGpu: (backend: string, system: string, possible: string) => ({
    code: "usage",
    message: `--gpu ${backend} is not possible on ${system}.`,
    hint: `Use ${possible}.`,
  }),
  noRunningServer: (path: string, needed: string) => ({
    code: "usage",
    message: `${path} is not a llama-server that runs on this machine.`,
    hint: `Choose version ${needed} or newer, or remove the setting to build one.`,
  }),
  oldServer: (path: string, version: string, needed: string) => ({
    code: "usage",
    message: `${path} is llama-server ${version}, which is older than ${needed}.`,
    hint: "Update it, or remove the setting to build one.",
  }),
  sourceUnreadable: (reason: string) => ({
    code: "source-unavailable",
    message: `Can't read the llama.cpp source bundle: ${reason}.`,
  }),
  otherSource: (url: string, reference: string, tag: string, tree: string, pinned: string) => ({
    code: "source-unavailable",
    message: `${reference} at ${url} is not llama.cpp ${tag}: its git tree is ${tree}, not ${pinned}.`,
    hint: "Unset GPT_OSS_LLAMA_CPP_URL, or set it to an exact copy of llama.cpp.",
  }),
  sourceNotWritten: (reason: string, folder: string) => ({
    code: "source-unavailable",
    message: `git could not write the llama.cpp source: ${reason}`,
    hint: `Check the free disk space of ${folder}.`,
  }),
  sourceUnavailable: (gitProblem: string, npmProblem: string) => ({
    code: "source-unavailable",
    message: `Can't download the llama.cpp source (git: ${gitProblem}; ${npmProblem}).`,
    hint: "Check the network or HTTPS_PROXY, or use an existing server with --llama-server PATH.",
  }),
  noRoomToBuild: (needed: string, free: string, folder: string) => ({
    code: "disk-full",
    message: `Building llama.cpp needs about ${needed}, but only ${free} are free at ${folder}.`,
    hint: "Free some space, or move the cache with GPT_OSS_CACHE.",
  }),
  diskFilledUp: () => ({
    code: "disk-full",
    message: "The disk is full: llama.cpp could not be compiled.",
    hint: "Free about 2 GB and run this command again. It continues where it stopped.",
  }),
  buildFailed: (lastLines: string, logFile: string) => ({
    code: "build-failed",
    message: `llama.cpp could not be compiled. The last lines of output:\n${lastLines}`,
    hint: `The full log is ${logFile}.`,
  }),
  emptyGreeting: () => ({
    code: "verify-failed",
    message: "The server runs, but its test answer was empty.",
    hint: "Check the server's log, or remove the model and set it up again.",
  }),
  nothingOnGpu: (backend: string, layers: string) => ({
    code: "verify-failed",
    message: `The server was built for ${backend}, but it runs on the CPU (layers on the GPU: ${layers}).`,
    hint: "Check the GPU's driver and its free memory, or set up with --gpu cpu.",
  }),
  unknownModelToSetUp: (name: string, names: string) => ({
    code: "usage",
    message: `Setup does not know the model ${name}.`,
    hint: `Use one of ${names}, a model on the Hub (hf:OWNER/REPO:QUANT), or the path of a .gguf file.`,
  }),
  platformNeedsDryRun: () => ({
    code: "usage",
    message: "--platform only shows a plan for another machine.",
    hint: "Use it together with --dry-run.",
  }),
  unknownPlatform: (name: string, names: string) => ({
    code: "usage",
    message: `Unknown platform: ${name}.`,
    hint: `Use one of ${names}.`,
  }),
  notInstalled: (name: string, names: string) => ({
    code: "usage",
    message: `${name} is not installed.`,
    hint: names === "" ? "There is nothing to remove." : `Choose one of ${names}.`,
  }),
  notRemovable: (name: string) => ({
    code: "usage",
    message: `${name} is part of the package and can't be removed separately.`,
  }),
  badModelName: (name: string) => ({
    code: "usage",
    message: `Not a valid model name: ${name}.`,
    hint: "Use letters, digits, dots, hyphens and underscores, such as --name safeguard.",
  }),
  catalogueNameFixed: (name: string) => ({
    code: "usage",
    message: `This model is ${name}, whose name can't be changed.`,
    hint: `Leave out --name, and use --model ${name}.`,
  }),
  modelNameTaken: (name: string) => ({
    code: "usage",
    message: `Another model is called ${name}.`,
    hint: "Choose another name with --name, or remove the other model with setup --remove.",
  }),
  badModelRecord: (path: string) => ({
    code: "usage",
    message: `The list of your models is damaged: ${path}.`,
    hint: "Correct the file, or delete it and set the models up again. Downloaded files are not lost.",
  }),
  modelRecordNotRead: (path: string, reason: string) => ({
    code: "usage",
    message: `Can't read the list of your models, ${path} (${reason}).`,
    hint: "Check the file's owner and permissions.",
  }),
  modelRecordNotWritten: (path: string, reason: string) => ({
    code: "usage",
    message: `Can't write the list of your models, ${path} (${reason}).`,
    hint: "Check the folder's owner and the free space, or move it with GPT_OSS_DATA.",
  }),
  noFolderForModelRecord: () => ({
    code: "usage",
    message: "There is no folder for the list of your models: this account has no home folder.",
    hint: "Set GPT_OSS_DATA to a folder.",
  }),
} satisfies Entries;

/** Problems while a model is downloaded. */
export const download = {
  noRoomForModel: (model: string, missing: string, free: string, folder: string) => ({
    code: "disk-full",
    message: `${model} needs ${missing} more, but only ${free} are free at ${folder}.`,
    hint: "Free some space, or move the models with HF_HOME.",
  }),
  diskFullDuringDownload: (kept: string, bytes: string, file: string) => ({
    code: "disk-full",
    message: `The disk is full: ${kept} of ${bytes} of ${file} are saved.`,
    hint: "Free some space and run setup again. It continues where it stopped.",
  }),
  downloadNotWritten: (path: string, reason: string) => ({
    code: "download-failed",
    message: `Can't write ${path} (${reason}).`,
    hint: "Check the folder's owner, or move the models with HF_HOME.",
  }),
  downloadRefused: (host: string, file: string, status: number) => ({
    code: "download-failed",
    message: `${host} refused ${file} (HTTP ${status}).`,
    hint: "Check HF_ENDPOINT and the network.",
  }),
  gated: (host: string, file: string, status: number, page: string) => ({
    code: "model-gated",
    message: `${host} denied access to ${file} (HTTP ${status}): the repository is gated or private.`,
    hint: `Accept the terms at ${page}, create an access token, and set HF_TOKEN to it.`,
  }),
  gatedForToken: (host: string, file: string, status: number, page: string) => ({
    code: "model-gated",
    message: `${host} denied access to ${file} (HTTP ${status}): the repository is gated or private, or HF_TOKEN is not valid.`,
    hint: `Accept the terms at ${page} with the account of HF_TOKEN. Public models need no token: unset an old one.`,
  }),
  otherHash: (file: string, hash: string, pinned: string) => ({
    code: "download-corrupt",
    message: `Checksum mismatch for ${file}: the server has SHA-256 ${hash}, expected ${pinned}.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  otherLength: (file: string, bytes: string, pinned: string) => ({
    code: "download-corrupt",
    message: `Size mismatch for ${file}: the server has ${bytes}, expected ${pinned}.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  tooManyBytes: (bytes: number, file: string) => ({
    code: "download-corrupt",
    message: `The server sent more than the ${bytes} bytes of ${file}.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  wrongHash: (file: string, hash: string) => ({
    code: "download-corrupt",
    message: `Checksum mismatch: the downloaded ${file} has SHA-256 ${hash} and was deleted.`,
    hint: "Run setup again. If the error repeats, a proxy between you and the server may change the file.",
  }),
  damagedModel: (path: string, file: string, model: string) => ({
    code: "download-corrupt",
    message: `${path} is damaged: its SHA-256 is not that of ${file}.`,
    hint: `Remove it with npx gpt-oss setup --remove ${model}, then set it up again.`,
  }),
  downloadOffline: (file: string, reason: string, address: string, target: string) => ({
    code: "download-failed",
    message: `Can't download ${file}: ${reason}.`,
    hint: `Check the network (behind a proxy, set HTTPS_PROXY) and run setup again, or download ${address} yourself and save it as ${target}.`,
  }),
  downloadError: (file: string, reason: string) => ({
    code: "download-failed",
    message: `Can't download ${file}: ${reason}.`,
    hint: "Run setup again. It continues where it stopped.",
  }),
  badHubAddress: (address: string) => ({
    code: "usage",
    message: `HF_ENDPOINT is not an http or https address: ${address}.`,
    hint: "Set it like HF_ENDPOINT=https://huggingface.co, or unset it.",
  }),
  badHubReference: (text: string) => ({
    code: "usage",
    message: `Not a model on the Hub: ${text}.`,
    hint: "Write hf:OWNER/REPO, hf:OWNER/REPO:QUANT or hf:OWNER/REPO:FILE.gguf. Add @REVISION for a branch, a tag or a commit.",
  }),
  hubRepositoryMissing: (host: string, repository: string, revision: string, status: number) => ({
    code: "download-failed",
    message: `${host} has no model repository ${repository} with the revision ${revision} (HTTP ${status}).`,
    hint: "Check the spelling. A private or gated repository needs an access token in HF_TOKEN.",
  }),
  hubUnreachable: (host: string, reason: string) => ({
    code: "download-failed",
    message: `Can't ask ${host} about the model: ${reason}.`,
    hint: "Check the network (behind a proxy, set HTTPS_PROXY) or HF_ENDPOINT, and run setup again.",
  }),
  hubAnswerUnknown: (host: string, repository: string) => ({
    code: "download-failed",
    message: `${host} answered something unexpected about ${repository}.`,
    hint: "Check HF_ENDPOINT: a mirror has to offer the Hub's API.",
  }),
  hubWithoutModels: (repository: string) => ({
    code: "usage",
    message: `${repository} has no GGUF files.`,
    hint: "Choose a repository that has them. Their names often end in -GGUF.",
  }),
  hubSelectionUnknown: (selection: string, repository: string, models: string) => ({
    code: "usage",
    message: `${repository} has no model ${selection}. It has:${models}`,
    hint: `Write one of these behind the colon: hf:${repository}:QUANT`,
  }),
  hubAmbiguous: (asked: string, count: number, models: string, example: string) => ({
    code: "usage",
    message: `${asked} matches ${count} models:${models}`,
    hint: `Choose one, for example: gpt-oss setup --model ${example}`,
  }),
  hubPartsMissing: (path: string, count: number, repository: string) => ({
    code: "download-failed",
    message: `${count} ${count === 1 ? "part" : "parts"} of ${path} are missing in ${repository}.`,
    hint: "Choose another model of this repository, or another revision.",
  }),
  hubWithoutHash: (file: string, repository: string) => ({
    code: "download-failed",
    message: `${repository} has no SHA-256 of ${file}, so the download could not be verified.`,
    hint: "Download the file yourself, and set it up with --model FILE.",
  }),
  notOnHub: (hub: string, file: string) => ({
    code: "download-failed",
    message: `${file} was not found at ${hub} (HTTP 404).`,
    hint: "Check HF_ENDPOINT, or update this package.",
  }),
  redirectedTooOften: (host: string, file: string) => ({
    code: "download-failed",
    message: `${host} redirects ${file} too often.`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  redirectNowhere: (host: string) => ({
    code: "download-failed",
    message: `${host} redirects without an address.`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  redirectUnencrypted: (host: string, next: string) => ({
    code: "download-failed",
    message: `${host} redirects to an unencrypted address (${next}).`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  badProxy: (name: string) => ({
    code: "usage",
    message: `${name} is not the address of an HTTP proxy.`,
    hint: `Set it like ${name}=http://proxy.example:8080, or unset it.`,
  }),
  untrustedCertificate: (host: string, reason: string) => ({
    code: "download-failed",
    message: `The certificate of ${host} is not trusted (${reason}).`,
    hint: "If your organization uses a proxy, set NODE_EXTRA_CA_CERTS to its certificate file.",
  }),
} satisfies Entries;
