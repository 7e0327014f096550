import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { AIMessage } from "@langchain/core/messages";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { createToolAgent } from "../../../chains/index.ts";
import { createChatPrompt, createMemory, createTool } from "../../../src/index.ts";
import { parsePrompt } from "../../../src/prompts/prompts.ts";
import { demoCounter, demoModel } from "../../bench/support/long-talk.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { runCli } from "../support/run-cli.ts";

const CONTEXT = 2_048;
const ROOM = 300;
let server: LiveServer;
let folder: string;
let environment: Record<string, string>;
beforeAll(async () => {
  server = await startLiveServer({ contextSize: CONTEXT });
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-window-"));
  environment = { OPENAI_BASE_URL: `${server.baseUrl}/v1`, OPENAI_API_KEY: server.apiKey };
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

describe("an agent whose tools tell more than the context holds", () => {
  it("answers nevertheless, turn after turn, and no prompt is over the window", async () => {
    // some 4,000 tokens: twice the context
    const calculator = createTool({
      name: "calculator",
      description: "Work out an arithmetic expression.",
      schema: z.object({ expression: z.string().describe("The expression, such as 2 + 3.") }),
      run: ({ expression }) => `${expression}: ${"river stone garden\n".repeat(700)}`,
    });
    const tools = [calculator];
    const model = demoModel(server);
    // the demo model was trained without a system message beside its tools
    const prompt = parsePrompt("---\nname: plain\nvariables: [input]\n---\n{{input}}", "plain.md");
    const history = new InMemoryChatMessageHistory();
    const budget = { context: CONTEXT, room: ROOM, counter: demoCounter(server) };
    const memory = createMemory({ history, budget, tools, prompt: createChatPrompt(prompt), strategy: "window" });
    const prompts: number[] = [];
    const onMessage = ({ usage_metadata: usage }: AIMessage) => prompts.push(usage?.input_tokens ?? 0);
    const chatSession = createToolAgent({ model, tools, memory, prompt, onMessage });
    for (let turn = 0; turn < 3; turn++) {
      await chatSession.invoke(`What is ${12 + turn} + 30?`);
      await memory.settled();
    }
    expect(prompts.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...prompts)).toBeLessThanOrEqual(CONTEXT - ROOM);
    // the results are sent short, and kept whole
    expect(Math.max(...prompts)).toBeGreaterThan((CONTEXT - ROOM) * 0.8);
    expect((await history.getMessages())[2]?.text.length).toBeGreaterThan(10_000);
  });

  it("gets one sentence when the message alone is too long, with exit status 4", async () => {
    const input = `${"river stone ".repeat(1_500)}\n`;
    const words = ["chat", "--model", "demo", "--no-save", "--tools", `read:${folder}`];
    const { stderr, status } = await runCli(words, { input, environment });
    expect(stderr).toMatch(
      /^This message takes \d+ tokens including formatting, but only \d+ are available: .*\n.*--cut-long/m,
    );
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(status).toBe(4);
    const asked = await runCli(["ask", "--model", "demo", "--no-save"], { input, environment });
    expect(asked).toMatchObject({ stdout: "", status: 4 });
  });
});
