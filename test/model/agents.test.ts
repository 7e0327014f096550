import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { Command, MemorySaver } from "@langchain/langgraph";
import { describe, expect, it } from "@jest/globals";
import {
  type AgentMiddleware,
  ClearToolUsesEdit,
  contextEditingMiddleware,
  createAgent,
  humanInTheLoopMiddleware,
  modelCallLimitMiddleware,
  modelFallbackMiddleware,
  modelRetryMiddleware,
  providerStrategy,
  summarizationMiddleware,
  todoListMiddleware,
  toolCallLimitMiddleware,
  toolStrategy,
} from "langchain";
import { z } from "zod";
import { getReasoning } from "../../src/index.ts";
import { callOf, finalText, type Reply, thinkingThen } from "../wire/support/model-server.ts";
import { calculator, expectThinkingSent, LOOP_SERVERS, startLoop, SUM, SUM_ANSWER } from "./support/loop-server.ts";

/* LangChain's agents on ChatGptOss. Between the calls of a loop the model reads its own thinking. */

const tools = [calculator];

function textOfLast({ messages }: { readonly messages: readonly { readonly text: string }[] }): string {
  return messages.at(-1)?.text ?? "";
}

describe.each(LOOP_SERVERS)("createAgent on %s", (_, kind) => {
  it("answers after a call, and tells the model its thinking", async () => {
    await using loop = await startLoop(kind);
    const agent = createAgent({ model: loop.model, tools });
    expect(textOfLast(await agent.invoke(SUM))).toBe(SUM_ANSWER);
    expect(loop.asked()).toHaveLength(2);
    expectThinkingSent(loop.asked());
  });

  it("streams messages and updates", async () => {
    await using loop = await startLoop(kind);
    const agent = createAgent({ model: loop.model, tools });
    const seen = { text: "", reasoning: "", steps: new Set<string>() };
    for await (const [mode, part] of await agent.stream(SUM, { streamMode: ["messages", "updates"] })) {
      if (mode === "updates") Object.keys(part).forEach((step) => seen.steps.add(step));
      else if (AIMessage.isInstance(part[0])) {
        seen.text += part[0].text;
        seen.reasoning += getReasoning(part[0]);
      }
    }
    expect(seen).toEqual({
      text: SUM_ANSWER,
      reasoning: "Let me see.Let me see.",
      steps: new Set(["model_request", "tools"]),
    });
    expectThinkingSent(loop.asked());
  });

  it("streams events of version 3, whose messages hold the thinking in their content", async () => {
    await using loop = await startLoop(kind);
    const run = await createAgent({ model: loop.model, tools }).streamEvents(SUM, { version: "v3" });
    const texts: string[] = [];
    for await (const message of run.messages) {
      let text = "";
      for await (const piece of message.text) text += piece;
      if (text !== "") texts.push(text);
    }
    expect(texts).toEqual([SUM_ANSWER]);
    expectThinkingSent(loop.asked());
  });
});

const MIDDLEWARE: readonly (readonly [string, (loop: Awaited<ReturnType<typeof startLoop>>) => AgentMiddleware])[] = [
  [
    "summarization",
    ({ model }) => summarizationMiddleware({ model, trigger: { fraction: 0.8 }, keep: { messages: 5 } }),
  ],
  ["a to-do list", () => todoListMiddleware()],
  ["a fallback", ({ model }) => modelFallbackMiddleware(model)],
  ["retries", () => modelRetryMiddleware({ maxRetries: 1 })],
  [
    "context editing",
    () => contextEditingMiddleware({ edits: [new ClearToolUsesEdit({ trigger: { tokens: 5_000 } })] }),
  ],
  ["a limit of model calls", () => modelCallLimitMiddleware({ runLimit: 3 })],
  ["a limit of tool calls", () => toolCallLimitMiddleware({ runLimit: 3 })],
];

describe.each(LOOP_SERVERS)("middleware on %s", (_, kind) => {
  it.each(MIDDLEWARE)("leaves the loop as it is: %s", async (_name, make) => {
    await using loop = await startLoop(kind);
    const agent = createAgent({ model: loop.model, tools, middleware: [make(loop)] });
    expect(textOfLast(await agent.invoke(SUM))).toBe(SUM_ANSWER);
    expectThinkingSent(loop.asked());
  });

  it("summarizes what is long, and keeps the open loop with its thinking", async () => {
    await using loop = await startLoop(kind, ({ messages }) =>
      JSON.stringify(messages).includes("Summarize this") ? replyOf("The user said hello.", kind.kind) : undefined,
    );
    const summarize = summarizationMiddleware({
      model: loop.model,
      trigger: { messages: 5 },
      keep: { messages: 3 },
      summaryPrompt: "Summarize this:\n{messages}",
    });
    const agent = createAgent({ model: loop.model, tools, middleware: [summarize] });
    const messages = [new HumanMessage("Hello"), new AIMessage("Hello."), ...SUM.messages];
    expect(textOfLast(await agent.invoke({ messages }))).toBe(SUM_ANSWER);
    const last = JSON.stringify(loop.asked().at(-1)?.messages);
    expect(last).toContain("The user said hello.");
    expect(last).not.toContain('"Hello."');
    expectThinkingSent(loop.asked());
  });

  it("clears old results of tools, and keeps the newest", async () => {
    await using loop = await startLoop(kind);
    const edit = new ClearToolUsesEdit({ trigger: { tokens: 1 }, keep: { messages: 1 }, placeholder: "[cleared]" });
    const agent = createAgent({ model: loop.model, tools, middleware: [contextEditingMiddleware({ edits: [edit] })] });
    const { messages } = await agent.invoke(SUM);
    await agent.invoke({ messages: [...messages, ...SUM.messages] });
    expect(JSON.stringify(loop.asked().at(-1)?.messages)).toContain("[cleared]");
    expectThinkingSent(loop.asked());
  });

  it("writes a to-do list", async () => {
    const todos = [{ content: "Add", status: "in_progress" }];
    await using loop = await startLoop(kind, ({ messages }) =>
      messages.some(({ role }) => role === "tool") ? undefined : callReply("write_todos", { todos }, kind.kind),
    );
    const agent = createAgent({ model: loop.model, tools, middleware: [todoListMiddleware()] });
    const result = await agent.invoke(SUM);
    expect(result.todos).toEqual(todos);
    expectThinkingSent(loop.asked(), "Updated todo list");
  });

  it("asks the fallback when a server fails", async () => {
    await using broken = await startLoop(kind, () => ({ status: 500, error: "out of memory" }));
    await using loop = await startLoop(kind);
    const agent = createAgent({ model: broken.model, tools, middleware: [modelFallbackMiddleware(loop.model)] });
    expect(textOfLast(await agent.invoke(SUM))).toBe(SUM_ANSWER);
    expectThinkingSent(loop.asked());
  });

  it("ends at the limit of model calls", async () => {
    await using loop = await startLoop(kind);
    const limit = modelCallLimitMiddleware({ runLimit: 1, exitBehavior: "end" });
    const agent = createAgent({ model: loop.model, tools, middleware: [limit] });
    expect(textOfLast(await agent.invoke(SUM))).toMatch(/limit/);
    expect(loop.asked()).toHaveLength(1);
  });

  it("waits for a person, and continues with the thinking", async () => {
    await using loop = await startLoop(kind);
    const agent = createAgent({
      model: loop.model,
      tools,
      middleware: [humanInTheLoopMiddleware({ interruptOn: { calculator: true } })],
      checkpointer: new MemorySaver(),
    });
    const config = { configurable: { thread_id: "1" } };
    const waiting = await agent.invoke(SUM, config);
    const { __interrupt__: interrupts = [] } = waiting;
    expect(interrupts[0]?.value).toMatchObject({ actionRequests: [{ name: "calculator" }] });
    expect(loop.asked()).toHaveLength(1);
    const answer = await agent.invoke(new Command({ resume: { decisions: [{ type: "approve" }] } }), config);
    expect(textOfLast(answer)).toBe(SUM_ANSWER);
    expectThinkingSent(loop.asked());
  });
});

describe.each(LOOP_SERVERS)("an agent on %s", (_, kind) => {
  const schema = z.object({ sum: z.number() });

  it("gives a structured response by the schema of the answer", async () => {
    await using loop = await startLoop(kind, ({ messages }) =>
      messages.at(-1)?.["role"] === "tool" ? replyOf('{"sum":42}', kind.kind) : undefined,
    );
    const agent = createAgent({ model: loop.model, tools, responseFormat: providerStrategy(schema) });
    expect((await agent.invoke(SUM)).structuredResponse).toEqual({ sum: 42 });
    expectThinkingSent(loop.asked());
  });

  it("gives a structured response by a tool", async () => {
    await using loop = await startLoop(kind, ({ messages, tools: offered }) => {
      if (messages.at(-1)?.["role"] !== "tool") return undefined;
      const names = (offered as { function: { name: string } }[]).map((tool) => tool.function.name);
      return callReply(names.find((name) => name !== "calculator") ?? "", { sum: 42 }, kind.kind);
    });
    const agent = createAgent({ model: loop.model, tools, responseFormat: toolStrategy(schema) });
    expect((await agent.invoke(SUM)).structuredResponse).toEqual({ sum: 42 });
    expectThinkingSent(loop.asked());
  });

  it("takes the schema alone: the profile says that the model keeps to it", async () => {
    await using loop = await startLoop(kind, () => replyOf('{"sum":42}', kind.kind));
    const agent = createAgent({ model: loop.model, tools: [], responseFormat: schema });
    expect((await agent.invoke(SUM)).structuredResponse).toEqual({ sum: 42 });
    expect(loop.asked()).toHaveLength(1);
  });

  it("remembers a thread by a checkpointer", async () => {
    await using loop = await startLoop(kind);
    const agent = createAgent({ model: loop.model, tools, checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: "1" } };
    await agent.invoke({ messages: [new HumanMessage("My name is Alice.")] }, config);
    await agent.invoke(SUM, config);
    expect(JSON.stringify(loop.asked().at(-1)?.messages)).toContain("Nice to meet you, Alice.");
    expectThinkingSent(loop.asked());
  });
});

function replyOf(text: string, kind: string): Reply {
  if (kind === "ours") return thinkingThen("Let me see.", finalText(text));
  return { deltas: [{ reasoning_content: "Let me see." }, { content: text }] };
}

function callReply(name: string, args: unknown, kind: string): Reply {
  if (kind === "ours") return thinkingThen("Let me see.", callOf(name, args));
  const call = { index: 0, id: "call_own", type: "function", function: { name, arguments: JSON.stringify(args) } };
  return { deltas: [{ reasoning_content: "Let me see." }, { tool_calls: [call] }], finish: "tool_calls" };
}
