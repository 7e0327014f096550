import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { llamaFolders } from "../../src/platform/folders.ts";
import { fetchSource, gitFetchCommands, hasSource } from "../../setup/source.ts";
import { type LocalizedText, localize } from "../../src/i18n/error-messages.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-source-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A local repository with the tag v0.5.0, but not llama.cpp. */
async function strangeRepository(): Promise<string> {
  const repository = join(folder, "repository");
  await mkdir(repository);
  await writeFile(join(repository, "README.md"), "something else\n");
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.org", ...words]);
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "-m", "something else");
  git("tag", "v0.5.0");
  return repository;
}

/** An `npm` on PATH before the real one; the script sees npm's words as "$@". */
async function environmentWithNpm(script: string): Promise<Record<string, string>> {
  const programs = join(folder, "programs");
  await mkdir(programs);
  await writeFile(join(programs, "npm"), `#!/bin/sh\n${script}\n`);
  await chmod(join(programs, "npm"), 0o755);
  return { ...(process.env as Record<string, string>), PATH: programs + delimiter + (process.env["PATH"] ?? "") };
}

/** What git hands to a hook of a linked worktree during `git commit FILE`, and the repository that it is about. */
async function hookOfWorktree(): Promise<{ repository: string; environment: Record<string, string> }> {
  const repository = await strangeRepository();
  const git = (...words: string[]) => execFileSync("git", ["-C", repository, ...words]);
  git("worktree", "add", "--quiet", "tree");
  await writeFile(join(repository, ".git", "hooks", "pre-commit"), `#!/bin/sh\nenv -0 > ${join(folder, "hook")}\n`);
  await chmod(join(repository, ".git", "hooks", "pre-commit"), 0o755);
  await writeFile(join(repository, "tree", "README.md"), "staged\n");
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  execFileSync("git", ["-C", join(repository, "tree"), ...author, "commit", "--quiet", "-m", "one", "README.md"]);
  const lines = (await readFile(join(folder, "hook"), "utf8")).split("\0").filter((line) => line !== "");
  return { repository, environment: Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2))) };
}

/** Every file below a folder with its content. */
async function snapshot(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await readFile(file, "base64")])));
}

function options(gitUrl: string, environment: Readonly<Record<string, string | undefined>> = process.env) {
  return { folders: llamaFolders(join(folder, "cache"), "v0.5.0", "cpu"), gitUrl, environment };
}

describe("fetchSource", () => {
  it("leaves the repository alone from whose hook it is run", async () => {
    const { repository, environment } = await hookOfWorktree();
    expect(environment).toHaveProperty("GIT_INDEX_FILE");
    const further = { GIT_DIR: join(repository, ".git"), GIT_WORK_TREE: repository, GIT_OBJECT_DIRECTORY: folder };
    const before = await snapshot(repository);
    for (const variables of [environment, { ...environment, ...further }]) {
      const request = options(repository, variables);
      // both what is fetched and what is only looked at
      await expect(fetchSource(request)).rejects.toMatchObject({ code: "source-unavailable" });
      await mkdir(join(request.folders.source, ".git"), { recursive: true });
      expect(await hasSource(request)).toBe(false);
    }
    expect(await snapshot(repository)).toEqual(before);
  });

  it("runs no hook of the user's settings", async () => {
    const hooks = join(folder, "hooks");
    await mkdir(hooks);
    await writeFile(join(hooks, "post-checkout"), `#!/bin/sh\ntouch ${join(folder, "ran")}\n`);
    await chmod(join(hooks, "post-checkout"), 0o755);
    await writeFile(join(folder, "config"), `[core]\nhooksPath = ${hooks}\n`);
    const [, , checkout] = gitFetchCommands(await strangeRepository(), "", "");
    const words = (checkout?.arguments ?? []).map((word) => (word === "FETCH_HEAD" ? "HEAD" : word));
    const env = { ...process.env, GIT_CONFIG_GLOBAL: join(folder, "config") };
    execFileSync("git", words, { env });
    expect(existsSync(join(folder, "ran"))).toBe(false);
  });

  it("refuses a repository whose tag is another tree, and leaves none of it behind", async () => {
    const request = options(await strangeRepository());
    await expect(fetchSource(request)).rejects.toMatchObject({
      code: "source-unavailable",
      message: expect.stringMatching(/v0\.5\.0.*[0-9a-f]{40}.*fd570ef/),
    });
    expect(existsSync(request.folders.source)).toBe(false);
    expect(existsSync(`${request.folders.source}.partial`)).toBe(false);
    expect(await hasSource(request)).toBe(false);
  });

  it("turns to npm when git fails, and says both reasons when npm fails too", async () => {
    const environment = await environmentWithNpm('echo "npm error network unreachable" >&2; exit 1');
    const notices: string[] = [];
    const request = {
      ...options(join(folder, "nowhere"), environment),
      onNotice: (notice: LocalizedText) => notices.push(localize("en", notice)),
    };
    const failure = fetchSource(request);
    await expect(failure).rejects.toMatchObject({
      code: "source-unavailable",
      message: expect.stringContaining("npm: npm error network unreachable"),
      hint: expect.stringContaining("HTTPS_PROXY"),
    });
    expect(notices.join()).toContain("does not appear to be a git repository");
  });

  it("refuses an archive whose SHA-512 is not the pinned one", async () => {
    const environment = await environmentWithNpm(
      'while [ "$1" != --pack-destination ]; do shift; done; echo evil > "$2/node-llama-cpp-3.22.1.tgz"',
    );
    const request = options(join(folder, "nowhere"), environment);
    await expect(fetchSource(request)).rejects.toMatchObject({
      message: expect.stringMatching(/SHA-512.*node-llama-cpp-?@?3\.22\.1/),
    });
    expect(existsSync(join(request.folders.downloads, "node-llama-cpp-3.22.1.tgz"))).toBe(false);
  });

  it("stops at once when its signal aborts", async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(fetchSource({ ...options(folder), signal: stop.signal })).rejects.toMatchObject({
      code: "interrupted",
    });
  });

  it("does not let git ask for a password", async () => {
    const environment = await environmentWithNpm("exit 1");
    const programs = join(folder, "programs");
    await writeFile(
      join(programs, "git"),
      `#!/bin/sh\necho "$GIT_TERMINAL_PROMPT" > ${join(folder, "seen")}\nexit 1\n`,
    );
    await chmod(join(programs, "git"), 0o755);
    await expect(fetchSource(options(folder, environment))).rejects.toMatchObject({ code: "source-unavailable" });
    expect((await readFile(join(folder, "seen"), "utf8")).trim()).toBe("0");
  });
});
