import { mkdtempSync, rmSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { runCli } from "../live/support/run-cli.ts";
import { Terminal } from "../live/support/terminal.ts";
import { standInFile } from "./stand-in-file.ts";
import { FULL_SIZE } from "./stand-in.ts";

const CTRL_C = "\u0003";
/** Loading takes 4 to 60 s, and a prompt of 500 tokens a minute and a half, on a machine with two cores. */
const DEADLINE_MS = 600_000;
/** Bytes: the model's own 12.1 GB, and 5 GB of repacked weights and buffers. */
const NEEDED_MEMORY = 18e9;

let folder: string;
let environment: Record<string, string>;
let chat: Terminal;

beforeAll(() => {
  if (freemem() < NEEDED_MEMORY)
    throw new Error(
      `This suite loads a model of 12.1 GB. It needs 18 GB of free memory, but only ${freemem()} bytes are free.`,
    );
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-full-size-"));
  environment = { GPT_OSS_DATA: folder, GPT_OSS_RUNTIME: join(folder, "run"), GPT_OSS_IDLE_SECONDS: "30" };
  const words = ["chat", "--model", standInFile(FULL_SIZE), "--context", "8192"];
  chat = new Terminal(words, environment, { deadlineMs: DEADLINE_MS });
});
afterAll(async () => {
  chat.kill();
  await runCli(["serve", "stop"], { environment });
  rmSync(folder, { recursive: true, force: true });
});

// the tests follow one conversation
describe("a chat with a model of full size", () => {
  it("shows that the model loads, and answers", async () => {
    await chat.expect(/You: /);
    chat.type("Hello\r");
    await chat.expect(/loading the model: \d+%/);
    await chat.expect(/reading the prompt: \d+% of \d+ tokens/);
    await chat.expect(/Assistant:\s+Hello from a model[\s\S]*You: /);
  });

  it("reads only what is new in the next turns", async () => {
    // llama-server 0.5.0 reads a conversation that is shorter than the sliding window (128 tokens) again from its last checkpoint
    for (const question of ["Hello again", "And once more"]) {
      chat.type(`${question}\r`);
      await chat.expect(/Assistant:\s+Hello from a model[\s\S]*You: /);
    }
    chat.type("/stats\r");
    const [, all = "", cached = ""] =
      /prompt: (\d+) tokens \((\d+) cached\)/.exec(await chat.expect(/prompt: .*cached\)/)) ?? [];
    expect(Number(all) - Number(cached)).toBeLessThan(40);
  });

  it("counts a long prompt in percent, and is back at the prompt after Ctrl-C in the middle of it", async () => {
    chat.type(`${"The quick brown fox jumps over the lazy dog. ".repeat(60)}\r`);
    await chat.expect(/reading the prompt: (?:[1-9]|\d\d)% of \d{3} tokens/);
    chat.type(CTRL_C);
    await chat.expect(/\[interrupted\]/);
    await chat.expect(/You: /);
    chat.type("Hello\r");
    await chat.expect(/Assistant:\s+Hello from a model[\s\S]*You: /);
    chat.type("exit\r");
    expect(await chat.exitStatus()).toBe(0);
  });
});
