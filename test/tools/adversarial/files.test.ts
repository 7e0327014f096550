import { spawnSync } from "node:child_process";
import { chmod, lstat, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type AgentTool, type Approve, createTools } from "../../../src/index.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { type FileFolder, makeFileFolder, SECRET } from "../support/file-folder.ts";

/** Everything here is an attempt to make tools do what they must not; none may succeed. */

let folder: FileFolder;
let tools: readonly AgentTool[];
beforeEach(async () => {
  folder = await makeFileFolder();
  tools = await filesWith(answering("session"));
});
afterEach(async () => {
  await folder.remove();
});

async function filesWith(approve: Approve): Promise<readonly AgentTool[]> {
  return (await createTools([{ kind: "files", path: folder.root }], { approve })).tools;
}

const ABROAD = /is outside of the folder|does not exist|is not a folder|is a link|not a regular file|NUL/;

describe("reading out of the folder", () => {
  it.each([
    ["..", "../secret.txt"],
    ["a way through a folder", "sub/../../secret.txt"],
    ["many ..", "../../../../../../../../etc/passwd"],
    ["an absolute path", "/etc/passwd"],
    ["a folder whose name begins alike", "../root-beside/secret.txt"],
    ["a NUL character", "sub/a.txt\0/../../secret.txt"],
    ["an encoded ..", "%2e%2e/secret.txt"],
    ["a backslash", String.raw`..\secret.txt`],
    ["a home folder", "~/.ssh/id_rsa"],
    ["the process", "/proc/self/environ"],
    ["a device", "/dev/zero"],
  ])("by %s", async (_how, path) => {
    for (const [name, input] of [
      ["read_file", { path }],
      ["list_files", { path }],
      ["search_files", { query: "secret", path }],
    ] as const) {
      const result = await callTool(tools, name, input);
      expect(result).toMatch(ABROAD);
      expect(result).not.toContain(SECRET);
    }
  });

  it.each([
    ["a link to a file", "../secret.txt", "link"],
    ["a link to a folder", "..", "link/secret.txt"],
    ["a link through the process's root", "/proc/self/root", "link/etc/passwd"],
    ["a link to a device", "/dev/zero", "link"],
  ])("by %s", async (_how, target, path) => {
    await folder.link("link", target);
    expect(await callTool(tools, "read_file", { path })).toMatch(ABROAD);
    expect(await callTool(tools, "list_files", { path: "link" })).toMatch(ABROAD);
    expect(await callTool(tools, "search_files", { query: "neighbour" })).not.toContain(SECRET);
  });

  it("by a link to a link", async () => {
    await folder.link("one", "two");
    await folder.link("two", "../secret.txt");
    expect(await callTool(tools, "read_file", { path: "one" })).toMatch(ABROAD);
  });

  it("by links in a circle, which must not hang either", async () => {
    await folder.link("one", "two");
    await folder.link("two", "one");
    expect(await callTool(tools, "read_file", { path: "one" })).toMatch(ABROAD);
  });

  it("by a named pipe, which must not hang", async () => {
    spawnSync("mkfifo", [folder.path("pipe")]);
    expect(await callTool(tools, "read_file", { path: "pipe" })).toMatch(/not a regular file/);
  });

  it("by a file that is swapped for a link again and again", async () => {
    await folder.write("a.txt", "harmless");
    await symlink("../secret.txt", folder.path("evil"));
    const results = await whileSwapping("a.txt", "evil", () => callTool(tools, "read_file", { path: "a.txt" }));
    expect(results.join("")).not.toContain(SECRET);
    expect(await callTool(tools, "read_file", { path: "a.txt" })).toBe("1\tharmless");
  });

  it("by a folder that is swapped for a link again and again", async () => {
    await folder.write("dir/secret.txt", "harmless");
    await symlink("..", folder.path("evil"));
    const results = await whileSwapping("dir", "evil", () => callTool(tools, "read_file", { path: "dir/secret.txt" }));
    expect(results.join("")).not.toContain(SECRET);
  });
});

/** Exchanges two names as fast as it can while an action runs a hundred times. */
async function whileSwapping(one: string, other: string, action: () => Promise<string>): Promise<string[]> {
  const stop = new AbortController();
  const swapping = (async () => {
    while (!stop.signal.aborted) {
      await rename(folder.path(one), folder.path("between"));
      await rename(folder.path(other), folder.path(one));
      await rename(folder.path(one), folder.path(other));
      await rename(folder.path("between"), folder.path(one));
      await setTimeout(1);
    }
  })();
  const results: string[] = [];
  for (let time = 0; time < 100; time++) results.push(await action());
  stop.abort();
  await swapping;
  return results;
}

describe("writing out of the folder", () => {
  const write = (path: string, by = tools) => callTool(by, "write_file", { path, content: "evil" });
  const secret = () => readFile(join(folder.around, "secret.txt"), "utf8");

  it.each(["../secret.txt", "sub/../../secret.txt", "../new.txt", "/tmp/gpt-oss-evil.txt", ".", "sub/.."])(
    "to %s",
    async (path) => {
      expect(await write(path)).toMatch(/outside of the folder|needs a name/);
      expect(await secret()).toBe(SECRET);
      await expect(stat(join(folder.around, "new.txt"))).rejects.toThrow("ENOENT");
    },
  );

  it("through a link to a file", async () => {
    await folder.link("link", "../secret.txt");
    expect(await write("link")).toMatch(ABROAD);
    expect(await secret()).toBe(SECRET);
  });

  it("through a link that leads nowhere yet", async () => {
    await folder.link("link", "../new.txt");
    expect(await write("link")).toMatch(ABROAD);
    await expect(lstat(join(folder.around, "new.txt"))).rejects.toThrow("ENOENT");
  });

  it("through a link to a folder, into folders that are not there", async () => {
    await folder.link("link", "..");
    expect(await write("link/deep/er/new.txt")).toMatch(ABROAD);
    await expect(stat(join(folder.around, "deep"))).rejects.toThrow("ENOENT");
  });

  it.each([
    ".git/hooks/pre-commit",
    "sub/.git/config",
    ".GIT/hooks/post-checkout",
    ".g\u200Cit/config",
    "sub/.git./config",
    ".ｇit/x",
  ])("into %s, where programs run from", async (path) => {
    expect(await write(path)).toMatch(/Nothing is written into \.git/);
  });

  it.each([
    ".envrc",
    ".env",
    "sub/.env.local",
    ".husky/pre-commit",
    ".vscode/tasks.json",
    ".vscode/settings.json",
    ".idea/workspace.xml",
    "node_modules/.bin/tsc",
    "node_modules/x/index.js",
    ".npmrc",
    ".yarnrc.yml",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "Makefile",
    "sub/package.json",
    ".bashrc",
    ".profile",
    ".zshrc",
    ".ssh/authorized_keys",
    ".config/autostart/x.desktop",
    "x.desktop",
    "systemd/user/x.service",
    "cron.d/x",
    "Dockerfile",
    "Dockerfile.dev",
    "conftest.py",
    "jest.config.ts",
    "pyproject.toml",
    "Cargo.toml",
    "build.rs",
    "docker-compose.yml",
    "bin/tool",
    ".gitattributes",
    ".gitmodules",
    "MAKEFILE",
    "Package.JSON",
    ".ENVRC",
    "./sub/../.envrc",
    "node_modules\u200B/x.js",
    "makefile.",
    "ｍakefile",
    ".git\u200B/../.envrc",
    "package.json ",
    "PACKAGE.JSON..",
  ])("to %j without separate approval and a warning", async (path) => {
    const approve = answering("session", "refused");
    const made = await filesWith(approve);
    expect(await write("plain.txt", made)).toMatch(/was written/);
    expect(await write("sub/plain.md", made)).toMatch(/was written/);
    expect(await write(path, made)).toMatch(/refused/);
    expect(approve.asked).toHaveLength(2);
    expect(approve.asked[1]?.scope).toBeUndefined();
    expect(approve.asked[1]?.question).toMatch(/run programs/);
    await expect(stat(folder.path(path))).rejects.toThrow("ENOENT");
  });

  it("to such a file through a link, or to an existing program", async () => {
    await folder.write(".envrc", "old");
    await folder.link("notes.txt", ".envrc");
    await folder.write("tool", "#!/bin/sh");
    await chmod(folder.path("tool"), 0o755);
    const approve = answering("session", "refused");
    const made = await filesWith(approve);
    expect(await write("plain.txt", made)).toMatch(/was written/);
    expect(await write("notes.txt", made)).toMatch(/refused/);
    expect(await write("tool", made)).toMatch(/refused/);
    expect(approve.asked.slice(1).every(({ scope }) => scope === undefined)).toBe(true);
  });

  it.each(["notes.md", "src/index.ts", "docs/package.md", "a.json", "data/config.csv", "日本語.txt"])(
    "(and one yes is enough for a file such as %s)",
    async (path) => {
      const approve = answering("session", "refused");
      const made = await filesWith(approve);
      expect(await write("plain.txt", made)).toMatch(/was written/);
      expect(await write(path, made)).toMatch(/was written/);
    },
  );

  it("by a folder that becomes a link while the person thinks", async () => {
    const made = await filesWith(async () => {
      await rm(folder.path("sub"), { recursive: true });
      await symlink("..", folder.path("sub"));
      return "once";
    });
    expect(await write("sub/secret.txt", made)).toMatch(/outside|changed by someone else/);
    expect(await secret()).toBe(SECRET);
  });

  it("by a file that becomes another while the person thinks", async () => {
    await folder.write("a.txt", "one");
    const made = await filesWith(async () => {
      await writeFile(folder.path("a.txt"), "two");
      return "once";
    });
    expect(await write("a.txt", made)).toMatch(/changed by someone else/);
    expect(await readFile(folder.path("a.txt"), "utf8")).toBe("two");
  });
});

describe("the attempts", () => {
  it("have a folder to break out of, so that they could succeed", async () => {
    expect(await readFile(folder.path("../secret.txt"), "utf8")).toBe(SECRET);
  });
});
