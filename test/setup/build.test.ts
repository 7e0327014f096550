import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { build, type BuildOptions, findBuild, percentOf } from "../../setup/build.ts";
import { llamaFolders } from "../../setup/folders.ts";
import { findServer } from "../../setup/find-server.ts";
import { thisMachine } from "../../setup/platform.ts";
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
