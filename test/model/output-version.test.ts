import { type AIMessageChunk, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { ChatGptOssCallOptions } from "../../src/model/call-options.ts";
import type { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import { modelFor, WEATHER_TOOL } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

const CALL = {
  chunks: stream(
    raw(
      '<|channel|>analysis<|message|>Ask.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather json<|message|>{"city":"Lima"}',
    ),
  ),
};
const ANSWER = {
  chunks: stream(raw("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello!")),
};

afterEach(() => {
  delete process.env["LC_OUTPUT_VERSION"];
});

async function streamed(model: Pick<ChatGptOss, "stream">, call: ChatGptOssCallOptions): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of await model.stream("Hi", call)) whole = whole?.concat(chunk) ?? chunk;
  if (whole === undefined) throw new Error("nothing came");
  return whole;
}

describe.each(["the call", "the environment"])("LangChain's standard content, asked for by %s", (where) => {
  const options = (): ChatGptOssCallOptions => {
    if (where === "the environment") process.env["LC_OUTPUT_VERSION"] = "v1";
    return where === "the call" ? { outputVersion: "v1" } : {};
  };

  it("is what a message holds", async () => {
    await using server = await startChatServer(ANSWER);
    const call = options();
    const model = modelFor(server);
    const message = await model.invoke("Hi", call);
    expect(message.content).toEqual([
      { type: "reasoning", reasoning: "Hm." },
      { type: "text", text: "Hello!" },
    ]);
    expect(message.contentBlocks).toEqual(message.content);
    const whole = await streamed(model, call);
    expect(whole.contentBlocks).toMatchObject(message.contentBlocks);
    for (const { text } of [message, whole]) expect(text).toBe("Hello!");
  });

  it("holds calls too, and goes out again as it came", async () => {
    await using server = await startChatServer(CALL, CALL, ANSWER);
    const call = options();
    const model = modelFor(server).bindTools([WEATHER_TOOL]);
    const message = await model.invoke("Hi", call);
    const [{ id = "" } = {}] = message.tool_calls ?? [];
    const args = { city: "Lima" };
    expect(message.content).toEqual([
      { type: "reasoning", reasoning: "Ask." },
      { type: "tool_call", id, name: "get_weather", args },
    ]);
    const whole = await streamed(model, call);
    expect(whole.tool_calls).toMatchObject([{ name: "get_weather", args }]);
    expect(whole.contentBlocks).toMatchObject([
      { type: "reasoning", reasoning: "Ask." },
      { type: "tool_call_chunk", name: "get_weather", args: JSON.stringify(args) },
    ]);
    await model.invoke([new HumanMessage("Hi"), message, new ToolMessage("sunny", id)], call);
    expect(server.requests.at(-1)?.messages[1]).toMatchObject({
      reasoning_content: "Ask.",
      tool_calls: [{ id, function: { name: "get_weather", arguments: '{"city":"Lima"}' } }],
    });
  });
});
