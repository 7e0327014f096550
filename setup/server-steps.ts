import { dirname } from "node:path";
import { makeFolder, llamaFolders, type LlamaFolders } from "../src/platform/folders.ts";
import { build, type BuildOptions, defaultJobs, estimateMinutes } from "./build.ts";
import { type Build, findBuild, type FoundServer, findServer } from "../src/llama-server/find-server.ts";
import { childEnvironment } from "../src/platform/child-environment.ts";
import { endChildrenOf, formatCommand, runCommand } from "../src/platform/child-process.ts";
import { formatBytes } from "../src/terminal/format.ts";
import { withLock } from "../src/platform/lock.ts";
import {
  type Backend,
  buildName,
  describePlatform,
  freeDisk,
  type Machine,
  type Platform,
  systemName,
} from "../src/platform/platform.ts";
import { LLAMA_CPP } from "../src/llama-server/llama-cpp-version.ts";
import type { Reporter } from "./reporter.ts";
import { fetchSource, hasSource } from "./source.ts";
import { inspectToolchain, installCommand, toolchainMissing } from "./toolchain.ts";
import { createError, localize, errorDetail, errorMessageIn } from "../src/i18n/error-messages.ts";

/** Bytes that the source, cmake's tree and the finished server take while a build runs. */
const BUILD_BYTES: Readonly<Record<Backend, number>> = { cpu: 1e9, metal: 1e9, vulkan: 1.5e9, cuda: 4e9 };

export interface ServerStepsOptions {
  readonly machine: Machine;
  readonly cache: string;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  readonly gpu: Backend | "auto";
  /** Build what hands layers to other machines, and what takes theirs. */
  readonly rpc?: boolean | undefined;
  /** Compilers at once; by cores and memory when left out. */
  readonly jobs?: number | undefined;
  /** A llama-server to use in place of our own build. */
  readonly namedServer?: string | undefined;
  readonly gitUrl?: string | undefined;
  /** Asked before something is installed with the system's package manager; without it nothing is. */
  readonly confirm?: ((question: string) => boolean) | undefined;
}

/** What runs under the lock has to check that it is still held. */
type LockedOptions = ServerStepsOptions & Pick<BuildOptions, "beforeReplacing">;
type SourceStepOptions = Pick<LockedOptions, "reporter" | "machine" | "signal" | "gitUrl" | "beforeReplacing">;

export interface ServerSteps {
  readonly platform: Platform;
  readonly server: FoundServer;
}

/** The first four steps: platform, toolchain, source, build. Those whose work is done are skipped. */
export async function runServerSteps(options: ServerStepsOptions): Promise<ServerSteps> {
  const { reporter, machine } = options;
  const platform = await platformStep(options);
  const found = await findServer({
    machine,
    cache: options.cache,
    named: options.namedServer,
    backend: platform.backend,
    rpc: options.rpc,
    // a user who asks for a particular build does not mean a server of unknown make
    usePath: options.gpu === "auto" && !options.rpc,
    signal: options.signal,
  });
  if (found !== undefined) {
    skipSteps(reporter, found);
    return { platform, server: found };
  }
  await toolchainStep(platform, options);
  const folders = llamaFolders(options.cache, LLAMA_CPP.tag, buildName(platform));
  const built = await withLock(
    folders.lock,
    errorDetail("buildingLlamaCpp"),
    options.signal,
    (lease) => buildSteps(platform, folders, { ...options, signal: lease.signal, beforeReplacing: lease.ensureHeld }),
    {
      onWait: (holder) => reporter.notice(reporter.words.waitingForBuild(holder)),
      // its compilers would continue in the tree that is ours now
      onTakeOver: endChildrenOf,
    },
  );
  return {
    platform,
    server: { path: built.server, version: built.record.version, origin: "built", backend: platform.backend },
  };
}

async function platformStep({ machine, cache, gpu, rpc, reporter }: ServerStepsOptions): Promise<Platform> {
  const { words } = reporter;
  reporter.start("platform", words.lookingAtMachine);
  const platform = { ...(await describePlatform(machine, gpu)), ...(rpc && { rpc }) };
  reporter.done(
    words.machine({
      system: `${systemName(platform.system)} ${platform.architecture}`,
      memory: formatBytes(machine.totalMemory),
      disk: formatBytes(await freeDisk(cache)),
      backend: platform.backend,
      reason: localize(words.language, platform.reason),
    }),
  );
  return platform;
}

function skipSteps(reporter: Reporter, { origin, version, path }: FoundServer): void {
  const { words } = reporter;
  for (const step of ["toolchain", "source"] as const) {
    reporter.start(step, "");
    reporter.done(words.notNeeded, { skipped: true });
  }
  reporter.start("build", "");
  reporter.done(words.serverThere(version, words.origins[origin], path), { skipped: true });
}

async function toolchainStep(platform: Platform, options: ServerStepsOptions): Promise<void> {
  const { reporter, machine, signal } = options;
  const { words } = reporter;
  reporter.start("toolchain", words.lookingForTools);
  let tools = await inspectToolchain(platform, machine, signal);
  const missing = tools.filter((tool) => tool.problem !== undefined);
  if (missing.length > 0) {
    const install = installCommand(
      missing.map((tool) => tool.name),
      machine,
    );
    const failure = toolchainMissing(tools, install && formatCommand(install));
    if (install === undefined || install.program === "xcode-select" || options.confirm === undefined) throw failure;
    reporter.clear();
    const { message } = errorMessageIn(failure, words.language);
    if (!options.confirm(words.installQuestion(message, formatCommand(install)))) throw failure;
    const { status, lastLines } = await runCommand(install, {
      environment: childEnvironment("install", machine.environment),
      onTerminal: true,
      signal,
    });
    if (status !== 0)
      throw createError("installFailed", [formatCommand(install), lastLines.at(-1) ?? errorDetail("noReasonGiven")]);
    tools = await inspectToolchain(platform, machine, signal);
    if (tools.some((tool) => tool.problem !== undefined)) throw toolchainMissing(tools, undefined);
  }
  const found = tools.flatMap((tool) => tool.found ?? []).map((phrase) => localize(words.language, phrase));
  reporter.done(found.join(words.comma));
}

/** Source and build, while we hold the lock: what another process has finished meanwhile is not done again. */
async function buildSteps(platform: Platform, folders: LlamaFolders, options: LockedOptions): Promise<Build> {
  const meanwhile = await findBuild(folders);
  if (meanwhile !== undefined) {
    options.reporter.notice(options.reporter.words.builtMeanwhile);
    return meanwhile;
  }
  await checkDisk(platform.backend, folders);
  await sourceStep(folders, options);
  return await buildStep(platform, folders, options);
}

async function checkDisk(backend: Backend, folders: LlamaFolders): Promise<void> {
  makeFolder(dirname(folders.lock));
  const free = await freeDisk(folders.source);
  if (free >= BUILD_BYTES[backend]) return;
  throw createError("noRoomToBuild", [formatBytes(BUILD_BYTES[backend]), formatBytes(free), folders.source]);
}

/** Brings the pinned source into place; also used alone, by tests that need llama.cpp's own templates. */
export async function sourceStep(
  folders: LlamaFolders,
  { reporter, machine, signal, gitUrl, beforeReplacing }: SourceStepOptions,
): Promise<void> {
  const { words } = reporter;
  const tree = LLAMA_CPP.tree.slice(0, 10);
  reporter.start("source", words.fetchingSource(LLAMA_CPP.tag));
  const source = {
    folders,
    environment: machine.environment,
    signal,
    gitUrl,
    beforeReplacing,
    onProgress: reporter.progress,
    onNotice: reporter.notice,
  };
  if (await hasSource(source)) {
    reporter.done(words.sourceThere(LLAMA_CPP.tag, tree), { skipped: true });
    return;
  }
  const origin = localize(words.language, await fetchSource(source));
  reporter.done(words.sourceFetched(LLAMA_CPP.tag, origin, tree));
}

async function buildStep(platform: Platform, folders: LlamaFolders, options: LockedOptions): Promise<Build> {
  const { reporter, machine } = options;
  const jobs = options.jobs ?? defaultJobs(machine.totalMemory);
  const { words } = reporter;
  reporter.start("build", words.activities.compiling);
  reporter.notice(words.buildTakes(estimateMinutes(platform.backend, jobs)));
  const built = await build({
    platform,
    folders,
    jobs,
    environment: machine.environment,
    signal: options.signal,
    beforeReplacing: options.beforeReplacing,
    onProgress: reporter.progress,
    onNotice: reporter.notice,
  });
  reporter.done(words.serverBuilt(built.record.version, platform.backend, built.server));
  return built;
}
