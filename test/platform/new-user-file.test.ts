import {
  chmodSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { writeNewUserFile } from "../../src/platform/new-user-file.ts";

// root may write everywhere
const notAsRoot = process.getuid?.() === 0 ? it.skip : it;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-new-file-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("a file that a user names to be written", () => {
  it("is written for its owner alone, with nothing else beside it", () => {
    expect(writeNewUserFile('"a b.md"', "text", folder)).toBe(join(folder, "a b.md"));
    expect(readFileSync(join(folder, "a b.md"), "utf8")).toBe("text");
    expect(statSync(join(folder, "a b.md")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["a b.md"]);
  });

  it("may have the longest name that the system takes", () => {
    writeNewUserFile("x".repeat(255), "text", folder);
    expect(readdirSync(folder)).toEqual(["x".repeat(255)]);
  });

  it.each([
    ["there", "already exists"],
    ["inner", "already exists"],
    ["dangling", "already exists"],
    ["missing/x", "does not exist"],
    ["there/x", "does not exist"],
    ["a\0b", "not valid"],
    ["x".repeat(256), "too long"],
  ])("is refused, and nothing is left or changed: %j", (path, fact) => {
    writeFileSync(join(folder, "there"), "before");
    mkdirSync(join(folder, "inner"));
    symlinkSync("nowhere", join(folder, "dangling"));
    expect(() => writeNewUserFile(path, "text", folder)).toThrow(expect.objectContaining({ code: "storage-failed" }));
    expect(() => writeNewUserFile(path, "text", folder)).toThrow(fact);
    expect(readdirSync(folder).toSorted()).toEqual(["dangling", "inner", "there"]);
    expect(readFileSync(join(folder, "there"), "utf8")).toBe("before");
  });

  notAsRoot("is refused in a folder that can't be written to", () => {
    chmodSync(folder, 0o500);
    expect(() => writeNewUserFile("x", "text", folder)).toThrow("not writable");
    chmodSync(folder, 0o700);
  });
});
