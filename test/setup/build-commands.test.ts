import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { describe, expect, it } from "@jest/globals";
import { buildCommands, defaultJobs, estimateMinutes } from "../../setup/build-commands.ts";
import { formatCommand } from "../../setup/command.ts";
import { llamaFolders } from "../../setup/folders.ts";
import { buildName } from "../../setup/platform.ts";

describe("buildCommands", () => {
  const flagsOf = (system: "linux" | "darwin", backend: "cpu" | "metal" | "cuda" | "vulkan") =>
    formatCommand(buildCommands({ system, backend }, llamaFolders("/c", "v0.5.0", backend), 4)[0]);

  it("names Metal on a Mac either way, and never by its old name", () => {
    expect(flagsOf("darwin", "metal")).toContain("-DGGML_METAL=ON");
    expect(flagsOf("darwin", "cpu")).toContain("-DGGML_METAL=OFF");
    expect(flagsOf("linux", "cpu")).not.toContain("METAL");
    expect(flagsOf("darwin", "metal")).not.toContain("LLAMA_METAL");
  });

  it("switches on the GPU that is asked for, and no other", () => {
    const gpus = (backend: "cpu" | "cuda" | "vulkan") =>
      flagsOf("linux", backend).match(/-DGGML_(?:CUDA|VULKAN|METAL)=ON/g);
    expect([gpus("cpu"), gpus("cuda"), gpus("vulkan")]).toEqual([null, ["-DGGML_CUDA=ON"], ["-DGGML_VULKAN=ON"]]);
  });

  it("builds what hands out layers and what takes them, beside the build without", () => {
    const platform = { system: "linux", backend: "cpu", rpc: true } as const;
    const commands = buildCommands(platform, llamaFolders("/c", "v0.5.0", buildName(platform)), 4).map(formatCommand);
    expect(commands[0]).toContain("-B /c/llama.cpp/v0.5.0/cpu-rpc.tree");
    expect(commands[0]).toContain(" -DGGML_RPC=ON");
    expect(commands[1]).toContain("--target llama-server ggml-rpc-server --parallel 4");
    expect(flagsOf("linux", "cpu")).not.toContain("RPC");
  });

  it("builds the server alone, in one file, for speed, with no network", () => {
    const [configure, compile] = buildCommands(
      { system: "linux", backend: "cuda" },
      llamaFolders("/c", "v0.5.0", "cuda"),
      4,
    );
    expect(configure.arguments).toEqual(
      expect.arrayContaining([
        "-DCMAKE_BUILD_TYPE=Release",
        "-DBUILD_SHARED_LIBS=OFF",
        "-DLLAMA_USE_PREBUILT_UI=OFF",
        "-DLLAMA_BUILD_UI=OFF",
        "-DLLAMA_OPENSSL=OFF",
      ]),
    );
    expect(formatCommand(compile)).toBe(
      "cmake --build /c/llama.cpp/v0.5.0/cuda.tree --config Release --target llama-server --parallel 4",
    );
  });

  it("has cmake read the shortcuts that come with the package, or compiles llama.cpp as it is", () => {
    const includeOf = (shortcuts?: boolean) =>
      buildCommands({ system: "linux", backend: "cpu" }, llamaFolders("/c", "v0.5.0", "cpu"), 4, {
        ...(shortcuts !== undefined && { shortcuts }),
      })[0].arguments.find((flag) => flag.startsWith("-DCMAKE_PROJECT_llama.cpp_INCLUDE="));
    const file = includeOf()?.split("=")[1] ?? "";
    expect(existsSync(file)).toBe(true);
    expect(includeOf(true)).toBe(includeOf());
    expect(includeOf(false)).toBeUndefined();
  });

  it("keeps a folder of any name in one piece", () => {
    const [configure, compile] = buildCommands(
      { system: "linux", backend: "cpu" },
      llamaFolders("/家 home", "v0.5.0", "cpu"),
      1,
    );
    expect(configure.arguments.slice(0, 4)).toEqual([
      "-S",
      "/家 home/llama.cpp/v0.5.0/source",
      "-B",
      "/家 home/llama.cpp/v0.5.0/cpu.tree",
    ]);
    expect(compile.arguments[1]).toBe("/家 home/llama.cpp/v0.5.0/cpu.tree");
  });
});

describe("defaultJobs", () => {
  it("starts one compiler a core, no more than memory carries, and one at least", () => {
    const gibibytes = 2 ** 30;
    expect([
      defaultJobs(24e9, 8),
      defaultJobs(4 * gibibytes, 8),
      defaultJobs(4 * gibibytes - 1, 8),
      defaultJobs(5e8, 8),
      defaultJobs(0, 8),
    ]).toEqual([8, 4, 3, 1, 1]);
    expect(defaultJobs(1e15)).toBe(availableParallelism());
  });
});

describe("estimateMinutes", () => {
  it("shares the work among the compilers, and is several times as long with CUDA", () => {
    expect([estimateMinutes("cpu", 1), estimateMinutes("metal", 8), estimateMinutes("cpu", 64)]).toEqual([9, 2, 2]);
    expect([estimateMinutes("vulkan", 4), estimateMinutes("cuda", 4)]).toEqual([6, 16]);
  });
});
