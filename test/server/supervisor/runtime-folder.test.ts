import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { makeRuntimeFolder, runtimePaths } from "../../../src/server/supervisor/runtime-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-runtime-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("runtimePaths", () => {
  it("is in the cache folder, one a machine, unless it is named", () => {
    expect(runtimePaths({}, "/cache").socket).toBe(`/cache/run/${hostname()}/supervisor.sock`);
    expect(runtimePaths({ GPT_OSS_RUNTIME: "/run/mine" }, "/cache").lock).toBe("/run/mine/lock");
  });

  it("finds a short path for a long one, the same each time and another for another", () => {
    const long = (name: string) => runtimePaths({}, `/${"日本語".repeat(10)}/${name}`);
    expect(Buffer.byteLength(long("a").socket)).toBeLessThanOrEqual(103);
    expect(long("a")).toEqual(long("a"));
    expect(long("a").folder).not.toBe(long("b").folder);
  });
});

describe("makeRuntimeFolder", () => {
  it("makes it for this user alone, also where it was open", () => {
    const paths = runtimePaths({ GPT_OSS_RUNTIME: join(folder, "run") }, folder);
    makeRuntimeFolder(paths);
    chmodSync(paths.folder, 0o755);
    makeRuntimeFolder(paths);
    expect(statSync(paths.folder).mode & 0o777).toBe(0o700);
  });

  it("refuses what is no folder", () => {
    writeFileSync(join(folder, "run"), "");
    expect(() => makeRuntimeFolder(runtimePaths({ GPT_OSS_RUNTIME: join(folder, "run") }, folder))).toThrow(
      /run can't be made \(EEXIST\), so no server can be kept there\.$/,
    );
  });
});
