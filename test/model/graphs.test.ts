import { AIMessageChunk, SystemMessage } from "@langchain/core/messages";
import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { Command, END, interrupt, MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { describe, expect, it } from "@jest/globals";
import { createAgent } from "langchain";
import { z } from "zod";
import { type ChatGptOss, DocumentIndex, DocumentRetriever, getReasoning } from "../../src/index.ts";
import { packageFile } from "../../src/platform/folders.ts";
import { calculator, expectThinkingSent, LOOP_SERVERS, startLoop, SUM, SUM_ANSWER } from "./support/loop-server.ts";

/* LangGraph's graphs on ChatGptOss, with tools of several kinds. */

const approved = tool(
  ({ expression }) => (interrupt<unknown, boolean>({ expression }) ? "42" : "The user said no."),
  calculator,
);

function graphOf(model: ChatGptOss, tools: StructuredToolInterface[]) {
  const asking = model.bindTools(tools);
  return new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }, config) => {
      config.writer?.("asking");
      return { messages: [await asking.invoke([new SystemMessage("You are kind."), ...messages], config)] };
    })
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition, ["tools", END])
    .addEdge("tools", "model");
}

describe.each(LOOP_SERVERS)("a graph with a ToolNode on %s", (_, kind) => {
  it("answers after a call, and tells the model its thinking", async () => {
    await using loop = await startLoop(kind);
    const { messages } = await graphOf(loop.model, [calculator]).compile().invoke(SUM);
    expect(messages.map(({ type }) => type)).toEqual(["human", "ai", "tool", "ai"]);
    expect(messages.at(-1)?.text).toBe(SUM_ANSWER);
    expectThinkingSent(loop.asked());
  });

  it("streams values, updates, messages and what the nodes write", async () => {
    await using loop = await startLoop(kind);
    const graph = graphOf(loop.model, [calculator]).compile();
    const modes = { values: 0, updates: 0, messages: 0, custom: 0, tasks: 0 };
    let [text, reasoning] = ["", ""];
    const streamMode = ["values", "updates", "messages", "custom", "tasks"] as const;
    for await (const [mode, part] of await graph.stream(SUM, { streamMode: [...streamMode] })) {
      modes[mode] += 1;
      const [chunk] = mode === "messages" ? part : [];
      if (chunk === undefined || !AIMessageChunk.isInstance(chunk)) continue;
      text += chunk.text;
      reasoning += getReasoning(chunk);
    }
    expect(modes).toMatchObject({ values: 4, updates: 3, custom: 2, tasks: 6 });
    expect(modes.messages).toBeGreaterThan(4);
    expect([text, reasoning]).toEqual([SUM_ANSWER, "Let me see.Let me see."]);
    expectThinkingSent(loop.asked());
  });

  it("streams a node's model alone", async () => {
    await using loop = await startLoop(kind);
    const chunks: AIMessageChunk[] = [];
    const events = graphOf(loop.model, [calculator]).compile().streamEvents(SUM, { version: "v2" });
    for await (const { event, data } of events) {
      if (event === "on_chat_model_stream") chunks.push((data as { chunk: AIMessageChunk }).chunk);
    }
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(SUM_ANSWER);
  });

  it.each([
    [true, "42"],
    [false, "The user said no."],
  ])("is interrupted by a tool, and resumes with the thinking: %s", async (resume, result) => {
    await using loop = await startLoop(kind);
    const graph = graphOf(loop.model, [approved]).compile({ checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: "1" } };
    await graph.invoke(SUM, config);
    const { tasks } = await graph.getState(config);
    expect(tasks[0]?.interrupts[0]?.value).toEqual({ expression: "12 + 30" });
    const { messages } = await graph.invoke(new Command({ resume }), config);
    expect(messages.at(-1)?.text).toBe(`The tool says: ${result}`);
    expect(loop.asked()).toHaveLength(2);
    expectThinkingSent(loop.asked(), result);
  });

  it("goes back to an earlier checkpoint, whose thinking is still there", async () => {
    await using loop = await startLoop(kind);
    const graph = graphOf(loop.model, [calculator]).compile({ checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: "1" } };
    await graph.invoke(SUM, config);
    for await (const state of graph.getStateHistory(config)) {
      if (state.next[0] !== "tools") continue;
      await graph.invoke(null, state.config);
      break;
    }
    expect(loop.asked()).toHaveLength(3);
    expectThinkingSent(loop.asked());
  });
});

describe.each(LOOP_SERVERS)("an agent on %s", (_, kind) => {
  it("uses the tools of an MCP server", async () => {
    await using loop = await startLoop(kind);
    const server = packageFile("test/wire/support/weather-mcp.mjs");
    const client = new MultiServerMCPClient({
      mcpServers: { weather: { transport: "stdio", command: process.execPath, args: [server] } },
    });
    try {
      const agent = createAgent({ model: loop.model, tools: await client.getTools() });
      const { messages } = await agent.invoke({
        messages: [{ role: "user", content: 'Call weather with {"city": "Lima"}' }],
      });
      expect(messages.at(-1)?.text).toMatch(/^The tool says: ./);
      expectThinkingSent(loop.asked(), "Lima");
    } finally {
      await client.close();
    }
  });

  it("searches documents by a retriever", async () => {
    const index = new DocumentIndex([{ path: "sums.md", text: "12 + 30 is 42.\n" }]);
    const retriever = new DocumentRetriever({ index, k: 1 });
    const search = tool(
      async ({ expression }) => (await retriever.invoke(expression)).map(({ pageContent }) => pageContent).join("\n"),
      { name: "calculator", description: "Looks sums up.", schema: z.object({ expression: z.string() }) },
    );
    await using loop = await startLoop(kind);
    const { messages } = await createAgent({ model: loop.model, tools: [search] }).invoke(SUM);
    expect(messages.at(-1)?.text).toBe("The tool says: 12 + 30 is 42.");
    expectThinkingSent(loop.asked());
  });
});
