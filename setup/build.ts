import { chmod, copyFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type GptOssError, messageOf } from "../src/errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../src/i18n/error-messages.ts";
import type { Build, BuildRecord } from "../src/llama-server/find-server.ts";
import { LLAMA_CPP, readServerVersion } from "../src/llama-server/llama-cpp-version.ts";
import { childEnvironment } from "../src/platform/child-environment.ts";
import { runCommand, type Command } from "../src/platform/child-process.ts";
import { type Environment, type LlamaFolders, makeFolder, packageFile } from "../src/platform/folders.ts";
import { buildName, type Platform, type Backend } from "../src/platform/platform.ts";
import type { ProgressListener } from "../src/terminal/progress.ts";

/** Of a compiler's output, in a failure. */
const MOST_LINES = 15;

export interface BuildOptions {
  readonly platform: Platform;
  readonly folders: LlamaFolders;
  readonly jobs: number;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Called before a folder is replaced; throws when that is not ours to do any more. */
  readonly beforeReplacing?: (() => void) | undefined;
  readonly onProgress?: ProgressListener;
  readonly onNotice?: (notice: LocalizedText) => void;
}

/**
 * Compiles llama-server and puts it in place; an interrupted build continues where it stopped. A compiler that does not take our
 * shortcuts gets llama.cpp as it is.
 * @throws GptOssError `build-failed` with the compiler's last lines and the log's path
 */
export async function build(options: BuildOptions): Promise<Build> {
  const { folders, platform } = options;
  makeFolder(folders.logs);
  const logFile = join(folders.logs, `build-${LLAMA_CPP.tag}-${buildName(platform)}.log`);
  await rm(logFile, { force: true });
  if ((await compile(options, { logFile, shortcuts: true })) !== undefined) {
    options.onNotice?.(errorDetail("compilingPlainly"));
    await forgetConfiguration(folders);
    const lastLines = await compile(options, { logFile, shortcuts: false });
    if (lastLines !== undefined) throw buildFailed(lastLines, logFile);
  }
  return await putInPlace(options, logFile);
}

/** What `cmake --fresh` does since 3.24: the next configuration begins with no setting of this one; compiled files stay. */
async function forgetConfiguration({ buildTree }: LlamaFolders): Promise<void> {
  await rm(join(buildTree, "CMakeCache.txt"), { force: true });
  await rm(join(buildTree, "CMakeFiles"), { recursive: true, force: true });
}

interface Attempt {
  readonly logFile: string;
  readonly shortcuts: boolean;
}

/** @returns undefined when all went well, else the last lines of the compiler; throws `disk-full` where no other try would help */
async function compile(options: BuildOptions, { logFile, shortcuts }: Attempt): Promise<readonly string[] | undefined> {
  for (const command of buildCommands(options.platform, options.folders, options.jobs, { shortcuts })) {
    const errors = new FirstErrors();
    const { status, lastLines } = await runCommand(command, {
      environment: childEnvironment("build", options.environment),
      signal: options.signal,
      logFile,
      onLine: (line) => {
        errors.see(line);
        const percent = percentOf(line);
        if (percent !== undefined)
          options.onProgress?.({ activity: "compiling", done: percent, total: 100, unit: "percent" });
      },
    });
    if (status === 0) continue;
    if (diskIsFull(lastLines)) throw buildFailed(lastLines, logFile);
    return errors.lines.length > 0 ? errors.lines : lastLines;
  }
  return undefined;
}

/** The first errors and what follows each: with several compilers at once, the last lines are often those of the others. */
class FirstErrors {
  readonly lines: string[] = [];
  #following = 0;

  see(line: string): void {
    if (/\b(?:error|undefined reference)\b/i.test(line)) this.#following = 4;
    if (this.#following === 0 || this.lines.length === MOST_LINES) return;
    this.#following--;
    this.lines.push(line);
  }
}

function diskIsFull(lastLines: readonly string[]): boolean {
  return lastLines.some((line) => line.includes("No space left on device"));
}

/** make writes `[ 12%]`, ninja `[34/280]`. */
export function percentOf(line: string): number | undefined {
  const percent = /^\[\s*(\d+)%\]/.exec(line)?.[1];
  if (percent !== undefined) return Number(percent);
  const [, done, all] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
  return done === undefined || all === undefined ? undefined : Math.floor((100 * Number(done)) / Number(all));
}

/** Copies the server out of cmake's tree, asks it its version, and only then records the build. */
async function putInPlace(options: BuildOptions, logFile: string): Promise<Build> {
  const { folders, platform, environment, signal, beforeReplacing } = options;
  const server = join(folders.build, "llama-server");
  const draft = `${server}.partial`;
  beforeReplacing?.();
  await rm(folders.build, { recursive: true, force: true });
  makeFolder(folders.build);
  try {
    await copyFile(join(folders.buildTree, "bin", "llama-server"), draft);
    if (platform.rpc) await copyFile(join(folders.buildTree, "bin", RPC_SERVER), join(folders.build, RPC_SERVER));
  } catch (error) {
    throw buildFailed([messageOf(error)], logFile);
  }
  await chmod(draft, 0o755);
  const version = await readServerVersion(draft, environment, signal);
  if (version === undefined) throw createError("buildFailed", [errorDetail("builtServerSilent"), logFile]);
  beforeReplacing?.();
  await rename(draft, server);
  const record: BuildRecord = {
    tag: LLAMA_CPP.tag,
    tree: LLAMA_CPP.tree,
    backend: platform.backend,
    ...(platform.rpc && { rpc: true }),
    version: version.text,
    builtAt: new Date().toISOString(),
  };
  await writeFile(join(folders.build, "build.json"), JSON.stringify(record, undefined, 2) + "\n");
  await rm(folders.buildTree, { recursive: true, force: true });
  return { server, record };
}

function buildFailed(lastLines: readonly string[], logFile: string): GptOssError {
  if (diskIsFull(lastLines)) return createError("diskFilledUp", []);
  const excerpt = lastLines.slice(-MOST_LINES).map((line) => `  ${line}`);
  return createError("buildFailed", [excerpt.join("\n"), logFile]);
}

/** The server alone, in one file, with no network while it is built or run. */
const COMMON_FLAGS = [
  "-DCMAKE_BUILD_TYPE=Release",
  "-DBUILD_SHARED_LIBS=OFF",
  "-DLLAMA_BUILD_TESTS=OFF",
  "-DLLAMA_BUILD_EXAMPLES=OFF",
  "-DLLAMA_BUILD_APP=OFF",
  "-DLLAMA_BUILD_UI=OFF",
  "-DLLAMA_USE_PREBUILT_UI=OFF",
  "-DLLAMA_OPENSSL=OFF",
];

/** Metal is on by default on every Mac, so it is named either way there; the others are off by default. */
function backendFlags({ system, backend }: Pick<Platform, "system" | "backend">): readonly string[] {
  if (system === "darwin") return [`-DGGML_METAL=${backend === "metal" ? "ON" : "OFF"}`];
  if (backend === "cuda") return ["-DGGML_CUDA=ON"];
  if (backend === "vulkan") return ["-DGGML_VULKAN=ON"];
  return [];
}

/** cmake reads setup/fast-build.cmake, which shortens the compilation by about a third. */
function shortcutFlag(): string {
  return `-DCMAKE_PROJECT_llama.cpp_INCLUDE=${packageFile("setup/fast-build.cmake")}`;
}

/** llama.cpp's own name for what serves layers to other machines. */
export const RPC_SERVER = "ggml-rpc-server";

export function buildCommands(
  platform: Pick<Platform, "system" | "backend" | "rpc" | "generator">,
  folders: LlamaFolders,
  jobs: number | string,
  { shortcuts = true }: { readonly shortcuts?: boolean } = {},
): readonly [configure: Command, compile: Command] {
  return [
    {
      program: "cmake",
      arguments: [
        "-S",
        folders.source,
        "-B",
        folders.buildTree,
        ...(platform.generator === undefined ? [] : ["-G", platform.generator]),
        ...COMMON_FLAGS,
        // an empty value would not do: cmake before 3.29 reads the folder that it names
        ...(shortcuts ? [shortcutFlag()] : []),
        ...backendFlags(platform),
        ...(platform.rpc ? ["-DGGML_RPC=ON"] : []),
      ],
    },
    {
      program: "cmake",
      arguments: [
        "--build",
        folders.buildTree,
        "--config",
        "Release",
        "--target",
        "llama-server",
        ...(platform.rpc ? [RPC_SERVER] : []),
        "--parallel",
        String(jobs),
      ],
    },
  ];
}

/** One compiler a core, but no more than memory carries: a large file of llama.cpp takes about a gigabyte. */
export function defaultJobs(totalMemory: number, cores: number = availableParallelism()): number {
  return Math.max(1, Math.min(cores, Math.floor(totalMemory / 2 ** 30)));
}

/** A rough wall time for the first build, in minutes: about 8 minutes of CPU time, and several times that with CUDA. */
export function estimateMinutes(backend: Backend, jobs: number): number {
  const cpuMinutes = { cpu: 8, metal: 8, vulkan: 17, cuda: 57 }[backend];
  return Math.max(1, Math.ceil(cpuMinutes / jobs + 1));
}
