import { localize, errorDetail } from "../src/i18n/error-messages.ts";
import { buildCommands } from "./build.ts";
import { formatCommand } from "../src/platform/child-process.ts";
import { cacheFolder, llamaFolders } from "../src/platform/folders.ts";
import { formatExactBytes } from "../src/terminal/format.ts";
import { type ModelEntry, modelBytes } from "../src/llama-server/model-catalogue.ts";
import { hubFileUrl } from "./model/hub.ts";
import { buildName, type Platform, systemName } from "../src/platform/platform.ts";
import { LLAMA_CPP } from "../src/llama-server/llama-cpp-version.ts";
import { STEPS } from "./reporter.ts";
import { gitFetchCommands, npmFetchCommands } from "./source.ts";
import type { SetupText } from "../src/i18n/catalogue.ts";

/** The machines for which a plan can be asked for by name. */
export const PLANNED_PLATFORMS = {
  "darwin-arm64": { system: "darwin", architecture: "arm64", backend: "metal", reason: errorDetail("appleSilicon") },
  "darwin-x64": { system: "darwin", architecture: "x64", backend: "cpu", reason: errorDetail("intelMac") },
  "linux-x64": { system: "linux", architecture: "x64", backend: "cpu", reason: errorDetail("noGpu") },
  "linux-arm64": { system: "linux", architecture: "arm64", backend: "cpu", reason: errorDetail("noGpu") },
  "linux-x64-cuda": { system: "linux", architecture: "x64", backend: "cuda", reason: errorDetail("cudaTools") },
  "linux-x64-vulkan": { system: "linux", architecture: "x64", backend: "vulkan", reason: errorDetail("vulkanTools") },
} as const satisfies Record<string, Platform>;

export type PlannedPlatform = keyof typeof PLANNED_PLATFORMS;

export interface PlanOptions {
  readonly words: SetupText;
  readonly platform: Platform;
  readonly model: Pick<ModelEntry, "name" | "files" | "source">;
  /** Path of a model's file that is the user's own. */
  readonly existingModel?: string | undefined;
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
  const { existingServer, words } = options;
  const sections = {
    platform: planPlatform(options),
    toolchain: existingServer ? [words.plan.notNeeded] : planToolchain(options),
    source: existingServer ? [words.plan.notNeeded] : planSource(options),
    build: existingServer ? [words.plan.useServer(existingServer)] : planBuild(options),
    model: planModel(options),
    verify: [words.plan.verify],
  };
  return STEPS.flatMap((step, place) => {
    const title = `[${place + 1}/${STEPS.length}] ${words.steps[step]}`;
    return [title].concat(sections[step].map((line) => `  ${line}`));
  });
}

function planPlatform({ platform, words }: PlanOptions): string[] {
  const { system, architecture, backend, reason: because } = platform;
  const why = localize(words.language, because);
  return [words.plan.machine(`${systemName(system)} ${architecture}`, backend, why)];
}

function planToolchain({ platform: { backend }, words: { plan } }: PlanOptions): string[] {
  return [plan.tools(plan.moreTools[backend])];
}

function planSource({ platform, cache, gitUrl, words }: PlanOptions): string[] {
  const folders = llamaFolders(cache, LLAMA_CPP.tag, buildName(platform));
  const draft = `${folders.source}.partial`;
  const fromGit = gitFetchCommands(draft, gitUrl, `refs/tags/${LLAMA_CPP.tag}`);
  const fromNpm = npmFetchCommands(folders.downloads);
  return [
    ...fromGit.map(formatCommand),
    words.plan.elseFromNpm(formatExactBytes(LLAMA_CPP.npm.bytes, words.language), LLAMA_CPP.npm.integrity),
    ...fromNpm.map((command) => `  ${formatCommand(command)}`),
    words.plan.checkTree(LLAMA_CPP.tree),
    words.plan.moveTo(folders.source),
  ];
}

function planBuild({ platform, cache, jobs, words: { plan } }: PlanOptions): string[] {
  const folders = llamaFolders(cache, LLAMA_CPP.tag, buildName(platform));
  const commands = buildCommands(platform, folders, jobs ?? "CORES").map(formatCommand);
  const rpcServer = platform.rpc ? [plan.copyTo("ggml-rpc-server", `${folders.build}/ggml-rpc-server`)] : [];
  return [
    ...commands,
    plan.copyTo("llama-server", `${folders.build}/llama-server`),
    ...rpcServer,
    `${folders.build}/llama-server --version`,
  ];
}

function planModel({ model, existingModel, modelCache, endpoint, missingBytes, words }: PlanOptions): string[] {
  const { plan, language, comma } = words;
  if (existingModel !== undefined) return [plan.useModel(existingModel, model.name)];
  if (model.source === undefined) return [plan.shippedModel];
  const total = modelBytes(model);
  if (missingBytes === 0) return [plan.modelThere(model.name, modelCache)];
  const files = model.files.flatMap((file) => [
    `GET ${hubFileUrl(model, file, endpoint)}`,
    `  ${formatExactBytes(file.bytes, language)}${comma}SHA-256 ${file.sha256}`,
  ]);
  const missing =
    missingBytes === undefined || missingBytes === total ? undefined : formatExactBytes(missingBytes, language);
  return [...files, plan.inAll(formatExactBytes(total, language), missing, modelCache)];
}
