import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  readFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, isAbsolute } from "node:path";
import { describe, expect, it, afterEach, beforeEach } from "@jest/globals";
import {
  cacheFolder,
  dataFolder,
  type Environment,
  findPackageFolder,
  llamaFolders,
  type OperatingSystem,
  makeFolder,
  packageFile,
} from "../../src/platform/folders.ts";

/** Environment, system, and the folder. */
type Case = readonly [Environment, OperatingSystem, string];

const CACHES: readonly Case[] = [
  [{}, "linux", "/home/花子/.cache/langchain-gpt-oss"],
  [{ XDG_CACHE_HOME: "/x/my cache" }, "linux", "/x/my cache/langchain-gpt-oss"],
  [{ XDG_CACHE_HOME: "" }, "linux", "/home/花子/.cache/langchain-gpt-oss"],
  // the XDG specification: a path that is relative is to be ignored
  [{ XDG_CACHE_HOME: "cache" }, "linux", "/home/花子/.cache/langchain-gpt-oss"],
  [{ XDG_CACHE_HOME: "./x" }, "linux", "/home/花子/.cache/langchain-gpt-oss"],
  [{ GPT_OSS_CACHE: "/c", XDG_CACHE_HOME: "/x" }, "linux", "/c"],
  [{ GPT_OSS_CACHE: "", XDG_CACHE_HOME: "/x" }, "linux", "/x/langchain-gpt-oss"],
  [{ XDG_DATA_HOME: "/x", GPT_OSS_DATA: "/d" }, "linux", "/home/花子/.cache/langchain-gpt-oss"],
  [{ XDG_CACHE_HOME: "/x" }, "darwin", "/home/花子/Library/Caches/langchain-gpt-oss"],
  [{ GPT_OSS_CACHE: "/c" }, "darwin", "/c"],
];

const DATA: readonly Case[] = [
  [{}, "linux", "/home/花子/.local/share/langchain-gpt-oss"],
  [{ XDG_DATA_HOME: "/x" }, "linux", "/x/langchain-gpt-oss"],
  [{ XDG_DATA_HOME: "" }, "linux", "/home/花子/.local/share/langchain-gpt-oss"],
  [{ XDG_DATA_HOME: "share" }, "linux", "/home/花子/.local/share/langchain-gpt-oss"],
  [{ GPT_OSS_DATA: "/d", XDG_DATA_HOME: "/x" }, "linux", "/d"],
  [{ GPT_OSS_DATA: "", XDG_DATA_HOME: "/x" }, "linux", "/x/langchain-gpt-oss"],
  [{ XDG_CACHE_HOME: "/x", GPT_OSS_CACHE: "/c" }, "linux", "/home/花子/.local/share/langchain-gpt-oss"],
  [{ XDG_DATA_HOME: "/x" }, "darwin", "/home/花子/Library/Application Support/langchain-gpt-oss"],
  [{ GPT_OSS_DATA: "/d" }, "darwin", "/d"],
];

describe("cacheFolder", () => {
  it.each(CACHES)("with %j on %s is %s", (environment, system, folder) => {
    expect(cacheFolder(environment, system, "/home/花子")).toBe(folder);
  });
});

describe("dataFolder", () => {
  it.each(DATA)("with %j on %s is %s", (environment, system, folder) => {
    expect(dataFolder(environment, system, "/home/花子")).toBe(folder);
  });
});

describe("both", () => {
  it("are below the user's own home", () => {
    expect(cacheFolder({}, "linux")).toBe(join(homedir(), ".cache", "langchain-gpt-oss"));
    expect(dataFolder({}, "linux")).toBe(join(homedir(), ".local", "share", "langchain-gpt-oss"));
  });
});

describe("llamaFolders", () => {
  const [cpu, cuda] = [llamaFolders("/c", "v0.5.0", "cpu"), llamaFolders("/c", "v0.5.0", "cuda")];

  it("keeps the builds of a release apart, each with a tree of its own", () => {
    const folders = [cpu.build, cpu.buildTree, cuda.build, cuda.buildTree];
    expect(new Set(folders).size).toBe(4);
    // taking one away takes nothing of another along
    for (const one of folders) for (const other of folders) expect(other.startsWith(`${one}/`)).toBe(false);
  });

  it("lets them share the source, which one at a time may work on", () => {
    expect([cuda.source, cuda.downloads, cuda.lock]).toEqual([cpu.source, cpu.downloads, cpu.lock]);
    for (const folder of [cpu.build, cpu.buildTree, cpu.source, cpu.downloads])
      expect(cpu.lock.startsWith(folder)).toBe(false);
  });

  it("shares nothing with another release but the logs", () => {
    const other = llamaFolders("/c", "v0.6.0", "cpu");
    const shared = Object.entries(cpu).filter(([, folder]) => Object.values<string>(other).includes(folder));
    expect(shared.map(([name]) => name)).toEqual(["logs"]);
  });
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gpt-oss-folder-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("makeFolder", () => {
  it("makes a folder and those above it, with the mode, and again", () => {
    const folder = join(root, "one", "two");
    makeFolder(folder, 0o700);
    makeFolder(folder, 0o700);
    for (const made of [folder, join(root, "one")]) expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it("reports a file in its place or on the way, or a link to nowhere", () => {
    writeFileSync(join(root, "file"), "");
    symlinkSync(join(root, "nowhere"), join(root, "link"));
    expect(() => makeFolder(join(root, "file"))).toThrow("EEXIST");
    expect(() => makeFolder(join(root, "file", "below"))).toThrow("ENOTDIR");
    expect(() => makeFolder(join(root, "link"))).toThrow("EEXIST");
  });

  it("follows a link to a folder", () => {
    symlinkSync(root, join(root, "link"));
    makeFolder(join(root, "link"));
    makeFolder(join(root, "link", "below"));
    expect(existsSync(join(root, "below"))).toBe(true);
  });

  it("returns where the system takes no folders (/proc says ENOENT although it exists)", () => {
    expect(() => makeFolder("/proc/gpt-oss/below")).toThrow(/ENOENT|EROFS|EACCES|EPERM/);
  });
});

describe("packageFile", () => {
  it("is the absolute path of what ships with the package, wherever the program was started", () => {
    const { name } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { name: string };
    expect(name).toBe("langchain-gpt-oss");
    for (const file of ["prompts/chat.md", "setup/fast-build.cmake", "setup/demo-model/demo.gguf"]) {
      expect([file, isAbsolute(packageFile(file)), existsSync(packageFile(file))]).toEqual([file, true, true]);
    }
  });

  it("is never that of another package", () => {
    const program = join(root, "program", "dist");
    mkdirSync(join(program, "prompts"), { recursive: true });
    for (const manifest of ["{}", '{ "name": "program" }', "no JSON", "null"]) {
      writeFileSync(join(root, "program", "package.json"), manifest);
      expect(findPackageFolder(program)).toBeUndefined();
    }
  });

  it("is, for a bundle, that of the package installed beside the program", () => {
    const program = join(root, "program", "dist");
    const installed = join(root, "node_modules", "langchain-gpt-oss");
    mkdirSync(program, { recursive: true });
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(root, "program", "package.json"), '{ "name": "program" }');
    writeFileSync(join(installed, "package.json"), '{ "name": "langchain-gpt-oss" }');
    expect(findPackageFolder(program)).toBe(installed);
    expect(findPackageFolder(join(installed, "dist", "src"))).toBe(installed);
  });
});
