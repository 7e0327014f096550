import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { PROTOCOL_VERSION } from "../../../src/llama-server/protocol.ts";
import { runtimePaths } from "../../../src/llama-server/runtime-folder.ts";
import { canBeOtherUser, OTHER_UID, OtherUsersListener } from "../support/other-user.ts";
import { runCli } from "../support/run-cli.ts";

const hello = { type: "hello", protocol: PROTOCOL_VERSION, version: "9.9.9", pid: 1 };
const COMMANDS: readonly (readonly string[])[] = [
  ["serve", "status"],
  ["serve", "stop"],
  ["serve", "logs"],
  ["doctor", "--json"],
  ["serve", "--model", "demo", "--detach"],
  ["ask", "--model", "demo", "--no-save", "A secret question"],
  ["chat", "--model", "demo"],
];

let shared: string;
beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), "gpt-oss-shared-"));
  chmodSync(shared, 0o1777);
});
afterEach(() => {
  rmSync(shared, { recursive: true, force: true });
});

/** A folder of another user's, with a listener of his where the supervisor's socket would be. */
async function foreignFolder(folder: string): Promise<OtherUsersListener> {
  mkdirSync(folder, { recursive: true });
  chownSync(folder, OTHER_UID, OTHER_UID);
  return await OtherUsersListener.start(join(folder, "supervisor.sock"), hello);
}

/** Each command refuses, with what is in the way, and the listener was not even connected to. */
async function expectRefusal(
  runtime: string,
  listener: OtherUsersListener,
  culprit: string,
  commands: typeof COMMANDS = COMMANDS.slice(0, 1),
): Promise<void> {
  for (const words of commands) {
    const { status, stdout, stderr } = await runCli(words, {
      environment: { GPT_OSS_RUNTIME: runtime },
      input: "Hello\n",
    });
    expect({ words, status }).not.toEqual({ words, status: 0 });
    expect(`${stdout}${stderr}`).toContain(culprit);
    expect(stdout).not.toContain("OPENAI_BASE_URL");
  }
  expect(listener.said).toBe("listening\n");
}

(canBeOtherUser() ? describe : describe.skip)("a runtime folder that another user controls", () => {
  it("is refused by every command before anything connects", async () => {
    const folder = join(shared, "run");
    await using listener = await foreignFolder(folder);
    await expectRefusal(folder, listener, `uid ${OTHER_UID}`, COMMANDS);
  });

  it("is refused in the temporary folder, where a long path ends up", async () => {
    const long = join(shared, "long".repeat(30));
    const { folder } = runtimePaths({ GPT_OSS_RUNTIME: long }, "/nowhere");
    try {
      await using listener = await foreignFolder(folder);
      await expectRefusal(long, listener, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is refused behind a link, of another user or of one's own", async () => {
    await using listener = await foreignFolder(join(shared, "theirs"));
    symlinkSync("theirs", join(shared, "link"));
    await expectRefusal(join(shared, "link"), listener, join(shared, "theirs"));
  });

  it("is refused when only the socket is another user's", async () => {
    const folder = join(shared, "mine");
    mkdirSync(folder, { mode: 0o700 });
    await using listener = await foreignFolder(join(shared, "theirs"));
    renameSync(join(shared, "theirs", "supervisor.sock"), join(folder, "supervisor.sock"));
    await expectRefusal(folder, listener, join(folder, "supervisor.sock"));
  });

  it("is refused when another user could exchange it: a folder above it is his, or open to all", async () => {
    await using listener = await foreignFolder(join(shared, "theirs"));
    mkdirSync(join(shared, "theirs", "run"), { mode: 0o700 });
    await expectRefusal(join(shared, "theirs", "run"), listener, join(shared, "theirs"));
    mkdirSync(join(shared, "open", "run"), { recursive: true, mode: 0o700 });
    chmodSync(join(shared, "open"), 0o777);
    await expectRefusal(join(shared, "open", "run"), listener, join(shared, "open"));
  });
});
