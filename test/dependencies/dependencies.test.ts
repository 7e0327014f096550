import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";

interface LockEntry {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const ALLOWED = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"]);
const lock = readFileSync(packageFile("package-lock.json"), "utf8");
const { packages } = JSON.parse(lock) as { packages: Readonly<Record<string, LockEntry>> };
const locked = Object.entries(packages).filter(([path]) => path !== "");
const production = locked.filter(([, entry]) => !entry.dev && !entry.devOptional && !entry.optional);

describe("the lock file", () => {
  it("has a hash for each package and names no registry", () => {
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(lock).not.toMatch(
      /https?:\/\/(?!(www\.)?(github\.com|opencollective\.com|patreon\.com|tidelift\.com)\/)[^"]*registry/,
    );
  });
});

describe("what is installed at a user's", () => {
  it("has licences that ask for no more than to be passed on", () => {
    expect(production.filter(([, { license }]) => !ALLOWED.has(license ?? "none"))).toEqual([]);
  });

  it("runs no script when it is installed", () => {
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  it("is small: a new dependency of ours, or of LangChain's, is to be seen", () => {
    expect(production.length).toBeLessThanOrEqual(66);
  });

  it("is pinned exactly, but for the peers and for what an application shares with it", () => {
    // two copies of these would not know each other's objects
    const shared = new Set(["langchain", "zod"]);
    const manifest = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as Record<string, object>;
    const versions = Object.entries({ ...manifest["dependencies"], ...manifest["devDependencies"] });
    const ranges = versions.filter(([, version]) => !/^(npm:.*@)?\d+\.\d+\.\d+$/.test(version as string));
    expect(new Set(ranges.map(([name]) => name))).toEqual(shared);
  });

  it("is listed in docs/dependencies.md as it is (npm run docs -- dependencies)", () => {
    const options = { cwd: packageFile(""), encoding: "utf8" } as const;
    const written = execFileSync(process.execPath, ["scripts/dependencies.mjs", "--print"], options);
    expect(readFileSync(packageFile("docs/dependencies.md"), "utf8")).toBe(written);
  });
});
