import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { BROWSER_NAMESPACE, PYTHON_NAMESPACE, renderHarmony } from "../../../src/harmony/index.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { additions } from "./support/additions.ts";
import { type ConversationRequest, conversations } from "./support/conversations.ts";
import { historyOf, withArgumentsAsWritten } from "./support/history.ts";
import { promptOf } from "./support/prompt.ts";

const DATE = { current_date: "2026-01-31" };

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(async () => {
  await server.stop();
});

const both = [...conversations, ...additions];

describe("renderHarmony", () => {
  it.each(both)("writes what the server's template writes: %s", async (_, request) => {
    const dated: ConversationRequest = {
      ...request,
      chat_template_kwargs: { ...DATE, names: true, ...request.chat_template_kwargs },
    };
    const { messages, options } = historyOf(dated);
    expect(renderHarmony(messages, options)).toBe(await promptOf(server, withArgumentsAsWritten(dated)));
  });

  /** Prompts of openai/harmony's test-data; test/harmony/namespaces.test.ts compares renderHarmony with them. */
  it.each([
    ["browser", [BROWSER_NAMESPACE]],
    ["browser and python", [BROWSER_NAMESPACE, PYTHON_NAMESPACE]],
  ])("declares as harmony's test data does: %s", async (_, namespaces) => {
    const kwargs = { current_date: "2025-06-28", namespaces };
    const prompt = await promptOf(server, { messages: [], chat_template_kwargs: kwargs, add_generation_prompt: false });
    const expected = renderHarmony([], { currentDate: "2025-06-28", namespaces });
    expect(prompt.slice(0, expected.lastIndexOf("<|end|>"))).toBe(expected.slice(0, expected.lastIndexOf("<|end|>")));
  });

  it.each([
    { channel: "analysis", text: "I was thin" },
    { channel: "final", text: "The answer" },
  ])("ends inside an answer to be resumed: $channel", async (resumeFrom) => {
    const messages = [{ role: "user", content: "Hello" }];
    const kwargs = { ...DATE, continue_from: resumeFrom };
    const prompt = await promptOf(server, { messages, chat_template_kwargs: kwargs });
    expect(renderHarmony(messages, { currentDate: "2026-01-31", resumeFrom })).toBe(prompt);
    expect(prompt).toMatch(`<|channel|>${resumeFrom.channel}<|message|>${resumeFrom.text}`);
  });
});
