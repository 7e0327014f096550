import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, afterEach, beforeEach, jest } from "@jest/globals";
import type { CallbackHandlerMethods } from "@langchain/core/callbacks/base";
import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { FakeStreamingChatModel } from "@langchain/core/utils/testing";
import { fakeModel } from "langchain";
import {
  createToolAgent,
  createConversation,
  createConversationChannels,
  createChainWithMemory,
} from "../../chains/index.ts";
import {
  createStreamingRunnable,
  type StreamingRunnableOptions,
  type HarmonyPart,
  createMemory,
  type MemoryOutput,
  Session,
  SessionChatMessageHistory,
} from "../../src/index.ts";
import { parsePrompt } from "../../src/prompts/prompts.ts";
import { alone } from "./support.ts";

const RAW = "<|channel|>analysis<|message|>Think.<|end|><|start|>assistant<|channel|>final<|message|>Hello, Alice.";
const asPairs = (messages: readonly BaseMessage[]) => messages.map((message) => [message.type, message.text]);

describe("conversation", () => {
  it("answers with the final channel and remembers question and answer, without the thinking", async () => {
    const history = new InMemoryChatMessageHistory();
    const model = fakeModel().respond(new AIMessage(RAW)).respond(new AIMessage("Your name is Alice."));
    const chat = createConversation({ model, memory: history });
    expect(await chat.invoke("I am Alice.")).toBe("Hello, Alice.");
    expect(await chat.invoke("Who am I?")).toBe("Your name is Alice.");
    expect(asPairs(await history.getMessages())).toEqual([
      ["human", "I am Alice."],
      ["ai", "Hello, Alice."],
      ["human", "Who am I?"],
      ["ai", "Your name is Alice."],
    ]);
  });

  it("takes the question by its name too, and rejects anything but text", async () => {
    const model = fakeModel().respond(new AIMessage("one")).respond(new AIMessage("two"));
    const chat = createConversation({ model });
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
    for (const chat of [createConversation(options), createToolAgent({ ...options, tools: [] })]) {
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
    const chat = createConversation({ model, memory: new InMemoryChatMessageHistory() });
    await chat.invoke("Hello", { configurable: { sessionId: "a" } });
    await expect(chat.invoke("Hello", { configurable: { sessionId: "b" } })).rejects.toMatchObject({ code: "usage" });
    expect(await chat.invoke("Hello", { configurable: { sessionId: "a" } })).toBe("two");
  });

  it("sends system message, history and question", async () => {
    const model = fakeModel().respond(new AIMessage("one")).respond(new AIMessage("two"));
    const prompt = parsePrompt("---\nname: t\nsystem: Be kind.\nvariables: [input]\n---\nQ: {{input}}", "t.md");
    const chat = createConversation({ model, prompt });
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
    for await (const piece of await createConversation({ model }).stream("Hi")) pieces.push(piece);
    expect(pieces.join("")).toBe("Hello, Alice.");
    expect(pieces.length).toBeGreaterThan(3);
  });

  it("streams the same whether or not somebody listens, and tells a listener of every stage", async () => {
    const stream = async (options: { callbacks?: CallbackHandlerMethods[] }) => {
      const model = new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] });
      const parts: HarmonyPart[] = [];
      for await (const part of await createConversationChannels({ model }).stream("Hi", options)) parts.push(part);
      return parts;
    };
    const begun: (string | undefined)[] = [];
    const ended: unknown[] = [];
    const listener: CallbackHandlerMethods = {
      handleChainStart: (...[, , , , , , , name]) => void begun.push(name),
      handleChainEnd: (outputs) => void ended.push(outputs),
    };
    expect(await stream({ callbacks: [listener] })).toEqual(await stream({}));
    expect(begun).toEqual(["conversation"]);
    expect(ended).toHaveLength(begun.length);
  });

  it("keeps an answer that is cut short as far as it came", async () => {
    const history = new InMemoryChatMessageHistory();
    const model = new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] });
    let text = "";
    for await (const piece of await createConversation({ model, memory: history }).stream("Hi")) {
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
    await expect(createConversation({ model, memory: history }).invoke("Hi")).rejects.toThrow("no");
    expect(asPairs(await history.getMessages())).toEqual([["human", "Hi"]]);
  });
});

describe("conversationChannels", () => {
  it("gives the thinking too", async () => {
    const model = new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] });
    const texts = { analysis: "", commentary: "", final: "" };
    for await (const { channel, text } of await createConversationChannels({ model }).stream("Hi"))
      texts[channel] += text;
    expect(texts).toEqual({ analysis: "Think.", commentary: "", final: "Hello, Alice." });
  });
});

/** What a chain puts out here: an answer's text in brackets, anything else as it is. */
const answerIn = (piece: string) => /^\[(.*)\]$/s.exec(piece)?.[1] ?? "";

let folder: string;
let session: Session;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-remembering-"));
  session = await Session.open({ folder, id: "talk" });
});
afterEach(() => {
  session.close();
  rmSync(folder, { recursive: true });
});

/** The chain of a generator, with the memory of the test's session around it. */
function talkWith(generate: StreamingRunnableOptions<MemoryOutput, string>["generate"]) {
  const memory = createMemory({ history: new SessionChatMessageHistory(session) });
  return createChainWithMemory({ memory, chain: createStreamingRunnable({ name: "own", generate }), answerIn });
}

function saying(...pieces: string[]) {
  return talkWith(async function* () {
    yield* await Promise.resolve(pieces);
  });
}

const kept = () => session.state.messages.map(({ message, interrupted }) => [message.type, message.text, interrupted]);

describe("remembering", () => {
  it("gives the chain the question and what was said before it", async () => {
    const seen: unknown[] = [];
    const chatSession = talkWith(async function* ({ input, history }) {
      seen.push([input, history.map(({ text }) => text)]);
      yield await Promise.resolve("[はい]");
    });
    await chatSession.invoke("一つ");
    await chatSession.invoke("");
    expect(seen).toEqual([
      ["一つ", []],
      ["", ["一つ", "はい"]],
    ]);
  });

  it("hands every piece on, all of them joined when invoked, and keeps the answer's text alone", async () => {
    const pieces: string[] = [];
    for await (const piece of await saying("thinking", "[こん]", "[にちは]").stream("?")) pieces.push(piece);
    expect(pieces).toEqual(["thinking", "[こん]", "[にちは]"]);
    expect(await saying("[a]", "b").invoke("!")).toBe("[a]b");
    expect(kept()).toEqual([
      ["human", "?", false],
      ["ai", "こんにちは", false],
      ["human", "!", false],
      ["ai", "a", false],
    ]);
  });

  it("stores each piece of the answer before it is shown, and nothing else", async () => {
    const drafts: unknown[] = [];
    const draft = join(folder, "talk.draft");
    // not stream(), which reads on before it is asked to
    for await (const piece of saying("thinking", "[a]", "[b]").transform(alone("?"), {}))
      drafts.push([piece, existsSync(draft) ? readFileSync(draft, "utf8").split("\n")[1] : undefined]);
    expect(drafts).toEqual([
      ["thinking", undefined],
      ["[a]", "a"],
      ["[b]", "ab"],
    ]);
  });

  it("keeps as interrupted what was read until the reader left", async () => {
    for await (const piece of await saying("[a]", "[b]", "[c]").stream("?")) if (piece === "[b]") break;
    // a piece that was under way is kept too
    expect(kept().at(-1)).toEqual(["ai", expect.stringMatching(/^abc?$/), true]);
  });

  it("keeps as interrupted what had come when the signal was aborted, though the chain does not mind", async () => {
    const stop = new AbortController();
    const chatSession = talkWith(async function* () {
      yield await Promise.resolve("[a]");
      stop.abort();
    });
    await chatSession.invoke("?", { signal: stop.signal }).catch((error: unknown) => error);
    while (session.state.messages.length < 2) await new Promise(setImmediate);
    expect(kept().at(-1)).toEqual(["ai", "a", true]);
  });

  it("keeps as interrupted what had come when the chain failed, and passes the failure on", async () => {
    const chatSession = talkWith(async function* () {
      yield await Promise.resolve("[a]");
      throw new Error("server gone");
    });
    await expect(chatSession.invoke("?")).rejects.toThrow("server gone");
    expect(kept()).toEqual([
      ["human", "?", false],
      ["ai", "a", true],
    ]);
  });

  it("lets the caller's signal end what the memory does before the question", async () => {
    const memory = createMemory({ history: new InMemoryChatMessageHistory() });
    jest.spyOn(memory, "invoke").mockImplementation(async (_input, config) => {
      await new Promise((_resolve, reject) => {
        config?.signal?.addEventListener("abort", () => reject(new Error("the summary was aborted")));
      });
      throw new Error("nothing ends it");
    });
    const chain = createStreamingRunnable<MemoryOutput, string>({
      name: "own",
      async *generate() {
        yield await Promise.resolve("[a]");
      },
    });
    const stop = new AbortController();
    const first = createChainWithMemory({ memory, chain, answerIn }).transform(alone("?"), { signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(first.next()).rejects.toThrow("the summary was aborted");
  });

  it("keeps no answer where there was none", async () => {
    const history = new InMemoryChatMessageHistory();
    const memory = createMemory({ history });
    const chain = createStreamingRunnable<MemoryOutput, string>({
      name: "own",
      async *generate() {
        yield await Promise.resolve("thinking");
      },
    });
    await createChainWithMemory({ memory, chain, answerIn }).invoke("?");
    expect((await history.getMessages()).map(({ type }) => type)).toEqual(["human"]);
  });
});
