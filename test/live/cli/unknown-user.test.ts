import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { canBeOtherUser, OTHER_UID } from "../support/other-user.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "gpt-oss-home-"));
  chownSync(home, OTHER_UID, OTHER_UID);
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Runs the program with a uid that has no account, as a container does. */
function run(words: readonly string[], environment: Readonly<Record<string, string>>) {
  const user = [`--reuid=${OTHER_UID}`, `--regid=${OTHER_UID}`, "--clear-groups"];
  return spawnSync("setpriv", [...user, process.execPath, packageFile("dist/src/cli.js"), ...words], {
    cwd: "/",
    encoding: "utf8",
    env: { PATH: process.env["PATH"], LC_ALL: "C", ...environment },
  });
}

(canBeOtherUser() ? describe : describe.skip)("a uid without an account", () => {
  it("finds its server's place, also where the path of its home is too long", () => {
    for (const path of ["run", "long".repeat(40)]) {
      const { status, stderr } = run(["serve", "status"], { HOME: home, GPT_OSS_RUNTIME: join(home, path) });
      expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
    }
  });

  it("needs no home where every folder is named, and is otherwise told what to set", () => {
    const named = { GPT_OSS_CACHE: home, GPT_OSS_DATA: home, HF_HOME: home };
    expect(run(["serve", "status"], named).status).toBe(3);
    expect(run(["sessions"], named).status).toBe(0);
    const { status, stderr } = run(["doctor"], {});
    expect(status).toBe(2);
    expect(stderr).toContain("HOME");
  });
});
