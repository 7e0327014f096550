import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { serverPidOf } from "../support/supervised.ts";
import { Terminal } from "../support/terminal.ts";

let data: string;
let chat: Terminal | undefined;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "gpt-oss-crash-"));
});
afterEach(async () => {
  chat?.kill();
  await rm(data, { recursive: true, force: true });
});

/** What the one session on disk holds. */
async function session(): Promise<string> {
  const folder = join(data, "sessions");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
  expect(files).toHaveLength(1);
  return await readFile(join(folder, files[0] ?? ""), "utf8");
}

describe("a server that dies in the middle of an answer", () => {
  it("is started again; its answers are stored, and the next turn works", async () => {
    // a context of its own: no other test shares this server
    chat = new Terminal(["chat", "--model", "demo", "--context", "3333"], { GPT_OSS_DATA: data });
    await chat.expect(/You: /);
    chat.type("My name is Alice.\r");
    await chat.expect(/Assistant: Nice to meet you, Alice\.\nYou: /);
    const pid = await serverPidOf(chat.pid);
    expect(pid).toBeDefined();
    chat.type("Count to 100.\r");
    await chat.expect(/Assistant: 1 2 3 4 5/);
    process.kill(pid ?? 0, "SIGKILL");
    await chat.expect(/server: .*SIGKILL/);
    await chat.expect(/You: /);
    chat.type("What is my name?\r");
    await chat.expect(/Assistant: Your name is Alice\.\nYou: /);
    expect(await serverPidOf(chat.pid)).not.toBe(pid);
    const kept = await session();
    expect(kept).toContain("1 2 3 4 5");
    expect(kept).not.toContain("98 99 100");
    chat.type("exit\r");
    expect(await chat.exitStatus()).toBe(0);
  });
});
