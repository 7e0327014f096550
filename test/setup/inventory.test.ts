import { existsSync, rmSync, watch } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { llamaFolders } from "../../src/platform/folders.ts";
import { findModel } from "../../src/llama-server/model-catalogue.ts";
import { hubCacheFolder, HubRepository } from "../../src/llama-server/hub-cache.ts";
import { LLAMA_CPP } from "../../src/llama-server/llama-cpp-version.ts";
import { textFor } from "../../src/i18n/catalogue.ts";
import { finishedBuild } from "./support/finished-build.ts";

const real = await import("node:fs/promises");
const lstat = jest.fn((path: string) => real.lstat(path));
jest.unstable_mockModule("node:fs/promises", () => ({ ...real, lstat }));
const { listInventory, removeFromInventory } = await import("../../setup/inventory.ts");

let folder: string;
let cache: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-inventory 家-"));
  cache = join(folder, "cache");
});
afterEach(async () => {
  lstat.mockImplementation((path) => real.lstat(path));
  await rm(folder, { recursive: true, force: true });
});

const options = () => ({ words: textFor("en").setup, cache, environment: { HF_HUB_CACHE: join(folder, "hub") } });
const list = () => listInventory(options());
const remove = (name: string) => removeFromInventory(name, options());

/** A file of so many bytes, which takes no room on the disk. */
async function file(path: string, bytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "");
  await truncate(path, bytes);
}

/** Each line's name and what it is, without the size. */
async function entries(): Promise<string[][]> {
  return (await list()).map((line) => line.split(/ {2,}/)).map(([name = "", , note = ""]) => [name, note]);
}

const DEMO = ["demo", "model, included in the package"];

function large() {
  const model = findModel("gpt-oss-20b");
  const [part] = model?.files ?? [];
  if (model?.source === undefined || part === undefined) throw new Error("gpt-oss-20b is in the catalogue");
  const repository = new HubRepository(hubCacheFolder(options().environment), model.source.repository);
  return { part, repository };
}

describe("the inventory", () => {
  it("contains only the demo model on a new machine, and creates nothing", async () => {
    expect(await list()).toEqual(["demo   2.58 MB  model, included in the package"]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("names builds, source and models with their sizes, in columns", async () => {
    await finishedBuild(cache, "cpu", { bytes: 12_000_000 });
    const { source } = await finishedBuild(cache, "cuda", { rpc: true, bytes: 1_500_000 });
    await file(join(source, "deep", "er", "ggml.c"), 20_000_000);
    await file(join(source, "README.md"), 5_000_000);
    const { part, repository } = large();
    await file(repository.blob(part), part.bytes);
    await repository.publish(part, "main");
    expect(await list()).toEqual([
      "v0.5.0-cuda-rpc   1.50 MB  llama-server 0.5.0-dev (build 1, for cuda)",
      "v0.5.0-cpu        12.0 MB  llama-server 0.5.0-dev (build 1, for cpu)",
      "v0.5.0-source     25.0 MB  llama.cpp source, needed only to build",
      "gpt-oss-20b       12.1 GB  model",
      "demo              2.58 MB  model, included in the package",
    ]);
  });

  it.each(["build", "buildTree"] as const)("calls half a build one (its %s alone), and takes it away", async (half) => {
    const folders = llamaFolders(cache, LLAMA_CPP.tag, "vulkan");
    await file(join(folders[half], "CMakeCache.txt"), 1_000);
    expect(await entries()).toEqual([["v0.5.0-vulkan", "unfinished build of llama-server"], DEMO]);
    expect(await remove("v0.5.0-vulkan")).toBe("Removed v0.5.0-vulkan, 1.00 kB.");
    expect(await entries()).toEqual([DEMO]);
  });

  it("counts what another build leaves behind to the existing one", async () => {
    const { buildTree } = await finishedBuild(cache, "cpu");
    await file(join(buildTree, "ggml.o"), 70_000_000);
    expect((await list())[0]).toBe("v0.5.0-cpu   70.0 MB  llama-server 0.5.0-dev (build 1, for cpu)");
    await remove("v0.5.0-cpu");
    expect(existsSync(buildTree)).toBe(false);
  });

  it("counts a model that is partly here", async () => {
    const { part, repository } = large();
    await file(repository.partial(part), 4_000_000_000);
    expect((await list())[0]).toBe("gpt-oss-20b   4.00 GB  model, incomplete download");
    expect(await remove("gpt-oss-20b")).toBe("Removed gpt-oss-20b, 4.00 GB.");
    expect(existsSync(repository.folder)).toBe(false);
  });

  it("takes what disappears while it looks, files and folders, for nothing", async () => {
    const { buildTree } = llamaFolders(cache, LLAMA_CPP.tag, "cpu");
    await file(join(buildTree, "a.o"), 1_000);
    await file(join(buildTree, "b.o"), 1_000);
    await file(join(buildTree, "folder", "c.o"), 1_000);
    lstat.mockImplementation(async (path) => {
      // as a compiler does that goes on
      if (path.endsWith("b.o")) rmSync(path);
      const status = await real.lstat(path);
      if (path.endsWith("folder")) rmSync(path, { recursive: true });
      return status;
    });
    expect((await list())[0]).toBe("v0.5.0-cpu   1.00 kB  unfinished build of llama-server");
  });

  it("counts what can't be read as nothing: one foreign entry hides nothing else", async () => {
    const { source } = llamaFolders(cache, LLAMA_CPP.tag, "cpu");
    await file(join(source, "README.md"), 1);
    lstat.mockImplementation((path) => Promise.reject(Object.assign(new Error("EACCES"), { code: "EACCES", path })));
    expect((await list()).join()).toMatch(/source +0 B/);
    await rm(join(cache, "llama.cpp"), { recursive: true });
    await file(join(cache, "llama.cpp"), 1);
    expect((await list()).join()).toContain("demo");
  });
});

describe("taking away", () => {
  it("takes one of two builds, and leaves the other and the source", async () => {
    const cpu = await finishedBuild(cache, "cpu");
    const rpc = await finishedBuild(cache, "cpu", { rpc: true });
    await file(join(cpu.source, "README.md"), 1);
    await remove("v0.5.0-cpu");
    expect([cpu.build, rpc.build, cpu.source].map(existsSync)).toEqual([false, true, true]);
    expect(existsSync(cpu.lock)).toBe(false);
  });

  it("takes the source with what is left of fetching it, and no build", async () => {
    const { build, source, downloads } = await finishedBuild(cache, "cpu");
    for (const place of [source, `${source}.partial`, downloads]) await file(join(place, "file"), 1_000);
    expect(await remove("v0.5.0-source")).toBe("Removed v0.5.0-source, 3.00 kB.");
    expect([build, source, `${source}.partial`, downloads].map(existsSync)).toEqual([true, false, false, false]);
  });

  it.each(["v0.5.0-cpu", "v0.5.0", "../hub", "", "toString"])("refuses a name that is not there, %j", async (name) => {
    await finishedBuild(cache, "cuda");
    await finishedBuild(cache, "vulkan");
    await expect(remove(name)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(name),
      hint: expect.stringContaining("v0.5.0-cuda, v0.5.0-vulkan"),
    });
  });

  it("says so where there is nothing to take, and leaves what comes with the package", async () => {
    await expect(remove("gpt-oss-20b")).rejects.toMatchObject({ code: "usage", hint: "There is nothing to remove." });
    await expect(remove("demo")).rejects.toMatchObject({ code: "usage" });
    expect(await entries()).toEqual([DEMO]);
  });

  it("takes a link away and not what it points to, a build's or a model's", async () => {
    const { build } = await finishedBuild(cache, "cpu");
    const elsewhere = join(folder, "large disk");
    await rm(build, { recursive: true });
    await mkdir(join(elsewhere, "build"), { recursive: true });
    await symlink(join(elsewhere, "build"), build);
    const { part, repository } = large();
    await file(join(elsewhere, "my model.gguf"), part.bytes);
    await mkdir(join(repository.folder, "snapshots", "main"), { recursive: true });
    await symlink(join(elsewhere, "my model.gguf"), join(repository.folder, "snapshots", "main", part.name));
    expect(await entries()).toEqual([
      ["v0.5.0-cpu", "unfinished build of llama-server"],
      ["gpt-oss-20b", "model"],
      DEMO,
    ]);
    await remove("v0.5.0-cpu");
    await remove("gpt-oss-20b");
    expect(await entries()).toEqual([DEMO]);
    expect(await readdir(elsewhere)).toEqual(["build", "my model.gguf"]);
  });

  it("waits for a build in progress", async () => {
    const { lock, build } = await finishedBuild(cache, "cpu");
    await writeFile(lock, `${process.pid} another`);
    const tries = new Promise((resolve) => {
      const watcher = watch(dirname(lock), (_event, name) => {
        if (name?.startsWith("lock.") !== true) return;
        watcher.close();
        resolve("it tries the lock");
      });
    });
    const removing = remove("v0.5.0-cpu");
    expect(await Promise.race([tries, removing])).toBe("it tries the lock");
    expect([existsSync(build), await readFile(lock, "utf8")]).toEqual([true, `${process.pid} another`]);
    await rm(lock);
    await removing;
    expect(existsSync(build)).toBe(false);
  });
});
