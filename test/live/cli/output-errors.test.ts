import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { cliEnvironment } from "../support/cli-environment.ts";

function runInShell(words: string, redirection: string, environment: Record<string, string> = {}) {
  const command = `"$0" "${packageFile("dist/src/cli.js")}" ${words} ${redirection}`;
  return spawnSync("sh", ["-c", command, process.execPath], {
    encoding: "utf8",
    env: cliEnvironment(environment),
    timeout: 50_000,
  });
}

// a disk that is always full
const withFullDevice = existsSync("/dev/full") ? describe : describe.skip;

withFullDevice("output that can't be written", () => {
  it.each(["config", "config --json", "completion zsh", "--help", "--version", "doctor", "experiment list"])(
    "ends %s with a sentence and status 1",
    (words) => {
      const { status, stderr } = runInShell(words, "> /dev/full");
      expect(stderr).toMatch(/No space left on device\.\n$/);
      expect(stderr).not.toContain("    at ");
      expect(status).toBe(1);
    },
  );

  it("is said in Japanese", () => {
    expect(runInShell("config", "> /dev/full", { LC_ALL: "ja_JP.UTF-8" }).stderr).toMatch(
      /[ぁ-ん].*No space left on device/,
    );
  });

  it("does not keep standard output from being written when it is standard error", () => {
    const { status, stdout } = runInShell("config --json", "2> /dev/full");
    expect([status, stdout[0]]).toEqual([0, "{"]);
  });
});
