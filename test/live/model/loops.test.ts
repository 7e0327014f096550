import { Command, MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createAgent, humanInTheLoopMiddleware } from "langchain";
import { ChatGptOss } from "../../../src/index.ts";
import { detectCapabilities } from "../../../src/inference/capabilities.ts";
import { calculator, SUM } from "../../model/support/loop-server.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

const thread = { configurable: { thread_id: "1" } };

/** Each asks the model twice, with a call between. */
const LOOPS: Readonly<Record<string, (model: ChatGptOss) => Promise<unknown>>> = {
  "an agent": (model) => createAgent({ model, tools: [calculator] }).invoke(SUM),
  "a streamed agent": async (model) => {
    for await (const part of await createAgent({ model, tools: [calculator] }).stream(SUM)) expect(part).toBeDefined();
  },
  "an agent's events of version 3": async (model) => {
    const run = await createAgent({ model, tools: [calculator] }).streamEvents(SUM, { version: "v3" });
    for await (const message of run.messages) for await (const text of message.text) expect(text).toBeDefined();
  },
  "an agent with LangChain's content blocks": (model) =>
    createAgent({ model: model.withConfig({ outputVersion: "v1" }), tools: [calculator] }).invoke(SUM),
  "an agent that waited for a person": async (model) => {
    const middleware = [humanInTheLoopMiddleware({ interruptOn: { calculator: true } })];
    const agent = createAgent({ model, tools: [calculator], middleware, checkpointer: new MemorySaver() });
    await agent.invoke(SUM, thread);
    await agent.invoke(new Command({ resume: { decisions: [{ type: "approve" }] } }), thread);
  },
  "a graph": async (model) => {
    const asking = model.bindTools([calculator]);
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("model", async ({ messages }, config) => ({ messages: [await asking.invoke(messages, config)] }))
      .addNode("tools", new ToolNode([calculator]))
      .addEdge(START, "model")
      .addConditionalEdges("model", toolsCondition)
      .addEdge("tools", "model");
    await graph.compile().invoke(SUM);
  },
};

describe.each([
  ["raw", false],
  ["split", true],
])("on llama-server, channels %s", (_, parsed) => {
  let server: LiveServer;
  beforeAll(async () => {
    server = await startLiveServer({ parsed });
  });
  afterAll(async () => {
    await server.stop();
  });

  it.each(Object.entries(LOOPS))(
    "the thinking before a call is rendered in the next request: %s",
    async (_name, loop) => {
      const requests: object[] = [];
      const { apiKey } = server;
      const baseUrl = `${server.baseUrl}/v1`;
      const model = new ChatGptOss({
        baseUrl,
        apiKey,
        model: "demo",
        temperature: 0,
        maxTokens: 200,
        server: await detectCapabilities({ baseUrl, apiKey }),
        configuration: {
          fetch: async (url, init) => {
            if (typeof init?.body === "string") requests.push(JSON.parse(init.body) as object);
            return await fetch(url, init);
          },
        },
      });
      await loop(model);
      const { prompt } = (await server.post("/apply-template", requests.at(-1))) as { readonly prompt: string };
      const [, thinking = "", called = ""] =
        /<\|start\|>assistant<\|channel\|>analysis<\|message\|>(.+?)<\|end\|>(.*)/s.exec(prompt) ?? [];
      expect(thinking).toContain("calculator");
      expect(called).toContain("12 + 30");
      expect(called).toMatch(/functions\.calculator to=assistant/);
      expect(called).toContain("42");
    },
  );
});
