import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { createToolAgent, createToolAgentChannels } from "../../../chains/index.ts";
import { type ChatGptOss, createTools, createTool, type ToolEvent, ToolError } from "../../../src/index.ts";
import { parsePrompt } from "../../../src/prompts/prompts.ts";
import { liveModel } from "../support/live-model.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

/** The demo model was trained without a system message beside its tools. */
const prompt = parsePrompt("---\nname: plain\nvariables: [input]\n---\n{{input}}", "plain.md");

const weather = createTool({
  name: "get_weather",
  description: "Get the current weather in a city.",
  schema: z.object({ city: z.string() }),
  run: ({ city }) => {
    if (city === "Paris") throw new ToolError("no station");
    return city === "Oslo" ? "snow, -3 degrees" : "sunny, 21 degrees";
  },
});

describe.each([
  ["raw", false],
  ["parsed", true],
])("an agent on a server with %s channels", (_mode, parsed) => {
  let server: LiveServer;
  let model: ChatGptOss;
  beforeAll(async () => {
    server = await startLiveServer({ parsed });
    model = await liveModel(server);
  });
  afterAll(async () => {
    await server.stop();
  });

  it("calls a tool and answers with its result, thinking shown", async () => {
    const events: ToolEvent[] = [];
    const texts = { analysis: "", commentary: "", final: "" };
    const { tools } = await createTools("calculator");
    const asked = createToolAgentChannels({ model, tools, onToolEvent: (event) => events.push(event) });
    for await (const { channel, text } of await asked.stream("What is 12 + 30?")) texts[channel] += text;
    expect(texts.final).toContain("42");
    expect(texts.analysis).not.toBe("");
    expect(events).toMatchObject([
      { type: "tool-start", name: "calculator", input: { expression: "12 + 30" } },
      { type: "tool-end", outcome: "done", result: "42" },
    ]);
  });

  it("calls twice, one after the other, and a third time for the next question", async () => {
    const history = new InMemoryChatMessageHistory();
    const inputs: unknown[] = [];
    const asked = createToolAgent({
      model,
      tools: [weather, ...(await createTools("calculator")).tools],
      prompt,
      memory: history,
      onToolEvent: (event) => {
        if (event.type === "tool-start") inputs.push(event.input);
      },
    });
    const both = await asked.invoke("What is the weather in Lima and Oslo?");
    expect(both).toContain("sunny, 21 degrees");
    expect(both).toContain("snow, -3 degrees");
    expect(await asked.invoke("What is 12 + 30?")).toContain("42");
    expect(inputs).toEqual([{ city: "Lima" }, { city: "Oslo" }, { expression: "12 + 30" }]);
    expect((await history.getMessages()).map(({ type }) => type)).toEqual([
      "human",
      "ai",
      "tool",
      "ai",
      "tool",
      "ai",
      "human",
      "ai",
      "tool",
      "ai",
    ]);
  });

  it("gets the error of a tool", async () => {
    expect(await createToolAgent({ model, tools: [weather], prompt }).invoke("What is the weather in Paris?")).toMatch(
      /fail/i,
    );
  });

  it("stops at once when it is aborted", async () => {
    const stop = new AbortController();
    const asked = createToolAgent({ model, tools: [weather], prompt });
    let text = "";
    const reading = async () => {
      for await (const piece of await asked.stream("Count to 100.", { signal: stop.signal })) {
        text += piece;
        if (text.includes("10")) stop.abort();
      }
    };
    await expect(reading()).rejects.toThrow(/abort/i);
    expect(text).not.toContain("100");
  });
});
