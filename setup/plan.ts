import { buildCommands } from "./build-commands.ts";
import { formatCommand } from "./command.ts";
import { cacheFolder, llamaFolders } from "./folders.ts";
import { formatExactBytes } from "./format.ts";
import { type ModelEntry, modelBytes } from "./model/catalogue.ts";
import { hubFileUrl } from "./model/hub.ts";
import { buildName, type Platform, systemName } from "./platform.ts";
import { LLAMA_CPP } from "./release.ts";
import { STEPS } from "./reporter.ts";
import { gitFetchCommands, npmFetchCommands } from "./source.ts";

/** The machines for which a plan can be asked for by name. */
export const PLANNED_PLATFORMS = {
  "darwin-arm64": { system: "darwin", architecture: "arm64", backend: "metal", reason: "Apple silicon" },
  "darwin-x64": { system: "darwin", architecture: "x64", backend: "cpu", reason: "Intel Mac" },
  "linux-x64": { system: "linux", architecture: "x64", backend: "cpu", reason: "no GPU" },
  "linux-arm64": { system: "linux", architecture: "arm64", backend: "cpu", reason: "no GPU" },
  "linux-x64-cuda": { system: "linux", architecture: "x64", backend: "cuda", reason: "nvcc and an NVIDIA driver" },
  "linux-x64-vulkan": { system: "linux", architecture: "x64", backend: "vulkan", reason: "Vulkan headers and glslc" },
} as const satisfies Record<string, Platform>;

export type PlannedPlatform = keyof typeof PLANNED_PLATFORMS;

export interface PlanOptions {
  readonly platform: Platform;
  readonly model: ModelEntry;
  /** Compilers at once; undefined where the machine is another one, whose cores are not known. */
  readonly jobs: number | undefined;
  readonly cache: string;
  readonly modelCache: string;
  readonly gitUrl: string;
  readonly endpoint: string;
  /** What stands in for the build on this machine: a finished build or a server of the user's. */
  readonly existingServer?: string | undefined;
  /** Bytes still to fetch; all of them when left out. */
  readonly missingBytes?: number | undefined;
}

/** The folders that a plan for another machine names; `~` is that machine's home. */
export function plannedFolders({ system }: Pick<Platform, "system">): { cache: string; modelCache: string } {
  return { cache: cacheFolder({}, system, "~"), modelCache: "~/.cache/huggingface/hub" };
}

/** Every command that setup would run and every byte it would fetch, one line each. */
export function planSetup(options: PlanOptions): readonly string[] {
  const sections = {
    platform: planPlatform(options),
    toolchain: options.existingServer ? ["not needed"] : planToolchain(options.platform),
    source: options.existingServer ? ["not needed"] : planSource(options),
    build: options.existingServer ? [`use ${options.existingServer}`] : planBuild(options),
    model: planModel(options),
    verify: ["start the server on loopback, ask one question, report tokens a second and layers on the GPU, stop it"],
  };
  return STEPS.flatMap((step, place) => {
    const title = `[${place + 1}/${STEPS.length}] ${step}`;
    return [title].concat(sections[step].map((line) => `  ${line}`));
  });
}

function planPlatform({ platform: { system, architecture, backend, reason } }: PlanOptions): string[] {
  return [`${systemName(system)} ${architecture}, build for ${backend} (${reason})`];
}

function planToolchain({ backend }: Platform): string[] {
  const further = { cpu: "", metal: "", cuda: ", nvcc", vulkan: ", Vulkan headers, SPIR-V headers, glslc" }[backend];
  return [`check git, cmake, a C++17 compiler, make or ninja${further}`];
}

function planSource({ platform, cache, gitUrl }: PlanOptions): string[] {
  const folders = llamaFolders(cache, LLAMA_CPP.tag, buildName(platform));
  const draft = `${folders.source}.partial`;
  const fromGit = gitFetchCommands(draft, gitUrl, `refs/tags/${LLAMA_CPP.tag}`);
  const fromNpm = npmFetchCommands(folders.downloads);
  return [
    ...fromGit.map(formatCommand),
    `if git can't fetch it, from the npm registry (${formatExactBytes(LLAMA_CPP.npm.bytes)}, ${LLAMA_CPP.npm.integrity}):`,
    ...fromNpm.map((command) => `  ${formatCommand(command)}`),
    `check: git tree ${LLAMA_CPP.tree}`,
    `move it to ${folders.source}`,
  ];
}

function planBuild({ platform, cache, jobs }: PlanOptions): string[] {
  const folders = llamaFolders(cache, LLAMA_CPP.tag, buildName(platform));
  const commands = buildCommands(platform, folders, jobs ?? "CORES").map(formatCommand);
  const rpcServer = platform.rpc ? [`copy ggml-rpc-server to ${folders.build}/ggml-rpc-server`] : [];
  return [
    ...commands,
    `copy llama-server to ${folders.build}/llama-server`,
    ...rpcServer,
    `${folders.build}/llama-server --version`,
  ];
}

function planModel({ model, modelCache, endpoint, missingBytes }: PlanOptions): string[] {
  if (model.source === undefined) return ["the demo model comes with this package: nothing to fetch"];
  const total = modelBytes(model);
  if (missingBytes === 0) return [`${model.name} is installed in ${modelCache}: nothing to fetch`];
  const files = model.files.flatMap((file) => [
    `GET ${hubFileUrl(model, file, endpoint)}`,
    `  ${formatExactBytes(file.bytes)}, SHA-256 ${file.sha256}`,
  ]);
  const rest =
    missingBytes === undefined || missingBytes === total
      ? ""
      : `, of which ${formatExactBytes(missingBytes)} are missing`;
  return [...files, `in all ${formatExactBytes(total)}${rest}, into ${modelCache}`];
}
