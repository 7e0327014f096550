import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { runCli } from "../support/run-cli.ts";
import { Terminal } from "../support/terminal.ts";

const CALL = 'Use the tool run_command with {"program": "uname"}';
const TOOLS = ["--model", "demo", "--tools", "command:."];

let server: LiveServer;
let environment: Record<string, string>;
let data: string;
const terminals: Terminal[] = [];
beforeAll(async () => {
  server = await startLiveServer();
  data = await mkdtemp(join(tmpdir(), "gpt-oss-chat-tools-"));
  environment = { OPENAI_BASE_URL: `${server.baseUrl}/v1`, OPENAI_API_KEY: server.apiKey };
});
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.kill();
});
afterAll(async () => {
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

async function openChat(): Promise<Terminal> {
  const terminal = new Terminal(["chat", ...TOOLS], environment);
  terminals.push(terminal);
  await terminal.expect(/You: /);
  terminal.type(`${CALL}\r`);
  await terminal.expect(/\[tool\] run_command \{"program":"uname"\}[\s\S]*uname\s+Run this command\? \[y\/N\] /);
  return terminal;
}

describe("a chat with tools", () => {
  it("calculates, shows the call on standard error, and the answer alone on standard output", async () => {
    const words = ["chat", "--model", "demo", "--tools", "calculator"];
    const { stdout, stderr, status } = await runCli(words, { input: "What is 12 + 30?\n", environment });
    expect({ stdout, status }).toEqual({ stdout: "The tool says: 42\n", status: 0 });
    expect(stderr).toMatch(
      /\[tool\] calculator \{"expression":"12 \+ 30"\}\n\[tool\] calculator: done, \d+\.\d s, 2 bytes\n/,
    );
  });

  it("refuses tools that need approval without a terminal", async () => {
    const { stderr, status } = await runCli(["chat", ...TOOLS], { input: `${CALL}\n`, environment });
    expect(stderr).toMatch(/\[tool\] run_command: refused/);
    expect(status).toBe(0);
  });

  it("stores calls and results in the session, and continues with it", async () => {
    const kept = { ...environment, GPT_OSS_DATA: data };
    const words = ["chat", "--model", "demo", "--tools", "calculator"];
    await runCli(words, { input: "My name is Alice.\nWhat is 12 + 30?\n", environment: kept });
    const { stdout } = await runCli([...words, "--continue"], { input: "What is my name?\n", environment: kept });
    expect(stdout).toBe("Your name is Alice.\n");
    const [file] = await readdir(join(data, "sessions"));
    const lines = (await readFile(join(data, "sessions", file ?? ""), "utf8")).split("\n");
    expect(lines.filter((line) => line.includes('"tool_calls"') || line.includes('"tool_call_id"'))).toHaveLength(2);
  });

  it("names a tool that there is not", async () => {
    const { stderr, status } = await runCli(["chat", "--tools", "calcualtor"], { environment });
    expect(stderr).toMatch(/"calcualtor"\.\n.*calculator, /m);
    expect(status).toBe(2);
  });

  it.each([
    ["y\r", /\[tool\] run_command: done/],
    ["n\r", /\[tool\] run_command: refused/],
    ["\u0003", /\[tool\] run_command: refused/],
  ])("asks in the terminal, and takes %j", async (typed, outcome) => {
    const chat = await openChat();
    chat.type(typed);
    await chat.expect(outcome);
    await chat.expect(/Assistant: [\s\S]*\nYou: /);
    chat.type("exit\r");
    expect(await chat.exitStatus()).toBe(0);
  });
});
