import { availableParallelism } from "node:os";
import type { Command } from "./command.ts";
import type { LlamaFolders } from "./folders.ts";
import { packageFile } from "./package-folder.ts";
import type { Backend, Platform } from "./platform.ts";

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
