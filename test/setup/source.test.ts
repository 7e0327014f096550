import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { llamaFolders } from "../../setup/folders.ts";
import { fetchSource, hasSource } from "../../setup/source.ts";
import { type Phrase, phraseIn } from "../../src/failures/failure.ts";

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

function options(gitUrl: string, environment: Readonly<Record<string, string | undefined>> = process.env) {
  return { folders: llamaFolders(join(folder, "cache"), "v0.5.0", "cpu"), gitUrl, environment };
}

describe("fetchSource", () => {
  it("refuses a repository whose tag is another tree, and leaves none of it behind", async () => {
    const request = options(await strangeRepository());
    await expect(fetchSource(request)).rejects.toMatchObject({
      code: "source-unavailable",
      message: expect.stringMatching(/is not llama\.cpp v0\.5\.0: its tree is [0-9a-f]{40}, not fd570ef/),
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
      onNotice: (notice: Phrase) => notices.push(phraseIn("en", notice)),
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
      message: expect.stringContaining("SHA-512 is not the pinned one"),
    });
    expect(existsSync(join(request.folders.downloads, "node-llama-cpp-3.22.1.tgz"))).toBe(false);
  });

  it("stops at once when it is told to", async () => {
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
