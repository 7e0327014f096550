import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { assert, property, string } from "fast-check";
import { GptOssError } from "../../src/errors/errors.ts";
import {
  findUserPath,
  readUserFile,
  readUserFileIfPresent,
  resolveUserPath,
  writeNewUserFile,
} from "../../src/platform/user-file.ts";

let folder: string;
const server = createServer();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-user-file-"));
  mkdirSync(join(folder, "inner"));
  writeFileSync(join(folder, "utf8.txt"), "\uFEFFこんにちは");
  writeFileSync(join(folder, "utf16.txt"), Buffer.from("\uFEFFこんにちは", "utf16le"));
  writeFileSync(join(folder, "sjis.txt"), Buffer.from([0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd]));
  writeFileSync(join(folder, "euc.txt"), Buffer.from([0xa4, 0xb3, 0xa4, 0xf3, 0xa4, 0xcb, 0xa4, 0xc1, 0xa4, 0xcf]));
  writeFileSync(join(folder, "jis.txt"), "\x1b$B$3$s$K$A$O\x1b(B");
  writeFileSync(join(folder, "a b.md"), "spaces");
  writeFileSync(join(folder, "large.txt"), "x".repeat(2_000));
  symlinkSync("loop", join(folder, "loop"));
  symlinkSync("/dev/zero", join(folder, "zero"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  await new Promise<void>((done) => server.listen(join(folder, "socket"), done));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const read = (path: string) => readUserFile(path, { folder, maxBytes: 1_000 });

function outcomeOf(path: string): string {
  try {
    read(path);
    return "text";
  } catch (error) {
    return GptOssError.isInstance(error) ? error.code : String(error);
  }
}

const onLinux = process.platform === "linux" ? it : it.skip;
// root may read and write everything
const notAsRoot = process.getuid?.() === 0 ? it.skip : it;

describe("a file that a user names", () => {
  it.each(["utf8.txt", "utf16.txt", "sjis.txt", "euc.txt", "jis.txt"])("is decoded: %s", (path) => {
    expect(read(path)).toBe("こんにちは");
  });

  it.each(["a b.md", '"a b.md"', "'a b.md'", String.raw`a\ b.md`, "inner/../a b.md"])("is found: %s", (path) => {
    expect(read(path)).toBe("spaces");
  });

  it("may be in the home folder", () => {
    expect(resolveUserPath("~/x y", folder)).toBe(join(homedir(), "x y"));
    expect(resolveUserPath('"~/x y"', folder)).toBe(join(homedir(), "x y"));
    expect(resolveUserPath("~", folder)).toBe(homedir());
    expect(resolveUserPath("~x", folder)).toBe(join(folder, "~x"));
  });

  onLinux("may be one of /proc, which has a size of 0", () => {
    expect(readUserFile("/proc/self/comm").length).toBeGreaterThan(0);
  });

  it.each([
    ["pipe", "named pipe"],
    ["socket", "socket"],
    ["zero", "device"],
    ["/dev/tty", "device"],
    ["inner", "folder"],
    [process.execPath, "too large"],
    ["large.txt", "2.0 KB"],
    ["missing.txt", "not found"],
    ["utf8.txt/x", "not found"],
    ["loop", "not found"],
    ["x".repeat(5_000), "not found"],
    ["漢".repeat(100), "not found"],
    ["a\0b", "not found"],
  ])("is refused if it is not a text file: %j", (path, fact) => {
    expect(() => read(path)).toThrow(expect.objectContaining({ code: "usage", exitStatus: 2 }));
    expect(() => read(path)).toThrow(new RegExp(fact, "i"));
  });

  it("is refused with its kind when it is not text", () => {
    writeFileSync(join(folder, "doc.pdf"), "%PDF-1.7 …");
    writeFileSync(join(folder, "data"), Buffer.from([1, 0, 2]));
    expect(() => read("doc.pdf")).toThrow(/doc\.pdf is a PDF document/);
    expect(() => read("data")).toThrow(/data is binary data/);
  });

  notAsRoot("is refused when this user may not read it", () => {
    writeFileSync(join(folder, "secret"), "x");
    chmodSync(join(folder, "secret"), 0);
    expect(() => read("secret")).toThrow(/permission/);
  });

  it("is undefined when it may be missing", () => {
    expect(readUserFileIfPresent("missing", { folder })).toBeUndefined();
    expect(findUserPath("inner", folder)?.kind).toBe("folder");
    expect(findUserPath("pipe", folder)?.kind).toBe("other");
  });

  it("never ends in anything but text or a sentence, whatever its name is", () => {
    assert(
      property(string({ unit: "binary", maxLength: 300 }), (path) => {
        expect(outcomeOf(path)).toMatch(/^(text|usage)$/);
      }),
    );
  });
});

describe("a file that a user names to be written", () => {
  let target: string;
  beforeEach(() => {
    target = mkdtempSync(join(tmpdir(), "gpt-oss-new-file-"));
  });
  afterEach(() => {
    rmSync(target, { recursive: true });
  });

  it("is readable only by its owner, and leaves no other file", () => {
    expect(writeNewUserFile('"a b.md"', "text", target)).toBe(join(target, "a b.md"));
    expect(readFileSync(join(target, "a b.md"), "utf8")).toBe("text");
    expect(statSync(join(target, "a b.md")).mode & 0o777).toBe(0o600);
    expect(readdirSync(target)).toEqual(["a b.md"]);
  });

  it("may have the longest name that the system takes", () => {
    writeNewUserFile("x".repeat(255), "text", target);
    expect(readdirSync(target)).toEqual(["x".repeat(255)]);
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
    writeFileSync(join(target, "there"), "before");
    mkdirSync(join(target, "inner"));
    symlinkSync("nowhere", join(target, "dangling"));
    expect(() => writeNewUserFile(path, "text", target)).toThrow(expect.objectContaining({ code: "storage-failed" }));
    expect(() => writeNewUserFile(path, "text", target)).toThrow(fact);
    expect(readdirSync(target).toSorted()).toEqual(["dangling", "inner", "there"]);
    expect(readFileSync(join(target, "there"), "utf8")).toBe("before");
  });

  notAsRoot("is refused in a folder that can't be written to", () => {
    chmodSync(target, 0o500);
    expect(() => writeNewUserFile("x", "text", target)).toThrow("not writable");
    chmodSync(target, 0o700);
  });
});
