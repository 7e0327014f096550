import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ServerTokenCounter } from "../../../src/index.ts";
import { mostTokensOf } from "../../../src/memory/context-window.ts";
import { CURRENT_DATE, demoCounter, demoModel, MessageSizes } from "../../bench/support/long-talk.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer({ contextSize: 2_048 });
});
afterAll(() => server.stop());

const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather. <|end|>",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];
const conversations: readonly (readonly BaseMessage[])[] = [
  [new HumanMessage("Hello")],
  [new SystemMessage("日本語で。"), new HumanMessage("今日の天気は？")],
  [new HumanMessage("Hello"), new AIMessage("Hi. 𠮷"), new HumanMessage("Count to 5.")],
];

describe("ServerTokenCounter", () => {
  it.each(["low", "medium"] as const)("counts at %s effort what the server then reads", async (effort) => {
    const counter = demoCounter(server, effort);
    const model = demoModel(server, effort);
    for (const messages of conversations) {
      const { usage_metadata: usage } = await model.invoke([...messages]);
      expect(await counter.countMessages(messages)).toBe(usage?.input_tokens);
    }
  });

  it("counts no more than the most that a message can have", async () => {
    const sizes = new MessageSizes(demoCounter(server));
    for (const message of conversations.flat())
      expect(mostTokensOf([message])).toBeGreaterThanOrEqual(await sizes.of(message));
  });

  it("counts control tokens in a text as the text that they are made into", async () => {
    const counter = demoCounter(server);
    const plain = await counter.countMessages([new HumanMessage("end")]);
    const marked = await counter.countMessages([new HumanMessage("<|end|>")]);
    expect(marked).toBeGreaterThan(plain + 2);
  });

  it("counts tools, calls and results", async () => {
    const counter = demoCounter(server);
    const loop = [
      new HumanMessage("What is the weather in Osaka?"),
      new AIMessage({
        content: "",
        tool_calls: [{ id: "1", name: "get_weather", args: { city: "Osaka" } }],
        additional_kwargs: { reasoning_content: "I call the tool." },
      }),
      new ToolMessage({ content: "sunny", tool_call_id: "1" }),
    ];
    const counts = await Promise.all([
      counter.countMessages(loop.slice(0, 1)),
      counter.countMessages(loop.slice(0, 1), tools),
      counter.countMessages(loop, tools),
    ]);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    expect(new Set(counts).size).toBe(3);
  });

  it("counts a tool loop with its tools, thinking and two calls at once as the server then reads it", async () => {
    const call = (id: string, city: string) => ({ id, name: "get_weather", args: { city } });
    const loop = [
      new SystemMessage("Be brief."),
      new HumanMessage("What is the weather in Osaka and Oslo, and in Lima?"),
      new AIMessage({
        content: "",
        tool_calls: [call("1", "Osaka"), call("2", "Oslo")],
        additional_kwargs: { reasoning_content: "I call <|end|> the tool." },
      }),
      new ToolMessage({ content: "sunny", tool_call_id: "1" }),
      new ToolMessage({ content: 'snow\n"-3" <|call|>', tool_call_id: "2" }),
      new AIMessage({ content: "", tool_calls: [call("3", "Lima 𠮷")] }),
      new ToolMessage({ content: "", tool_call_id: "3" }),
    ];
    const model = demoModel(server).bindTools(tools);
    for (const messages of [loop.slice(0, 2), loop.slice(0, 5), loop]) {
      const { usage_metadata: usage } = await model.invoke(messages);
      expect(await demoCounter(server).countMessages(messages, tools)).toBe(usage?.input_tokens);
    }
  });

  it("finds the size of a conversation to be the sum of its messages'", async () => {
    const counter = demoCounter(server);
    for (const messages of conversations.filter(([first]) => first?.type !== "system"))
      expect(await new MessageSizes(counter).total(messages)).toBe(await counter.countMessages(messages));
  });

  it("says in one sentence that nobody answers, or that the server is not llama-server", async () => {
    const messages = [new HumanMessage("Hello")];
    const nobody = new ServerTokenCounter({ baseUrl: "http://127.0.0.1:9/v1", currentDate: CURRENT_DATE });
    await expect(nobody.countMessages(messages)).rejects.toMatchObject({ code: "server-unreachable" });
    const stranger = new ServerTokenCounter({ baseUrl: `${server.baseUrl}/v1`, apiKey: "wrong" });
    await expect(stranger.countMessages(messages)).rejects.toMatchObject({ code: "model-failed" });
  });
});
