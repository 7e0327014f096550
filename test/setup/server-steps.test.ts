import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { llamaFolders, packageFile } from "../../src/platform/folders.ts";
import { withLock } from "../../src/platform/lock.ts";
import { thisMachine } from "../../src/platform/platform.ts";
import { LLAMA_CPP } from "../../src/llama-server/llama-cpp-version.ts";
import { Reporter } from "../../setup/reporter.ts";
import { runServerSteps, type ServerStepsOptions } from "../../setup/server-steps.ts";
import { finishedBuild, program } from "./support/finished-build.ts";

const VERSION = "version: 0.5.0-dev (build 1, commit de3ff81)";
const CPU = llamaFolders("CACHE", LLAMA_CPP.tag, "cpu");

/** The tools of a machine, as far as the steps look at them: git "fetches" the pinned tree, cmake "builds" a server. */
const TOOLS = {
  git: `case "$*" in
    --version) echo "git version 2.40.0";;
    init*) mkdir -p "$4/.git";;
    *rev-parse*) echo ${LLAMA_CPP.tree};;
  esac`,
  cmake: `echo "$*" >> CACHE/cmake-calls
  case "$1" in
    --version) echo "cmake version 3.25.1";;
    --build) mkdir -p ${CPU.buildTree}/bin
      printf '#!/bin/sh\\necho "${VERSION}"\\n' > ${CPU.buildTree}/bin/llama-server;;
  esac`,
  "c++": 'cat > /dev/null; echo "c++ 12.2.0"',
  make: ":",
};

let folder: string;
let cache: string;
let written: string[];
let onWrite: (text: string) => void;
let questions: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-steps-"));
  cache = join(folder, "cache");
  [written, questions] = [[], []];
  onWrite = () => undefined;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function install(...names: (keyof typeof TOOLS)[]): Promise<void> {
  for (const name of names) await onPath(name, TOOLS[name]);
}

async function onPath(name: string, script: string): Promise<string> {
  const whole = `PATH=/usr/bin:/bin\n${script.replaceAll("CACHE", cache)}`;
  return await program(join(folder, "programs"), name, whole);
}

/** Runs the steps on a machine with the test's programs alone. */
async function run(options: Partial<ServerStepsOptions> = {}) {
  const here = thisMachine({ PATH: join(folder, "programs") });
  const machine = { ...here, system: "linux", architecture: "x64", totalMemory: 8e9, isRoot: true };
  const write = (text: string) => {
    written.push(text);
    onWrite(text);
  };
  const reporter = new Reporter({ write }, { now: () => 0 });
  return await runServerSteps({ machine, cache, reporter, gpu: "cpu", jobs: 2, ...options });
}

/** Whoever is asked answers so. */
function answering(yes: boolean) {
  return (question: string) => {
    questions.push(question);
    return yes;
  };
}

const cmakeCalls = async () => (await readFile(join(cache, "cmake-calls"), "utf8")).trim().split("\n");
const titles = () => written.flatMap((text) => /^\[\d\/6\] (\w+)/.exec(text)?.[1] ?? []);

describe("the server steps", () => {
  it("go from nothing to a build, and say so one by one", async () => {
    await install("git", "cmake", "c++", "make");
    const { platform, server } = await run();
    const { build, source, buildTree, lock } = llamaFolders(cache, LLAMA_CPP.tag, "cpu");
    expect(platform).toMatchObject({ system: "linux", backend: "cpu", totalMemory: 8e9 });
    expect(server).toEqual({
      path: join(build, "llama-server"),
      version: VERSION.replace("version: ", ""),
      origin: "built",
      backend: "cpu",
    });
    expect(titles()).toEqual(["platform", "toolchain", "source", "build"]);
    const said = written.join("");
    expect(said).toMatch(/Linux x64, 8\.00 GB memory, .+ free disk; cpu: chosen with --gpu/);
    expect(said).toContain("git 2.40.0, cmake 3.25.1, c++ 12.2.0, make");
    expect(said).toContain(`llama.cpp v0.5.0 from ${LLAMA_CPP.gitUrl}, tree fd570ef54b`);
    expect(said).toMatch(/about 5 minutes.* once/);
    expect((await cmakeCalls()).at(-1)).toMatch(/--build .+ --parallel 2$/);
    expect([source, buildTree, lock].map(existsSync)).toEqual([true, false, false]);
  });

  it("skips every step if our build exists, and runs nothing", async () => {
    const { build } = await finishedBuild(cache, "cpu");
    const { server } = await run();
    expect(server).toMatchObject({ path: join(build, "llama-server"), origin: "built" });
    expect(titles()).toEqual(["platform", "toolchain", "source", "build"]);
    expect(written.join("").match(/\(already done\)/g)).toHaveLength(3);
    expect(written.at(-1)).toContain("built by setup");
  });

  it("fetch the source from the address that was named, and not again when it exists", async () => {
    await install("git", "cmake", "c++", "make");
    await run({ gitUrl: "https://mirror.example/llama.cpp.git" });
    expect(written.join("")).toContain("v0.5.0 from https://mirror.example/llama.cpp.git, tree");
    await rm(llamaFolders(cache, LLAMA_CPP.tag, "cpu").build, { recursive: true });
    written = [];
    await run();
    expect(written.find((text) => text.startsWith("[3/6]"))).toMatch(/tree fd570ef54b \(already done\)/);
  });

  it("take a server on PATH for any that will do, and never for a build that is asked for", async () => {
    const path = await onPath("llama-server", `echo "${VERSION}"`);
    const { server } = await run({ gpu: "auto" });
    expect(server).toMatchObject({ path, origin: "PATH" });
    expect(written.at(-1)).toContain("found on PATH");
    await expect(run({ gpu: "cpu" })).rejects.toMatchObject({ code: "toolchain-missing" });
    await expect(run({ gpu: "auto", rpc: true })).rejects.toMatchObject({ code: "toolchain-missing" });
  });

  it("take the server that was named", async () => {
    const namedServer = await onPath("my-server", `echo "${VERSION}"`);
    expect((await run({ namedServer })).server).toMatchObject({ path: namedServer, origin: "named" });
    expect(written.at(-1)).toContain("chosen by a setting");
  });

  it("end with the signal", async () => {
    await install("git", "cmake", "c++", "make");
    const stop = new AbortController();
    await onPath("cmake", `${TOOLS.cmake}\n[ "$1" = --build ] || exit 0; echo "[ 50%] Building"; exec sleep 60`);
    onWrite = (text) => {
      if (text.includes("compiling 50 %")) stop.abort();
    };
    await expect(run({ signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
    expect(existsSync(llamaFolders(cache, LLAMA_CPP.tag, "cpu").lock)).toBe(false);
  });
});

describe("the check for missing tools", () => {
  const INSTALL = "apt-get install -y cmake";
  beforeEach(() => install("git", "c++", "make"));

  it("names them with the install command, and installs nothing without a question", async () => {
    await onPath("apt-get", "echo installed > CACHE-installed");
    await expect(run()).rejects.toMatchObject({ code: "toolchain-missing", hint: `Install it with: ${INSTALL}` });
    await expect(run({ confirm: answering(false) })).rejects.toMatchObject({ code: "toolchain-missing" });
    expect(questions).toEqual([`Can't build llama.cpp: cmake is missing. Install it with: ${INSTALL}?`]);
    expect(existsSync(`${cache}-installed`)).toBe(false);
  });

  it("installs them after a yes, and continues with the next step", async () => {
    const cmake = join(folder, "programs", "cmake");
    await install("cmake");
    await writeFile(`${cache}-cmake`, await readFile(cmake));
    await rm(cmake);
    await onPath("apt-get", `[ "$*" = "install -y cmake" ] && cp ${cache}-cmake ${cmake} && chmod +x ${cmake}`);
    expect((await run({ confirm: answering(true) })).server.origin).toBe("built");
    expect(questions).toHaveLength(1);
  });

  it("end the steps with the installer's last word when that fails", async () => {
    await onPath("apt-get", 'echo "E: Unable to locate package cmake" >&2; exit 100');
    await expect(run({ confirm: answering(true) })).rejects.toMatchObject({
      code: "toolchain-missing",
      message: `${INSTALL} failed: E: Unable to locate package cmake`,
    });
  });

  it("end the steps when they are missing still", async () => {
    await onPath("apt-get", "exit 0");
    await expect(run({ confirm: answering(true) })).rejects.toMatchObject({
      code: "toolchain-missing",
      message: "Can't build llama.cpp: cmake is missing.",
    });
    expect(questions).toHaveLength(1);
  });

  it("does not ask if no install command is known", async () => {
    await expect(run({ confirm: answering(true) })).rejects.toMatchObject({ code: "toolchain-missing" });
    expect(questions).toEqual([]);
  });
});

describe("two processes", () => {
  it("build once: the second waits for the first, says so, and takes its build", async () => {
    await install("git", "cmake", "c++", "make");
    const { lock, build } = llamaFolders(cache, LLAMA_CPP.tag, "cpu");
    const running = await withLock(lock, "building llama.cpp", undefined, async () => {
      const second = run();
      while (!written.join("").includes(`Waiting for process ${process.pid}, which is building llama.cpp.`))
        await new Promise(setImmediate);
      await finishedBuild(cache, "cpu");
      return { second };
    });
    expect((await running.second).server.path).toBe(join(build, "llama-server"));
    expect(written.at(-1)).toContain("Another process has finished building it.");
    expect(await cmakeCalls()).toEqual(["--version"]);
  });
});

describe("a disk without the room for a build", () => {
  const runOnSmallDisk = (...command: string[]) =>
    spawnSync(
      "unshare",
      ["-rm", "sh", "-c", 'mount -t tmpfs -o size=4m tmpfs "$CACHE" && exec "$0" "$@"', ...command],
      {
        cwd: packageFile("."),
        env: { ...process.env, CACHE: cache, TOOLS: join(folder, "programs") },
        encoding: "utf8",
      },
    );
  /** A mount of one's own takes Linux's namespaces, which some machines and all Macs do not have. */
  const canMount = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]).status === 0;

  const onSmallDisk = canMount ? it : it.skip;

  onSmallDisk("is seen before anything is fetched", async () => {
    await install("git", "cmake", "c++", "make");
    await onPath("git", `echo "$*" >> ${folder}/git-calls\n${TOOLS.git}`);
    await mkdir(cache);
    const { stdout } = runOnSmallDisk(process.execPath, packageFile("test/setup/support/build-on-small-disk.mjs"));
    expect(JSON.parse(stdout)).toEqual({
      code: "disk-full",
      message: expect.stringMatching(/^Building llama\.cpp needs about 1\.00 GB, but only 4\.\d+ MB are free at /),
    });
    expect(await readFile(join(folder, "git-calls"), "utf8")).toBe("--version\n");
  });
});
