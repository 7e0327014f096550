import { afterEach, describe, expect, it } from "@jest/globals";
import { type ScriptedServer, type Step, startScriptedServer } from "../support/scripted-server.ts";
import { Terminal } from "../support/terminal.ts";

const CTRL_C = "\u0003";

const servers: ScriptedServer[] = [];
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  for (const server of servers.splice(0)) await server.stop();
});

async function chatOn(steps: readonly Step[], environment: Record<string, string> = {}) {
  const server = await startScriptedServer(steps);
  servers.push(server);
  const chat = new Terminal(["chat", "--base-url", server.url, "--no-save"], environment);
  terminals.push(chat);
  await chat.expect(/You: /);
  return { chat, server };
}

const THINKING: Step[] = [{ content: "<|channel|>analysis<|message|>" }, { content: "Well, " }];
const ANSWERING: Step[] = [{ content: "<|channel|>final<|message|>" }, { content: "one two three " }];
const TABLE: Step[] = [{ content: "<|channel|>final<|message|>| a | b |\n|---|---|\n" }, { content: "| 1 | 2 |\n" }];

describe("Ctrl-C while an answer is on its way", () => {
  it.each<[state: string, steps: Step[], sign: RegExp]>([
    ["nothing has come", [{ wait: 60_000 }], /waiting/],
    ["the prompt is read", [{ processed: 100, total: 400 }, { wait: 60_000 }], /reading the prompt: 25% of 400 tokens/],
    ["it thinks", THINKING, /thinking \d+ s, \d+ tokens {2}.*Well,/],
    ["it answers", ANSWERING, /Assistant: one two three one two/],
    ["a table is written", TABLE, /table, \d+ rows so far/],
  ])("gives the prompt back when %s", async (_state, steps, sign) => {
    const { chat, server } = await chatOn(steps);
    chat.type("Go\r");
    await chat.expect(sign);
    chat.type(CTRL_C);
    await chat.expect(/Type \/continue to resume\. \[interrupted\]\nYou: /);
    // what was asked is not answered any more
    const { requests } = server;
    for (let wait = 0; wait < 100 && server.left < requests.length; wait++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.left).toBe(requests.length);
    chat.type("exit\r");
    expect(await chat.exitStatus()).toBe(0);
  });

  it("keeps what was typed meanwhile", async () => {
    const { chat, server } = await chatOn(ANSWERING);
    chat.type("First\r");
    await chat.expect(/one two three/);
    chat.type("Second\r");
    chat.type(CTRL_C);
    await chat.expect(/\[interrupted\]\nYou: Second\n/);
    await chat.expect(/one two three/);
    expect(server.requests).toHaveLength(2);
  });
});

describe("Ctrl-C at the prompt", () => {
  it("clears the line, says how to leave, and leaves", async () => {
    const { chat } = await chatOn(ANSWERING);
    chat.type(`日本語${CTRL_C}`);
    chat.type(CTRL_C);
    await chat.expect(/Press Ctrl-C again, or Ctrl-D, to exit\.\nYou: /);
    chat.type(CTRL_C);
    expect(await chat.exitStatus()).toBe(130);
    // the terminal is as it was: no bracketed paste any more
    expect(chat.written.lastIndexOf("\u001B[?2004l")).toBeGreaterThan(chat.written.lastIndexOf("\u001B[?2004h"));
  });

  it("gives up a message of several lines", async () => {
    const { chat, server } = await chatOn(ANSWERING);
    chat.type('"""one\r');
    await chat.expect(/\.\.\. {2}/);
    chat.type("two\r");
    await chat.expect(/\.\.\. {2}/);
    chat.type(CTRL_C);
    await chat.expect(/You: /);
    expect(server.requests).toEqual([]);
  });
});

describe("/continue", () => {
  it("says that a foreign server can't resume inside an answer", async () => {
    const { chat } = await chatOn(ANSWERING);
    chat.type("Go\r");
    await chat.expect(/one two three/);
    chat.type(CTRL_C);
    await chat.expect(/\[interrupted\]\nYou: /);
    chat.type("/continue\r");
    await chat.expect(
      /This server can't continue a partial answer: its chat template is not gpt-oss's own\.\nUse .*\nYou: /,
    );
  });
});
