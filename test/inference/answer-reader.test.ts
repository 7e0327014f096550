import type { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import { getPreamble, getReasoning } from "../../src/model/read-message.ts";
import { modelFor, WEATHER_TOOL } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

type Deltas = Parameters<typeof stream>[0];

const ANSWER: Readonly<Record<string, Deltas>> = {
  "raw harmony": raw(
    "<|channel|>analysis<|message|>Think, 考える.<|end|><|start|>assistant<|channel|>final<|message|>Hello, 世界!",
  ),
  "llama-server and SGLang": [
    { reasoning_content: "Think, " },
    { reasoning_content: "考える." },
    { content: "Hello, " },
    { content: "世界!" },
  ],
  vLLM: [{ reasoning: "Think, " }, { reasoning: "考える." }, { content: "Hello, 世界!" }],
  "half parsed: the thinking split off, the rest left": [
    { reasoning_content: "Think, 考える." },
    { content: "<|start|>assistant<|channel|>final<|message|>Hello, " },
    { content: "世界!" },
  ],
  "half parsed: markers lost": raw("analysisThink, 考える.assistantfinalHello, 世界!"),
};

const CALL: Readonly<Record<string, Deltas>> = {
  "raw harmony": raw(
    '<|channel|>analysis<|message|>Ask.<|end|><|start|>assistant<|channel|>commentary<|message|>One moment.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Lima"}',
  ),
  "calls split off": [
    { reasoning_content: "Ask." },
    { tool_calls: [{ index: 0, id: "abc", type: "function", function: { name: "get_weather", arguments: "{" } }] },
    { tool_calls: [{ index: 0, function: { arguments: '"city":"Lima"}' } }] },
  ],
};

function essence(message: AIMessage | AIMessageChunk) {
  const { text, tool_calls = [], invalid_tool_calls, contentBlocks } = message;
  return {
    text,
    reasoning: getReasoning(message),
    calls: tool_calls.map(({ name, args }) => ({ name, args })),
    invalid: invalid_tool_calls?.length,
    blocks: contentBlocks.map(({ type }) => type),
    finish: (message.response_metadata as { finish_reason?: string }).finish_reason,
  };
}

async function bothWays(deltas: Deltas, finish = "stop") {
  await using server = await startChatServer({ chunks: stream(deltas, { finish }) });
  const model = modelFor(server).bindTools([WEATHER_TOOL]);
  const invoked = await model.invoke("Hi");
  let streamed: AIMessageChunk | undefined;
  for await (const chunk of await model.stream("Hi")) streamed = streamed?.concat(chunk) ?? chunk;
  if (streamed === undefined) throw new Error("nothing came");
  return { invoked, streamed };
}

describe("whatever a server makes of an answer", () => {
  it.each(Object.entries(ANSWER))("%s ends as the same message", async (_, deltas) => {
    const { invoked, streamed } = await bothWays(deltas);
    const expected = {
      text: "Hello, 世界!",
      reasoning: "Think, 考える.",
      calls: [],
      invalid: 0,
      blocks: ["reasoning", "text"],
      finish: "stop",
    };
    expect(essence(invoked)).toEqual(expected);
    expect(essence(streamed)).toEqual(expected);
  });

  it.each(Object.entries(CALL))("%s: a call is a call", async (_, deltas) => {
    const { invoked, streamed } = await bothWays(deltas);
    const calls = [{ name: "get_weather", args: { city: "Lima" } }];
    const expected = expect.objectContaining({ text: "", reasoning: "Ask.", calls, invalid: 0, finish: "tool_calls" });
    expect(essence(invoked)).toEqual(expected);
    expect(essence(streamed)).toEqual(expected);
    expect(invoked.tool_calls?.[0]?.id).toMatch(/./);
  });

  it("keeps what is said before a call apart from the answer", async () => {
    const { invoked, streamed } = await bothWays(CALL["raw harmony"] ?? []);
    for (const message of [invoked, streamed]) {
      expect(getPreamble(message)).toBe("One moment.");
      expect(essence(message).blocks).toEqual(["reasoning", "non_standard", "tool_call"]);
    }
  });

  it("takes text that mentions control tokens for text, once the thinking has come apart", async () => {
    const { invoked } = await bothWays([
      { reasoning: "Why?" },
      { content: "It ends with <|end|>, then <|start|>assistant." },
    ]);
    expect(invoked.text).toBe("It ends with <|end|>, then <|start|>assistant.");
  });

  it("tells several parts of thinking apart, and several calls", async () => {
    const text =
      "<|channel|>analysis<|message|>One.<|end|><|start|>assistant<|channel|>analysis<|message|>Two.<|end|>" +
      '<|start|>assistant to=functions.a<|channel|>commentary json<|message|>{"x":1}<|call|><|start|>assistant to=functions.a<|channel|>commentary json<|message|>{"x":2}';
    const { invoked } = await bothWays(raw(text));
    expect(getReasoning(invoked)).toBe("One.\nTwo.");
    expect(invoked.tool_calls?.map(({ args }) => args)).toEqual([{ x: 1 }, { x: 2 }]);
    expect(new Set(invoked.tool_calls?.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    ["cut inside a string", '{"city":"Li'],
    ["cut behind a value", '{"city":"Lima"'],
    ["cut behind a backslash", String.raw`{"city":"Li\ `.trimEnd()],
    ["no JSON", "Lima"],
    ["no object", '"Lima"'],
  ])("arguments that are %s make no call, and stay as they are", async (_, written) => {
    const text = `<|channel|>commentary to=functions.get_weather json<|message|>${written}`;
    const { invoked, streamed } = await bothWays(raw(text), "length");
    for (const message of [invoked, streamed]) {
      expect(message.tool_calls).toEqual([]);
      expect(message.invalid_tool_calls?.[0]).toMatchObject({ name: "get_weather" });
      expect(message.invalid_tool_calls?.[0]?.args?.startsWith(written)).toBe(true);
    }
  });

  it("takes a call without arguments", async () => {
    const { invoked } = await bothWays(raw("<|channel|>commentary to=functions.now json<|message|>"));
    expect(invoked.tool_calls).toMatchObject([{ name: "now", args: {} }]);
  });

  it("returns the harmony messages", async () => {
    const text = "<|channel|>analysis<|message|>T<|end|><|start|>assistant<|channel|>final<|message|>A";
    await using server = await startChatServer({ chunks: stream(raw(text)) });
    const message = await modelFor(server).invoke("Hi", { harmony: true });
    expect(message.response_metadata).toMatchObject({
      harmony: {
        raw: text,
        messages: [
          { role: "assistant", channel: "analysis", content: "T", ended: true },
          { role: "assistant", channel: "final", content: "A", ended: false },
        ],
      },
    });
  });
});

describe("a server that gives every answer the same id", () => {
  it("does not have one answer taken for another", async () => {
    await using server = await startChatServer({ chunks: stream([{ content: "Hello" }]) });
    const model = modelFor(server);
    const [first, second] = [await model.invoke("Hi"), await model.bindTools([WEATHER_TOOL]).invoke("Hi")];
    expect(first.id).not.toBe(second.id);
    expect(second.id).toMatch(/^chatcmpl-/);
  });
});
