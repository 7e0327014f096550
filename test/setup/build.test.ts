import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir, availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { build, type BuildOptions, percentOf, buildCommands, defaultJobs, estimateMinutes } from "../../setup/build.ts";
import { localize } from "../../src/i18n/error-messages.ts";
import { findBuild, findServer } from "../../src/llama-server/find-server.ts";
import { formatCommand } from "../../src/platform/child-process.ts";
import { llamaFolders } from "../../src/platform/folders.ts";
import { describePlatform, thisMachine, buildName } from "../../src/platform/platform.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-build-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the real build code with a `cmake` of the test's making; `$tree` is the build tree. */
async function optionsWithCmake(script: string): Promise<BuildOptions> {
  const programs = join(folder, "programs");
  await mkdir(programs);
  const folders = llamaFolders(join(folder, "cache"), "v0.5.0", "cpu");
  await writeFile(join(programs, "cmake"), `#!/bin/sh\ntree=${folders.buildTree}\n${script}\n`);
  await chmod(join(programs, "cmake"), 0o755);
  return {
    platform: { system: "linux", architecture: "x64", backend: "cpu", reason: "a test" },
    folders,
    jobs: 1,
    environment: { ...process.env, PATH: programs + delimiter + (process.env["PATH"] ?? "") },
  };
}

/** The real cmake on a small llama.cpp of one target, and a compiler that refuses precompiled headers. */
async function optionsWithStandIn(commonSource: string): Promise<BuildOptions> {
  const options = await optionsWithCmake("");
  await rm(join(folder, "programs", "cmake"));
  const compiler = join(folder, "programs", "strict g++");
  const script = '#!/bin/sh\ncase "$*" in *c++-header*) echo "error: no precompiled headers here" >&2; exit 1;; esac\n';
  await writeFile(compiler, `${script}exec c++ "$@"\n`);
  await chmod(compiler, 0o755);
  const { source } = options.folders;
  await mkdir(source, { recursive: true });
  const files = {
    "CMakeLists.txt": `cmake_minimum_required(VERSION 3.14)
project("llama.cpp" CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY \${CMAKE_BINARY_DIR}/bin)
add_library(llama-common OBJECT common.cpp)
add_executable(llama-server server.cpp)
add_dependencies(llama-server llama-common)
`,
    "common.cpp": commonSource,
    "server.cpp": '#include <cstdio>\nint main() { std::puts("version: 0.5.0-dev (build 1, commit de3ff81)"); }\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(source, name), text);
  return { ...options, environment: { ...options.environment, CXX: compiler } };
}

const MAKES_A_SERVER = String.raw`if [ "$1" = --build ]; then
  echo "[ 50%] Building CXX object"
  mkdir -p $tree/bin
  printf '#!/bin/sh\necho "version: 0.5.0-dev (build 1, commit de3ff81)" >&2\n' > $tree/bin/llama-server
fi`;

describe("build", () => {
  it("puts the server in place, records it, and takes cmake's tree away", async () => {
    const options = await optionsWithCmake(MAKES_A_SERVER);
    const percents: number[] = [];
    const built = await build({ ...options, onProgress: ({ done }) => percents.push(done) });
    expect(percents).toEqual([50]);
    expect(built.record).toMatchObject({ backend: "cpu", version: "0.5.0-dev (build 1, commit de3ff81)" });
    expect(await findBuild(options.folders)).toEqual(built);
    expect(existsSync(options.folders.buildTree)).toBe(false);
    const machine = thisMachine(process.env);
    expect(await findServer({ machine, cache: join(folder, "cache"), usePath: false })).toMatchObject({
      origin: "built",
      backend: "cpu",
    });
  });

  it("shows the last lines and keeps the log when the compiler fails", async () => {
    const options = await optionsWithCmake(
      '[ "$1" = --build ] || exit 0; echo "ggml.c:1: error: no such thing"; exit 2',
    );
    const failure = build(options);
    await expect(failure).rejects.toMatchObject({
      code: "build-failed",
      message: expect.stringContaining("  ggml.c:1: error: no such thing"),
    });
    const log = join(options.folders.logs, "build-v0.5.0-cpu.log");
    await expect(failure).rejects.toMatchObject({ hint: `The full log is ${log}.` });
    expect(await readFile(log, "utf8")).toContain("no such thing");
    expect(await findBuild(options.folders)).toBeUndefined();
  });

  it("compiles llama.cpp as it is where our shortcuts don't compile, and says so", async () => {
    const options =
      await optionsWithCmake(`case "$*" in *_INCLUDE=*) touch ${folder}/shortcuts;; -S*) rm ${folder}/shortcuts;; esac
[ "$1" = --build ] && [ -e ${folder}/shortcuts ] && { echo "error: redefinition of x"; exit 1; }
${MAKES_A_SERVER}`);
    const notices: string[] = [];
    const built = await build({ ...options, onNotice: (notice) => notices.push(localize("en", notice)) });
    expect(await findBuild(options.folders)).toEqual(built);
    expect(notices).toEqual([expect.stringContaining("without shortcuts")]);
  });

  it("uses the real cmake if the compiler rejects precompiled headers", async () => {
    const options = await optionsWithStandIn("int main() { return 0; }");
    const notices: string[] = [];
    const built = await build({ ...options, onNotice: (notice) => notices.push(localize("en", notice)) });
    expect(await findBuild(options.folders)).toEqual(built);
    expect(notices).toHaveLength(1);
    const log = await readFile(join(options.folders.logs, "build-v0.5.0-cpu.log"), "utf8");
    expect(log).toContain("no precompiled headers here");
  });

  it("uses ninja if make is missing", async () => {
    const options = await optionsWithStandIn("int main() { return 0; }");
    const programs = join(folder, "programs");
    for (const name of ["sh", "cmake", "ninja", "c++", "ld", "as", "ar", "ranlib"]) {
      await symlink(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(programs, name));
    }
    const environment = { PATH: programs };
    const { generator } = await describePlatform(thisMachine(environment), "cpu");
    const platform = { ...options.platform, generator };
    const built = await build({ ...options, platform, environment });
    expect(await findBuild(options.folders)).toEqual(built);
  });

  it("shows the compiler's own error when the plain build fails too", async () => {
    const options = await optionsWithStandIn('#error "the disk is made of cheese"');
    await expect(build(options)).rejects.toMatchObject({
      code: "build-failed",
      message: expect.stringContaining("made of cheese"),
    });
  });

  it("shows the first error, not the last lines of the compilers beside it", async () => {
    const options = await optionsWithCmake(
      `[ "$1" = --build ] || exit 0; echo "a.cpp:1:2: error: first"; for i in $(seq 60); do echo "warning $i"; done; exit 2`,
    );
    await expect(build(options)).rejects.toMatchObject({ message: expect.stringContaining("error: first") });
  });

  it("tells a full disk from a broken compiler", async () => {
    const options = await optionsWithCmake('echo "cc1plus: fatal error: No space left on device"; exit 1');
    await expect(build(options)).rejects.toMatchObject({ code: "disk-full" });
  });

  it("does not take a server for built that does not run", async () => {
    const options = await optionsWithCmake(MAKES_A_SERVER.replace("version:", "nonsense:"));
    await expect(build(options)).rejects.toMatchObject({ code: "build-failed" });
    expect(await findBuild(options.folders)).toBeUndefined();
  });

  it("builds again what someone has deleted", async () => {
    const options = await optionsWithCmake(MAKES_A_SERVER);
    const { server } = await build(options);
    await rm(server);
    expect(await findBuild(options.folders)).toBeUndefined();
  });

  it("takes a damaged record for no build", async () => {
    const { folders } = await optionsWithCmake("");
    await mkdir(folders.build, { recursive: true });
    await writeFile(join(folders.build, "build.json"), '{"tag":');
    expect(await findBuild(folders)).toBeUndefined();
  });
});

describe("percentOf", () => {
  it("reads the progress of make and of ninja", () => {
    expect(["[  7%] Building C", "[34/280] Building", "-- Configuring done", "[100%] Built"].map(percentOf)).toEqual([
      7,
      12,
      undefined,
      100,
    ]);
  });
});

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
