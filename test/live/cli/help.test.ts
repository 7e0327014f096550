import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { runCli } from "../support/run-cli.ts";

const JAPANESE = { environment: { LC_ALL: "ja_JP.UTF-8" } };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-help-"));
  writeFileSync(join(folder, ".env"), "GPT_OSS_LANG=ja\n");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the command line's own words", () => {
  it("are in the language of the locale", async () => {
    const { stdout, stderr, status } = await runCli(["setup", "--help"], JAPANESE);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(/^使い方: gpt-oss setup \[オプション\]\n\nこのマシン用に/);
  });

  it("are in the language of a flag, or of the folder's .env", async () => {
    expect((await runCli(["ask", "--lang", "ja", "-h"])).stdout).toContain("使い方: gpt-oss ask");
    expect((await runCli(["ask", "--lang", "en", "-h"], JAPANESE)).stdout).toContain("Usage: gpt-oss ask");
    expect((await runCli(["--help"], { folder })).stdout).toContain("使い方: gpt-oss");
  });

  it("are the help where nothing is asked", async () => {
    const [bare, asked] = [await runCli([]), await runCli(["--help"])];
    expect(bare).toEqual(asked);
    expect(bare).toMatchObject({ stderr: "", status: 0 });
  });

  it.each([
    [["chta"], /chta.*コマンド.*chat/],
    [["chat", "--xyzzy"], /--xyzzy.*オプション/],
    [["setup", "--gpu", "foo"], /--gpu.*foo.*vulkan/],
    [["sessions", "show"], /引数.*<id\|title>/],
  ])("report an error in that language, once, and end with 2: %j", async (words, message) => {
    const { stdout, stderr, status } = await runCli(words, JAPANESE);
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(message),
      expect.stringMatching(/gpt-oss.* --help$/),
    ]);
  });

  it("report an error in English without a setting", async () => {
    const { stderr, status } = await runCli(["chta"]);
    expect(stderr).toMatch(/^Unknown command: chta.*chat/);
    expect(status).toBe(2);
  });

  it("describe what a shell completes", async () => {
    expect((await runCli(["complete", "--", "se"], JAPANESE)).stdout).toMatch(/^serve\tほかのプログラム用/m);
  });
});
