import type { AIMessageChunk } from "@langchain/core/messages";
import { HumanMessage } from "@langchain/core/messages";
import { RunnablePassthrough } from "@langchain/core/runnables";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { describe, expect, it } from "@jest/globals";
import { createAgent, tool } from "langchain";
import { z } from "zod";
import { HarmonyOutputParser } from "../../src/model/harmony-output-parser.ts";
import { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import { getPreamble, getReasoning } from "../../src/model/read-message.ts";
import { modelFor, OWN_SERVER, WEATHER_TOOL } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

const TIMINGS = { cache_n: 4, prompt_n: 6, prompt_per_second: 100, predicted_n: 5, predicted_per_second: 50 };
const ANSWER = {
  chunks: stream(raw("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello!"), {
    timings: TIMINGS,
  }),
};
const CALL = {
  chunks: stream(
    raw(
      '<|channel|>analysis<|message|>Ask.<|end|><|start|>assistant<|channel|>commentary<|message|>Wait.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather json<|message|>{"city":"Lima"}',
    ),
  ),
};
const SUNNY = { chunks: stream(raw("<|channel|>final<|message|>It is sunny.")) };

const getWeather = tool(({ city }) => `sunny in ${city}`, {
  name: "get_weather",
  description: "Weather",
  schema: z.object({ city: z.string() }),
});

describe("ChatGptOss", () => {
  it("stays what it is when something is bound", async () => {
    await using server = await startChatServer(ANSWER);
    const closed: string[] = [];
    const model = modelFor(server, { effort: "low", server: OWN_SERVER, close: async () => void closed.push("x") });
    const bound = model.bindTools([WEATHER_TOOL]);
    expect(bound).toBeInstanceOf(ChatGptOss);
    const configured = model.withConfig({ effort: "high" }).withConfig({ maxTokens: 7, tags: ["a"] });
    expect((await configured.invoke("Hi")).text).toBe("Hello!");
    expect(server.requests[0]).toMatchObject({ reasoning_effort: "high", max_tokens: 7 });
    await configured[Symbol.asyncDispose]();
    expect(closed).toEqual(["x"]);
    expect(model.profile).toMatchObject({ structuredOutput: true, maxInputTokens: 8_192 });
  });

  it("gives usage, timings and the reason for the end, once, streamed or not", async () => {
    await using server = await startChatServer(ANSWER);
    const model = modelFor(server);
    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await model.stream("Hi")) streamed = streamed?.concat(chunk) ?? chunk;
    for (const message of [await model.invoke("Hi"), streamed]) {
      expect(message?.usage_metadata).toMatchObject({
        input_tokens: 10,
        output_tokens: 5,
        input_token_details: { cache_read: 4 },
      });
      expect(message?.response_metadata).toMatchObject({
        model_provider: "gpt-oss",
        model_name: "gpt-oss-20b",
        finish_reason: "stop",
        timings: { promptTokensPerSecond: 100, answerTokensPerSecond: 50, promptTokensRead: 6, promptTokensCached: 4 },
      });
      expect(message?.id).toMatch(/^chatcmpl-/);
    }
  });

  it("answers several at once", async () => {
    await using server = await startChatServer(ANSWER);
    const messages = await modelFor(server).batch(["a", "b", "c"]);
    expect(messages.map(({ text }) => text)).toEqual(["Hello!", "Hello!", "Hello!"]);
    expect(server.requests.map(({ messages: [first] }) => first?.["content"])).toEqual(
      expect.arrayContaining(["a", "b", "c"]),
    );
  });

  it("tells callbacks every piece, the end and a failure", async () => {
    await using server = await startChatServer(ANSWER, { status: 500, body: { error: { message: "no" } } });
    const heard: string[] = [];
    const callbacks = [
      {
        handleLLMNewToken: (token: string) => void heard.push(token),
        handleLLMEnd: () => void heard.push("[end]"),
        handleLLMError: () => void heard.push("[error]"),
      },
    ];
    await modelFor(server).invoke("Hi", { callbacks });
    expect(heard.join("")).toBe("Hello![end]");
    await expect(modelFor(server).invoke("Hi", { callbacks })).rejects.toThrow("failed");
    expect(heard.at(-1)).toBe("[error]");
  });

  it("is asked again by withRetry where that can help, and not where it can't", async () => {
    const failure = { status: 503, body: { error: { message: "Loading model" } } };
    await using server = await startChatServer(failure, ANSWER);
    const answer = await modelFor(server).withRetry({ stopAfterAttempt: 2 }).invoke("Hi");
    expect(answer.text).toBe("Hello!");
  });

  it("goes into pipes: text for a text parser, the channels for ours", async () => {
    await using server = await startChatServer(ANSWER);
    expect(await modelFor(server).pipe(new StringOutputParser()).invoke("Hi")).toBe("Hello!");
    const parts = [];
    for await (const part of await modelFor(server).pipe(new HarmonyOutputParser().withReasoning()).stream("Hi"))
      parts.push(part);
    expect(
      parts
        .filter(({ channel }) => channel === "analysis")
        .map(({ text }) => text)
        .join(""),
    ).toBe("Hm.");
    expect(
      parts
        .filter(({ channel }) => channel === "final")
        .map(({ text }) => text)
        .join(""),
    ).toBe("Hello!");
  });

  it("streams the preamble to our parser", async () => {
    await using server = await startChatServer(CALL);
    const parts = [];
    for await (const part of await modelFor(server).pipe(new HarmonyOutputParser().withReasoning()).stream("Hi"))
      parts.push(part);
    expect(
      parts
        .filter(({ channel }) => channel === "commentary")
        .map(({ text }) => text)
        .join(""),
    ).toBe("Wait.");
  });
});

describe("the event streams", () => {
  it("version 2 have every chunk", async () => {
    await using server = await startChatServer(ANSWER);
    let [text, reasoning] = ["", ""];
    for await (const { event, data } of modelFor(server)
      .pipe(new RunnablePassthrough())
      .streamEvents("Hi", { version: "v2" })) {
      if (event !== "on_chat_model_stream") continue;
      const chunk = (data as { chunk: AIMessageChunk }).chunk;
      text += chunk.text;
      reasoning += getReasoning(chunk);
    }
    expect([text, reasoning]).toEqual(["Hello!", "Hm."]);
  });

  it("version 3 have blocks of thinking, text and calls, and the metadata", async () => {
    await using server = await startChatServer(ANSWER, CALL);
    const model = modelFor(server);
    const answer = await model.streamEvents("Hi");
    expect(answer.content).toMatchObject([
      { type: "reasoning", reasoning: "Hm." },
      { type: "text", text: "Hello!" },
    ]);
    expect(answer.text).toBe("Hello!");
    expect(getReasoning(answer)).toBe("Hm.");
    expect(answer.usage_metadata).toMatchObject({ input_tokens: 10 });
    expect(answer.response_metadata).toMatchObject({
      model_provider: "gpt-oss",
      timings: { answerTokensPerSecond: 50 },
    });
    const call = await model.streamEvents("Hi");
    expect(call.tool_calls).toMatchObject([{ name: "get_weather", args: { city: "Lima" } }]);
    expect(getPreamble(call)).toBe("Wait.");
  });
});

describe("an agent", () => {
  it("calls tools with it, and sends the thinking back", async () => {
    await using server = await startChatServer(CALL, SUNNY);
    const agent = createAgent({
      model: modelFor(server, { server: OWN_SERVER }),
      tools: [getWeather],
      systemPrompt: "Be kind.",
    });
    const { messages } = await agent.invoke({ messages: [new HumanMessage("Lima?")] });
    expect(messages.map(({ text }) => text)).toEqual(["Lima?", "", "sunny in Lima", "It is sunny."]);
    expect(server.requests[1]?.messages).toMatchObject([
      { role: "system", content: "Be kind." },
      { role: "user", content: "Lima?" },
      { role: "assistant", content: "Ask.", reasoning_content: "Ask." },
      { role: "tool", content: "sunny in Lima" },
    ]);
  });

  it("streams through it", async () => {
    await using server = await startChatServer(CALL, SUNNY);
    const agent = createAgent({ model: modelFor(server), tools: [getWeather] });
    let text = "";
    for await (const [chunk] of await agent.stream(
      { messages: [new HumanMessage("Lima?")] },
      { streamMode: "messages" },
    )) {
      if (chunk.type === "ai") text += chunk.text;
    }
    expect(text).toBe("It is sunny.");
  });

  it("gets answers of a schema, without being told how", async () => {
    const Weather = z.object({ sky: z.string() });
    await using server = await startChatServer(CALL, {
      chunks: stream(raw('<|channel|>final<|message|>{"sky":"sunny"}')),
    });
    const model = modelFor(server, { server: OWN_SERVER });
    const agent = createAgent({ model, tools: [getWeather], responseFormat: Weather });
    const { structuredResponse } = await agent.invoke({ messages: [new HumanMessage("Lima?")] });
    expect(structuredResponse).toEqual({ sky: "sunny" });
    expect(server.requests[0]?.["grammar"]).toContain("final ::=");
  });
});
