import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { build, type BuildOptions, findBuild, percentOf } from "../../setup/build.ts";
import { buildCommands, defaultJobs } from "../../setup/build-commands.ts";
import { formatCommand } from "../../setup/command.ts";
import { llamaFolders } from "../../setup/folders.ts";
import { findServer } from "../../setup/find-server.ts";
import { buildName, thisMachine } from "../../setup/platform.ts";
import { parseServerVersion } from "../../setup/server-version.ts";
import { phraseIn } from "../../src/failures/failure.ts";

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
    await expect(failure).rejects.toMatchObject({ hint: `The whole log is ${log}.` });
    expect(await readFile(log, "utf8")).toContain("no such thing");
    expect(await findBuild(options.folders)).toBeUndefined();
  });

  it("compiles llama.cpp as it is where our shortcuts don't compile, and says so", async () => {
    const options =
      await optionsWithCmake(`case "$*" in *_INCLUDE=/*) touch ${folder}/shortcuts;; -S*) rm ${folder}/shortcuts;; esac
[ "$1" = --build ] && [ -e ${folder}/shortcuts ] && { echo "error: redefinition of x"; exit 1; }
${MAKES_A_SERVER}`);
    const notices: string[] = [];
    const built = await build({ ...options, onNotice: (notice) => notices.push(phraseIn("en", notice)) });
    expect(await findBuild(options.folders)).toEqual(built);
    expect(notices).toEqual([expect.stringContaining("compiling llama.cpp as it is")]);
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

describe("buildCommands", () => {
  const flagsOf = (system: "linux" | "darwin", backend: "cpu" | "metal" | "cuda" | "vulkan") =>
    formatCommand(buildCommands({ system, backend }, llamaFolders("/c", "v0.5.0", backend), 4)[0]);

  it("names Metal on a Mac either way, and never by its old name", () => {
    expect(flagsOf("darwin", "metal")).toContain("-DGGML_METAL=ON");
    expect(flagsOf("darwin", "cpu")).toContain("-DGGML_METAL=OFF");
    expect(flagsOf("linux", "cpu")).not.toContain("METAL");
    expect(flagsOf("darwin", "metal")).not.toContain("LLAMA_METAL");
  });

  it("builds what hands out layers and what takes them, beside the build without", () => {
    const platform = { system: "linux", backend: "cpu", rpc: true } as const;
    const commands = buildCommands(platform, llamaFolders("/c", "v0.5.0", buildName(platform)), 4).map(formatCommand);
    expect(commands[0]).toContain("-B /c/llama.cpp/v0.5.0/cpu-rpc.tree");
    expect(commands[0]).toContain(" -DGGML_RPC=ON");
    expect(commands[1]).toContain("--target llama-server ggml-rpc-server --parallel 4");
    expect(flagsOf("linux", "cpu")).not.toContain("RPC");
  });

  it("finds a build with rpc for whoever wants one, and for others when there is no other", async () => {
    const options = await optionsWithCmake(
      `${MAKES_A_SERVER}; [ "$1" = --build ] && : > $tree/bin/ggml-rpc-server; exit 0`,
    );
    const machine = thisMachine(process.env);
    const find = (rpc: boolean) => findServer({ machine, cache: join(folder, "cache"), rpc, usePath: false });
    await build(options);
    expect(await find(true)).toBeUndefined();
    const plain = await find(false);
    const folders = llamaFolders(join(folder, "cache"), "v0.5.0", "cpu-rpc");
    await cp(options.folders.build, folders.build, { recursive: true });
    expect((await find(true))?.path).toBe(join(folders.build, "llama-server"));
    expect(await find(false)).toEqual(plain);
    await rm(options.folders.build, { recursive: true });
    expect((await find(false))?.path).toBe(join(folders.build, "llama-server"));
  });

  it("builds the server alone, with no network", () => {
    const [configure, compile] = buildCommands(
      { system: "linux", backend: "cuda" },
      llamaFolders("/c", "v0.5.0", "cuda"),
      4,
    );
    expect(configure.arguments).toEqual(
      expect.arrayContaining(["-DGGML_CUDA=ON", "-DLLAMA_USE_PREBUILT_UI=OFF", "-DLLAMA_BUILD_UI=OFF"]),
    );
    expect(formatCommand(compile)).toBe(
      "cmake --build /c/llama.cpp/v0.5.0/cuda.tree --config Release --target llama-server --parallel 4",
    );
  });
});

describe("small parts", () => {
  it("read the progress of make and of ninja", () => {
    expect(["[  7%] Building C", "[34/280] Building", "-- Configuring done", "[100%] Built"].map(percentOf)).toEqual([
      7,
      12,
      undefined,
      100,
    ]);
  });

  it("start no more compilers than memory carries", () => {
    expect([defaultJobs(24e9, 8), defaultJobs(4 * 2 ** 30, 8), defaultJobs(5e8, 8)]).toEqual([8, 4, 1]);
  });

  it("read both wordings of the version", () => {
    expect(parseServerVersion("x\nversion: 0.5.0-dev (build 1, commit de3ff81)\nbuilt with")).toEqual({
      text: "0.5.0-dev (build 1, commit de3ff81)",
      release: [0, 5, 0],
    });
    expect(parseServerVersion("version: 1.12.3 (build 8000, commit abcdef0)")?.release).toEqual([1, 12, 3]);
    expect(parseServerVersion("version: 6097 (abc1234)")).toEqual({ text: "6097 (abc1234)", release: undefined });
    expect(parseServerVersion("usage: something")).toBeUndefined();
  });
});

describe("findServer", () => {
  async function server(version: string): Promise<string> {
    const path = join(folder, "llama-server");
    await writeFile(path, `#!/bin/sh\necho "${version}" >&2\n`);
    await chmod(path, 0o755);
    return path;
  }
  const find = (named: string) =>
    findServer({ machine: thisMachine(process.env), cache: folder, named, usePath: true });

  it("takes a named one that is new enough", async () => {
    const path = await server("version: 0.6.1 (build 9000, commit abcdef0)");
    expect(await find(path)).toEqual({
      path,
      version: "0.6.1 (build 9000, commit abcdef0)",
      origin: "named",
      backend: undefined,
    });
  });

  it.each(["version: 0.4.9 (build 8000, commit abcdef0)", "version: 6097 (abc1234)"])(
    "refuses an older one: %s",
    async (version) => {
      await expect(find(await server(version))).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining("older than 0.5.0"),
      });
    },
  );

  it("refuses what is no llama-server", async () => {
    await expect(find("/bin/true")).rejects.toMatchObject({ code: "usage" });
    await expect(find(join(folder, "nothing"))).rejects.toMatchObject({ code: "usage" });
  });

  it("finds one on PATH, but not where PATH is not to be used", async () => {
    const path = await server("version: 0.5.1 (build 1, commit abcdef0)");
    const machine = thisMachine({ ...process.env, PATH: folder });
    expect(await findServer({ machine, cache: folder, usePath: true })).toMatchObject({ path, origin: "PATH" });
    expect(await findServer({ machine, cache: folder, usePath: false })).toBeUndefined();
  });
});
