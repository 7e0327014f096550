import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { checkRuntimeFolder, makeRuntimeFolder, runtimePaths } from "../../src/llama-server/runtime-folder.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "gpt-oss-runtime-")));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const named = (path: string) => runtimePaths({ GPT_OSS_RUNTIME: path }, folder);
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("runtimePaths", () => {
  it("is in the cache folder, one a machine, unless it is named", () => {
    expect(runtimePaths({}, "/cache").socket).toBe(`/cache/run/${hostname()}/supervisor.sock`);
    expect(runtimePaths({ GPT_OSS_RUNTIME: "/run/mine" }, "/cache").lock).toBe("/run/mine/lock");
    expect(runtimePaths({ GPT_OSS_RUNTIME: "mine" }, "/cache").folder).toBe(join(process.cwd(), "mine"));
  });

  it("finds a short path for a long one, the same each time and another for another", () => {
    const long = (name: string) => runtimePaths({}, `/${"日本語".repeat(10)}/${name}`);
    expect(Buffer.byteLength(long("a").socket)).toBeLessThanOrEqual(103);
    expect(long("a")).toEqual(long("a"));
    expect(long("a").folder).not.toBe(long("b").folder);
  });

  it("leaves a cache folder that others can write to, for one in the temporary folder", () => {
    chmodSync(folder, 0o777);
    expect(runtimePaths({}, join(folder, "cache")).folder.startsWith(tmpdir())).toBe(true);
    expect(runtimePaths({}, join(folder, "cache")).folder).not.toContain(folder);
  });
});

describe("makeRuntimeFolder", () => {
  it("makes it for this user alone, also where it was open", () => {
    const paths = named(join(folder, "run"));
    makeRuntimeFolder(paths);
    expect(modeOf(paths.folder)).toBe(0o700);
    chmodSync(paths.folder, 0o755);
    makeRuntimeFolder(paths);
    expect(modeOf(paths.folder)).toBe(0o700);
  });

  it("closes no folder that holds other things, and uses none that others can write to", () => {
    writeFileSync(join(folder, "other"), "");
    chmodSync(folder, 0o755);
    expect(() => makeRuntimeFolder(named(folder))).toThrow(/other/);
    expect(modeOf(folder)).toBe(0o755);
    rmSync(join(folder, "other"));
    for (const mode of [0o777, 0o1777, 0o772]) {
      chmodSync(folder, mode);
      expect(() => makeRuntimeFolder(named(folder))).toThrow(folder);
      expect(statSync(folder).mode & 0o1777).toBe(mode);
    }
  });

  it("refuses what is not a folder, and links that never end", () => {
    writeFileSync(join(folder, "file"), "");
    symlinkSync("round", join(folder, "round"));
    for (const path of ["file", "file/run", "round", "round/run"]) {
      expect(() => makeRuntimeFolder(named(join(folder, path)))).toThrow(folder);
    }
  });

  it("follows links of this user's", () => {
    mkdirSync(join(folder, "far", "away"), { recursive: true, mode: 0o700 });
    symlinkSync("far/../far/./away", join(folder, "near"));
    const paths = named(join(folder, "near", "run"));
    makeRuntimeFolder(paths);
    expect(modeOf(join(folder, "far", "away", "run"))).toBe(0o700);
    expect(checkRuntimeFolder(paths)).toBe(true);
  });
});

describe("checkRuntimeFolder", () => {
  it("finds no folder where none is, and makes none", () => {
    expect(checkRuntimeFolder(named(join(folder, "none", "run")))).toBe(false);
    expect(() => statSync(join(folder, "none"))).toThrow("ENOENT");
  });

  it("refuses what is not a socket in the socket's place", () => {
    writeFileSync(join(folder, "file"), "");
    linkSync(join(folder, "file"), join(folder, "supervisor.sock"));
    expect(() => checkRuntimeFolder(named(folder))).toThrow("supervisor.sock");
    rmSync(join(folder, "supervisor.sock"));
    symlinkSync("elsewhere", join(folder, "supervisor.sock"));
    expect(() => checkRuntimeFolder(named(folder))).toThrow("supervisor.sock");
  });
});
