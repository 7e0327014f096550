import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { CallbackHandlerMethods } from "@langchain/core/callbacks/base";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { FakeStreamingChatModel } from "@langchain/core/utils/testing";
import { fakeModel } from "langchain";
import { describe, expect, it } from "@jest/globals";
import { agent, conversation, conversationChannels } from "../../chains/index.ts";
import type { HarmonyPart } from "../../src/index.ts";
import { parsePrompt } from "../../src/prompts.ts";

const RAW = "<|channel|>analysis<|message|>Think.<|end|><|start|>assistant<|channel|>final<|message|>Hello, Alice.";
const asPairs = (messages: readonly BaseMessage[]) => messages.map((message) => [message.type, message.text]);

describe("conversation", () => {
  it("answers with the final channel and remembers question and answer, without the thinking", async () => {
    const history = new InMemoryChatMessageHistory();
    const model = fakeModel().respond(new AIMessage(RAW)).respond(new AIMessage("Your name is Alice."));
    const chat = conversation({ model, history });
    expect(await chat.invoke("I am Alice.")).toBe("Hello, Alice.");
    expect(await chat.invoke("Who am I?")).toBe("Your name is Alice.");
    expect(asPairs(await history.getMessages())).toEqual([
      ["human", "I am Alice."],
      ["ai", "Hello, Alice."],
      ["human", "Who am I?"],
      ["ai", "Your name is Alice."],
    ]);
  });

  it("takes the question by its name too, and nothing that is no text", async () => {
    const model = fakeModel().respond(new AIMessage("one")).respond(new AIMessage("two"));
    const chat = conversation({ model });
    expect(await chat.invoke({ input: "Hello" })).toBe("one");
    let streamed = "";
    for await (const text of await chat.stream({ input: "Hello again" })) streamed += text;
    expect(streamed).toBe("two");
    expect(asPairs(model.calls[1]?.messages ?? []).filter(([type]) => type === "human")).toEqual([
      ["human", "Hello"],
      ["human", "Hello again"],
    ]);
    for (const given of [{}, { question: "Hi" }, 4, null, ["Hi"]]) {
      await expect(chat.invoke(given as never)).rejects.toMatchObject({ code: "usage" });
    }
    expect(model.calls).toHaveLength(2);
  });

  it.each(["in memory", "in histories of the caller's"])("keeps sessions apart, %s", async (where) => {
    const histories = new Map<string, InMemoryChatMessageHistory>();
    const history = async (sessionId: string) => {
      const known = histories.get(sessionId) ?? new InMemoryChatMessageHistory();
      histories.set(sessionId, known);
      return await Promise.resolve(known);
    };
    const model = fakeModel();
    for (let answers = 0; answers < 8; answers++) model.respond(new AIMessage("Yes."));
    const options = { model, ...(where !== "in memory" && { history }) };
    for (const chat of [conversation(options), agent({ ...options, tools: [] })]) {
      const from = model.calls.length;
      const configs = ["a", "b", "a"].map((sessionId) => ({ configurable: { sessionId: `${from}${sessionId}` } }));
      await chat.invoke({ input: "I am Alice." }, configs[0]);
      await chat.invoke("I am Bob.", configs[1]);
      await chat.invoke("Who am I?", configs[2]);
      await chat.withConfig(configs[1] ?? {}).invoke("And I?");
      const said = model.calls.slice(from).map(({ messages }) => messages.map(({ text }) => text).join(" "));
      expect(said[1]).not.toContain("Alice");
      expect(said[2]).toContain("Alice");
      expect(said[2]).not.toContain("Bob");
      expect(said[3]).toContain("Bob");
      expect(said[3]).not.toContain("Alice");
    }
  });

  it("never mixes two sessions in one history", async () => {
    const model = fakeModel().respond(new AIMessage("one")).respond(new AIMessage("two"));
    const chat = conversation({ model, history: new InMemoryChatMessageHistory() });
    await chat.invoke("Hello", { configurable: { sessionId: "a" } });
    await expect(chat.invoke("Hello", { configurable: { sessionId: "b" } })).rejects.toMatchObject({ code: "usage" });
    expect(await chat.invoke("Hello", { configurable: { sessionId: "a" } })).toBe("two");
  });

  it("sends system message, history and question", async () => {
    const model = fakeModel().respond(new AIMessage("one")).respond(new AIMessage("two"));
    const prompt = parsePrompt("---\nname: t\nsystem: Be kind.\nvariables: [input]\n---\nQ: {{input}}", "t.md");
    const chat = conversation({ model, prompt });
    await chat.invoke("a");
    await chat.invoke("b");
    expect(asPairs(model.calls[1]?.messages ?? [])).toEqual([
      ["system", "Be kind."],
      ["human", "a"],
      ["ai", "one"],
      ["human", "Q: b"],
    ]);
  });

  it("streams, with a header that is cut anywhere", async () => {
    const model = new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] });
    const pieces: string[] = [];
    for await (const piece of await conversation({ model }).stream("Hi")) pieces.push(piece);
    expect(pieces.join("")).toBe("Hello, Alice.");
    expect(pieces.length).toBeGreaterThan(3);
  });

  it("streams the same whether or not somebody listens, and tells a listener of every stage", async () => {
    const stream = async (options: { callbacks?: CallbackHandlerMethods[] }) => {
      const model = new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] });
      const parts: HarmonyPart[] = [];
      for await (const part of await conversationChannels({ model }).stream("Hi", options)) parts.push(part);
      return parts;
    };
    const begun: (string | undefined)[] = [];
    const ended: unknown[] = [];
    const listener: CallbackHandlerMethods = {
      handleChainStart: (...[, , , , , , , name]) => void begun.push(name),
      handleChainEnd: (outputs) => void ended.push(outputs),
    };
    expect(await stream({ callbacks: [listener] })).toEqual(await stream({}));
    expect(begun).toEqual(expect.arrayContaining(["StreamingChain", "HarmonyPartsParser"]));
    expect(ended).toHaveLength(begun.length);
  });

  it("keeps an answer that is cut short as far as it came", async () => {
    const history = new InMemoryChatMessageHistory();
    const model = new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] });
    let text = "";
    for await (const piece of await conversation({ model, history }).stream("Hi")) {
      text += piece;
      if (text.length >= 5) break;
    }
    const [question, answer, ...rest] = await history.getMessages();
    expect([question?.text, rest]).toEqual(["Hi", []]);
    // a piece or two that were already under way are kept too
    expect(answer?.text).toMatch(new RegExp(`^${text}`));
    expect(answer?.text.length).toBeLessThan("Hello, Alice.".length);
  });

  it("keeps the question when the model fails", async () => {
    const history = new InMemoryChatMessageHistory();
    const model = fakeModel().respond(new Error("no"));
    await expect(conversation({ model, history }).invoke("Hi")).rejects.toThrow("no");
    expect(asPairs(await history.getMessages())).toEqual([["human", "Hi"]]);
  });
});

describe("conversationChannels", () => {
  it("gives the thinking too", async () => {
    const model = new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] });
    const texts = { analysis: "", commentary: "", final: "" };
    for await (const { channel, text } of await conversationChannels({ model }).stream("Hi")) texts[channel] += text;
    expect(texts).toEqual({ analysis: "Think.", commentary: "", final: "Hello, Alice." });
  });
});
