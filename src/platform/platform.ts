import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createError, type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import { childEnvironment } from "./child-environment.ts";
import { runCommand } from "./child-process.ts";
import type { Environment, OperatingSystem } from "./folders.ts";

export type Architecture = "x64" | "arm64";
export const BACKENDS = ["metal", "cuda", "vulkan", "cpu"] as const;
export type Backend = (typeof BACKENDS)[number];

/** What the rest of the pipeline needs to know about a machine. */
export interface Platform {
  readonly system: OperatingSystem;
  readonly architecture: Architecture;
  readonly backend: Backend;
  /** Whether layers can go to rpc-servers on other machines, and other machines' to this one. */
  readonly rpc?: boolean;
  /** cmake's generator where its own choice, make, is missing. */
  readonly generator?: "Ninja" | undefined;
  /** Why this backend, in a few words. */
  readonly reason: LocalizedText;
  /** Bytes; absent in a plan for another machine. */
  readonly totalMemory?: number;
}

/** The questions that are asked of a machine; a seam, because a test has no GPU. */
export interface Machine {
  readonly system: string;
  readonly architecture: string;
  readonly totalMemory: number;
  readonly environment: Environment;
  /** Whether packages can be installed without sudo. */
  readonly isRoot: boolean;
  exists(path: string): boolean;
  list(folder: string): readonly string[];
  read(path: string): string | undefined;
  /** Standard output when the program ran and succeeded. */
  run(program: string, ...parameters: string[]): Promise<string | undefined>;
  /** Absolute path of a program on PATH or in one of the further folders. */
  find(program: string, ...folders: string[]): string | undefined;
}

/** @param signal ends whatever the machine is being asked */
export function thisMachine(environment: Environment, signal?: AbortSignal): Machine {
  return {
    system: process.platform,
    architecture: process.arch,
    totalMemory: totalmem(),
    environment,
    isRoot: process.getuid?.() === 0,
    exists: existsSync,
    list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
    read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
    async run(program, ...parameters) {
      const result = await runCommand(
        { program, arguments: parameters },
        { environment: childEnvironment("build", environment), signal, silenceMs: 20_000 },
      );
      return result.status === 0 ? result.stdout : undefined;
    },
    find: (program, ...folders) => findProgram(program, environment, folders),
  };
}

function findProgram(program: string, environment: Environment, folders: readonly string[]): string | undefined {
  const onPath = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...onPath, ...folders].map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there or not ours to run: the same answer
  }
}

/**
 * Names the machine and chooses the backend: Metal on Apple silicon; CUDA when nvcc and a driver are there;
 * Vulkan when its headers, glslc and a GPU device are; else CPU.
 * @throws GptOssError `usage` for a backend that this machine can't have, or a system that llama.cpp is not built on here
 */
export async function describePlatform(machine: Machine, wanted: Backend | "auto" = "auto"): Promise<Platform> {
  const { system, architecture } = machine;
  if ((system !== "linux" && system !== "darwin") || (architecture !== "x64" && architecture !== "arm64")) {
    throw createError("unsupportedPlatform", [system, architecture]);
  }
  if (wanted !== "cpu" && (await isUnderRosetta(machine))) throw createError("nodeUnderRosetta", []);
  const base: Omit<Platform, "backend" | "reason"> = {
    system,
    architecture,
    totalMemory: machine.totalMemory,
    ...(hasNinjaAlone(machine) && { generator: "Ninja" as const }),
  };
  if (wanted !== "auto") {
    if ((wanted === "metal") !== (system === "darwin") && wanted !== "cpu") {
      throw createError("impossibleGpu", [
        wanted,
        systemName(system),
        errorDetail(system === "darwin" ? "gpuOfMac" : "gpuOfLinux"),
      ]);
    }
    return { ...base, backend: wanted, reason: errorDetail("askedWithGpu") };
  }
  if (system === "darwin") {
    return architecture === "arm64"
      ? { ...base, backend: "metal", reason: errorDetail("appleSilicon") }
      : { ...base, backend: "cpu", reason: errorDetail("slowMetal") };
  }
  return { ...base, ...(await chooseLinuxBackend(machine)) };
}

/** A Node.js for Intel on Apple silicon would have llama.cpp compiled for Intel, which can't use the GPU. */
async function isUnderRosetta(machine: Machine): Promise<boolean> {
  if (machine.system !== "darwin" || machine.architecture !== "x64") return false;
  return (await machine.run("sysctl", "-n", "hw.optional.arm64"))?.trim() === "1";
}

function hasNinjaAlone(machine: Machine): boolean {
  if (machine.environment["CMAKE_GENERATOR"]) return false;
  return machine.find("make") === undefined && machine.find("ninja") !== undefined;
}

async function chooseLinuxBackend(machine: Machine): Promise<Pick<Platform, "backend" | "reason">> {
  const nvcc = findNvcc(machine);
  const driver = await findNvidiaDriver(machine);
  if (nvcc && driver) return { backend: "cuda", reason: errorDetail("cudaFound", driver, nvcc) };
  const vulkanMissing = missingForVulkan(machine);
  if (vulkanMissing.length === 0) return { backend: "vulkan", reason: errorDetail("vulkanFound") };
  if (driver) return { backend: "cpu", reason: errorDetail("noNvcc", driver) };
  if (nvcc) return { backend: "cpu", reason: errorDetail("noDriver") };
  return { backend: "cpu", reason: errorDetail("noGpuToUse", listOfMissing(vulkanMissing)) };
}

export function findNvcc(machine: Machine): string | undefined {
  return machine.find("nvcc", "/usr/local/cuda/bin", "/opt/cuda/bin");
}

async function findNvidiaDriver(machine: Machine): Promise<string | undefined> {
  const names = await machine.run("nvidia-smi", "--query-gpu=name", "--format=csv,noheader");
  return names?.trim().split("\n")[0] || undefined;
}

const VULKAN_PARTS = ["gpuDevice", "vulkanHeader", "spirvHeader", "glslc"] as const;
type VulkanPart = (typeof VULKAN_PARTS)[number];

/** What a Vulkan build and run still lacks; facts: ggml/src/ggml-vulkan/CMakeLists.txt. */
export function missingForVulkan(machine: Machine): readonly VulkanPart[] {
  const sdk = machine.environment["VULKAN_SDK"];
  const includeFolders = ["/usr/include", "/usr/local/include", ...(sdk ? [join(sdk, "include")] : [])];
  const hasHeader = (header: string) => includeFolders.some((folder) => machine.exists(join(folder, header)));
  const device = machine.list("/dev/dri").some((name) => name.startsWith("renderD")) || machine.exists("/dev/dxg");
  const isThere: Readonly<Record<VulkanPart, boolean>> = {
    gpuDevice: device,
    vulkanHeader: hasHeader("vulkan/vulkan.h"),
    spirvHeader: hasHeader("spirv/unified1/spirv.hpp"),
    glslc: machine.find("glslc") !== undefined,
  };
  return VULKAN_PARTS.filter((part) => !isThere[part]);
}

/** Words that follow "there is no". */
export function listOfMissing(parts: readonly VulkanPart[]): LocalizedText {
  const names = parts.map((part): LocalizedText => (part === "glslc" ? part : errorDetail(part)));
  return names.reduce((one, other) => errorDetail("nor", one, other));
}

/** What tells a build from the others of its release: builds with and without rpc stand side by side. */
export function buildName({ backend, rpc }: Pick<Platform, "backend" | "rpc">): string {
  return rpc ? `${backend}-rpc` : backend;
}

export function systemName(system: OperatingSystem): string {
  return system === "darwin" ? "macOS" : "Linux";
}

/** Free bytes where `folder` is, or where its nearest existing parent is. */
export async function freeDisk(folder: string): Promise<number> {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  return bavail * bsize;
}
