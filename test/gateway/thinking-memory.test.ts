import { describe, expect, it } from "@jest/globals";
import { ThinkingMemory } from "../../src/gateway/thinking-memory.ts";
import type { ChatMessage } from "../../src/inference/messages.ts";
import { type Json, testGateway } from "./support/gateway-client.ts";
import { analysis, call, end, plainAnswer, start } from "./support/scripted-source.ts";

const CHAT = "/v1/chat/completions";
const tools = [{ type: "function", function: { name: "ls" } }];
const user = { role: "user", content: "List the files." };

function calling(thought: string, written = '{"path":  "."}') {
  return [start, analysis(thought), ...call("ls", written), end({ finishReason: "tool_calls" })];
}

/** An assistant's message as most clients send it back: without its thinking. */
function withoutThinking(json: Json): Record<string, unknown> {
  const {
    reasoning: _,
    reasoning_content: __,
    ...message
  } = Object(json["choices"]?.[0]?.["message"]) as Record<string, unknown>;
  return message;
}

function resultOf(message: Record<string, unknown>, content = "a b") {
  const [first] = message["tool_calls"] as { id: string }[];
  return { role: "tool", tool_call_id: first?.id, content };
}

const thoughts = (messages: readonly ChatMessage[] | undefined) =>
  messages?.map(({ reasoning }) => reasoning).filter(Boolean);

describe("the thinking of a tool loop", () => {
  it("comes back, call after call, although the client drops it", async () => {
    const { post, source } = testGateway([calling("First."), calling("Second."), plainAnswer()]);
    const messages: object[] = [user];
    for (let round = 0; round < 2; round++) {
      const message = withoutThinking((await post(CHAT, { messages, tools })).json);
      messages.push(message, resultOf(message));
    }
    await post(CHAT, { messages, tools });
    expect(thoughts(source.requests[2]?.messages)).toEqual(["First.", "Second."]);
    // the same conversation has the same beginning in each request
    expect(source.requests[2]?.messages.slice(0, 3)).toEqual(source.requests[1]?.messages);
  });

  it("comes back through Responses too", async () => {
    const { post, source } = testGateway([calling("First."), plainAnswer()]);
    const tool = { type: "function", name: "ls" };
    const { json } = await post("/v1/responses", { input: [user], tools: [tool] });
    const item = [...(json["output"] ?? [])].find(({ type }) => String(type) === "function_call");
    const result = { type: "function_call_output", call_id: item?.["call_id"], output: "a" };
    await post("/v1/responses", { input: [user, item, result], tools: [tool] });
    expect(thoughts(source.requests[1]?.messages)).toEqual(["First."]);
  });

  it("comes back through Messages too, and with it the text of the arguments, which came back as an object", async () => {
    const { post, source } = testGateway([calling("First."), plainAnswer()]);
    const body = { tools: [{ name: "ls", input_schema: {} }], max_tokens: 9 };
    const { json } = await post("/v1/messages", { ...body, messages: [user] });
    const result = { type: "tool_result", tool_use_id: json["content"]?.[0]?.["id"], content: "a" };
    const answer = { role: "assistant", content: json["content"] };
    await post("/v1/messages", { ...body, messages: [user, answer, { role: "user", content: [result] }] });
    expect(source.requests[1]?.messages[1]?.toolCalls).toMatchObject([{ arguments: '{"path":  "."}' }]);
    expect(thoughts(source.requests[1]?.messages)).toEqual(["First."]);
  });

  it("comes back with the form in which the model wrote the header of the call", async () => {
    const header = { recipient: "channel", channel: "commentary", space: true, marker: true, type: "json" } as const;
    const writtenCalls = [{ id: "of the model server", arguments: "{}", header }];
    const first = [start, ...call("ls", "{}"), end({ finishReason: "tool_calls", writtenCalls })];
    const { post, source } = testGateway([first, plainAnswer()]);
    const message = withoutThinking((await post(CHAT, { messages: [user], tools })).json);
    await post(CHAT, { messages: [user, message, resultOf(message)], tools });
    expect(source.requests[1]?.messages[1]?.toolCalls).toMatchObject([{ header }]);
  });

  it("is the client's own where it sends some", async () => {
    const { post, source } = testGateway([calling("First."), plainAnswer()]);
    const message = withoutThinking((await post(CHAT, { messages: [user], tools })).json);
    await post(CHAT, { messages: [user, { ...message, reasoning: "Mine." }, resultOf(message)], tools });
    expect(thoughts(source.requests[1]?.messages)).toEqual(["Mine."]);
  });

  it("ends with the loop", async () => {
    const { post, source } = testGateway([calling("First."), plainAnswer("Done.")]);
    const message = withoutThinking((await post(CHAT, { messages: [user], tools })).json);
    const loop = [user, message, resultOf(message)];
    const next = [...loop, { role: "assistant", content: "Done." }, { role: "user", content: "Thanks." }];
    await post(CHAT, { messages: next, tools });
    expect(thoughts(source.requests[1]?.messages)).toEqual([]);
    // it is not remembered any longer either; the arguments are, since each prompt contains them
    await post(CHAT, { messages: loop, tools });
    expect(thoughts(source.requests[2]?.messages)).toEqual([]);
    expect(source.requests[2]?.messages[1]?.toolCalls).toMatchObject([{ arguments: '{"path":  "."}' }]);
  });

  it("is never another client's, not even of the same conversation with the same ids", async () => {
    const { post, source } = testGateway([calling("Of the first."), calling("Of the second."), plainAnswer()]);
    const both = [];
    for (let client = 0; client < 2; client++)
      both.push(withoutThinking((await post(CHAT, { messages: [user], tools })).json));
    for (const message of both) await post(CHAT, { messages: [user, message, resultOf(message)], tools });
    expect(source.requests.slice(2).map(({ messages }) => thoughts(messages))).toEqual([
      ["Of the first."],
      ["Of the second."],
    ]);
    // clients that number their calls themselves
    for (const message of both) {
      const numbered = { ...message, tool_calls: [{ ...(message["tool_calls"] as object[])[0], id: "call_0" }] };
      await post(CHAT, { messages: [user, numbered, resultOf(numbered)], tools });
    }
    expect(source.requests.slice(4).map(({ messages }) => thoughts(messages))).toEqual([[], []]);
  });

  it("is not found with another key", async () => {
    const { post, source } = testGateway([calling("First."), plainAnswer()]);
    const message = withoutThinking(
      (await post(CHAT, { messages: [user], tools }, { authorization: "Bearer one" })).json,
    );
    await post(CHAT, { messages: [user, message, resultOf(message)], tools }, { authorization: "Bearer two" });
    expect(thoughts(source.requests[1]?.messages)).toEqual([]);
  });
});

describe("the memory", () => {
  it("has a limit, and drops the oldest first", () => {
    const memory = new ThinkingMemory(1_000);
    for (let id = 0; id < 100; id++) memory.remember("c", String(id), { reasoning: "x".repeat(90), arguments: "{}" });
    expect(memory.characters).toBeLessThanOrEqual(1_000);
    expect(memory.recall("c", "99")).toBeDefined();
    expect(memory.recall("c", "0")).toBeUndefined();
    memory.remember("c", "large", { reasoning: "x".repeat(5_000), arguments: "" });
    expect(memory.characters).toBeLessThanOrEqual(1_000);
  });

  it("takes a call's own text only for the same arguments", () => {
    const memory = new ThinkingMemory();
    memory.remember("c", "a", { reasoning: "", arguments: '{"a": 1.0}' });
    const message = (written: string): ChatMessage => ({
      role: "assistant",
      content: "",
      toolCalls: [{ id: "a", name: "f", arguments: written }],
    });
    const restored = ['{"a":1}', '{"a":2}', "broken"].map(
      (written) => memory.restore("c", [message(written)])[0]?.toolCalls?.[0]?.arguments,
    );
    expect(restored).toEqual(['{"a": 1.0}', '{"a":2}', "broken"]);
  });
});
