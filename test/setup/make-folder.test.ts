import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { makeFolder } from "../../setup/make-folder.ts";

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

  it("says when a file stands in its place or on the way, or a link to nowhere", () => {
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

  it("comes back where the system takes no folders (/proc says ENOENT although it is there)", () => {
    expect(() => makeFolder("/proc/gpt-oss/below")).toThrow(/ENOENT|EROFS|EACCES|EPERM/);
  });
});
