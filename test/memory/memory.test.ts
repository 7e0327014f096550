import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { fakeModel } from "langchain";
import { array, assert as check, asyncProperty, integer } from "fast-check";
import { describe, expect, it } from "@jest/globals";
import { createConversation } from "../../chains/index.ts";
import { createMemory } from "../../src/memory/memory.ts";
import type { MemoryOptions } from "../../src/memory/memory-options.ts";
import { SessionChatMessageHistory } from "../../src/memory/session-history.ts";
import { Session } from "../../src/memory/session.ts";
import { createChatPrompt, parsePrompt } from "../../src/prompts/prompts.ts";

/** Ten for the frame, three a message, and a token a word. */
const tokensOf = (messages: readonly BaseMessage[]) =>
  messages.reduce((sum, { text }) => sum + 3 + text.split(/\s+/).filter((word) => word !== "").length, 10);
const counter = { countMessages: (messages: readonly BaseMessage[]) => Promise.resolve(tokensOf(messages)) };
const budget = { context: 150, room: 50, counter };
const prompt = createChatPrompt(
  parsePrompt("---\nname: t\nsystem: Be kind.\nvariables: [input]\n---\n{{input}}", "t.md"),
);

function memoryOf(options: Partial<MemoryOptions> = {}) {
  const history = new InMemoryChatMessageHistory();
  const notices: string[] = [];
  const memory = createMemory({ history, prompt, budget, onNotice: (notice) => notices.push(notice), ...options });
  const ask = async (input: string, answer = "It is so.") => {
    const given = await memory.invoke({ input });
    const sent = (await prompt.invoke(given)).toChatMessages();
    const keeper = memory.beginAnswer();
    keeper.add(answer);
    await keeper.end(true);
    await memory.settled();
    return sent;
  };
  return { history, memory, notices, ask };
}
const textsOf = (messages: readonly BaseMessage[]) => messages.map(({ text }) => text);
const summariesOf = (text: string, count = 50) => {
  let model = fakeModel();
  for (let call = 0; call < count; call++) model = model.respond(new AIMessage(text));
  return model;
};

describe("a memory with a window", () => {
  it("is never over its budget, keeps the system message and the newest turns whole, and changes its beginning only in cuts", async () => {
    const words = array(integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 });
    await check(
      asyncProperty(words, async (lengths) => {
        const { ask, memory, history } = memoryOf({ strategy: "window" });
        let before = { covered: 0, texts: [] as readonly string[] };
        for (const [index, length] of lengths.entries()) {
          const question = `q${index} ${"word ".repeat(length).trim()}`;
          const sent = await ask(question, `a${index}`);
          expect(tokensOf(sent)).toBeLessThanOrEqual(budget.context - budget.room);
          expect([sent[0]?.text, sent.at(-1)?.text]).toEqual(["Be kind.", question]);
          expect(sent[1]?.type).toBe("human");
          const covered = 2 * index + 1 - (sent.length - 1);
          expect(covered).toBeGreaterThanOrEqual(before.covered);
          const unchanged = covered === before.covered ? before.texts : [];
          expect(textsOf(sent).slice(0, unchanged.length)).toEqual(unchanged);
          before = { covered, texts: textsOf(sent) };
        }
        expect(memory.covered).toBeGreaterThanOrEqual(before.covered);
        expect(await history.getMessages()).toHaveLength(2 * lengths.length);
      }),
      { numRuns: 30 },
    );
  });

  it("says once what it does not send any more", async () => {
    const { ask, notices } = memoryOf({ strategy: "window" });
    for (let turn = 0; turn < 30; turn++) await ask(`question ${turn}`);
    expect(notices).toEqual([
      expect.stringMatching(
        /^The conversation is too long for the context: the oldest \d of \d turns are no longer sent to the model\.$/,
      ),
    ]);
  });

  it("keeps what a history begins with as a system message", async () => {
    const history = new InMemoryChatMessageHistory([new SystemMessage("Pinned.")]);
    const { ask } = memoryOf({ strategy: "window", history });
    for (let turn = 0; turn < 30; turn++) {
      const given = await ask(`question ${turn}`);
      expect(textsOf(given).slice(0, 2)).toEqual(["Be kind.", "Pinned."]);
    }
  });

  it("starts over when the dropped turns are undone", async () => {
    const { ask, memory, history } = memoryOf({ strategy: "window" });
    for (let turn = 0; turn < 30; turn++) await ask(`question ${turn}`);
    expect(memory.covered).toBeGreaterThan(0);
    await history.clear();
    expect(textsOf(await ask("Anew"))).toEqual(["Be kind.", "Anew"]);
  });
});

describe("a memory with summaries", () => {
  it("asks at the end of what leaves, with what was sent before it, and tells the summary from then on", async () => {
    const model = summariesOf("They greet.");
    const { ask, notices, memory } = memoryOf({ strategy: "summary", model });
    let before: readonly BaseMessage[] = [];
    for (let turn = 0; memory.covered === 0; turn++) before = await ask(`question ${turn}`);
    const asked = textsOf(model.calls[0]?.messages ?? []);
    // the system message, what leaves, the question
    expect(asked.slice(0, -1)).toEqual(textsOf(before).slice(0, 1 + memory.covered));
    expect(asked.at(-1)).toMatch(/^Summarize our conversation\./);
    const [system, ...rest] = await ask("Next");
    expect([system?.type, system?.text]).toEqual(["system", "Be kind."]);
    expect(rest[0]?.text).toBe("Summary of the conversation so far: They greet.");
    expect(notices).toEqual([expect.stringMatching(/are now sent to the model as a summary\.$/)]);
  });

  it("keeps what was noted, whatever the model says later, and asks once more when it says nothing", async () => {
    const model = fakeModel()
      .respond(new AIMessage("Alice."))
      .respond(new AIMessage(""))
      .respond(new AIMessage("A fox."));
    const { ask } = memoryOf({ model });
    let sent: readonly BaseMessage[] = [];
    for (let turn = 0; model.callCount < 3; turn++) sent = await ask(`question ${turn}`);
    sent = await ask("Next");
    expect(sent[1]?.text).toBe("Summary of the conversation so far: Alice. A fox.");
  });

  it("has a summary that has grown too long condensed", async () => {
    const words = (name: string) => `${`${name} `.repeat(12).trim()}.`;
    const model = fakeModel()
      .respond(new AIMessage(words("a")))
      .respond(new AIMessage(words("b")))
      .respond(new AIMessage("Short."));
    const { ask } = memoryOf({ model });
    for (let turn = 0; model.callCount < 3; turn++) await ask(`question ${turn}`);
    const [condense] = model.calls.at(-1)?.messages ?? [];
    expect(condense?.text).toContain(`Summary so far: ${words("a")} ${words("b")}`);
    expect((await ask("Next"))[1]?.text).toBe("Summary of the conversation so far: Short.");
  });

  it("asks about the newest windowful of a history that comes without a summary", async () => {
    const turns = Array.from({ length: 200 }, (_, turn) => [new HumanMessage(`old ${turn}`), new AIMessage("Yes.")]);
    const model = summariesOf("They count.");
    const { ask } = memoryOf({ model, history: new InMemoryChatMessageHistory(turns.flat()) });
    expect((await ask("Next"))[1]?.text).toBe("Summary of the conversation so far: They count.");
    const asked = model.calls[0]?.messages ?? [];
    expect(tokensOf(asked)).toBeLessThanOrEqual(budget.context);
    expect([model.callCount, asked.length > 10]).toEqual([1, true]);
  });

  it("drops the oldest turns when the model gives no summary, and shortens one that is too long", async () => {
    const { ask, memory } = memoryOf({ model: fakeModel().respond(new Error("no")).respond(new Error("no")) });
    for (let turn = 0; turn < 15; turn++) await ask(`question ${turn}`);
    expect(memory.covered).toBeGreaterThan(0);
    const wordy = memoryOf({ model: summariesOf("word ".repeat(500)) });
    for (let turn = 0; turn < 30; turn++)
      expect(tokensOf(await wordy.ask(`question ${turn}`))).toBeLessThanOrEqual(budget.context - budget.room);
  });

  it("is one system message in a conversation", async () => {
    const model = fakeModel();
    for (let call = 0; call < 60; call++) model.respond(new AIMessage("Yes."));
    const history = new InMemoryChatMessageHistory();
    const template = parsePrompt("---\nname: t\nsystem: Be kind.\nvariables: [input]\n---\n{{input}}", "t.md");
    const memory = createMemory({ history, prompt: createChatPrompt(template), budget, model });
    const chatSession = createConversation({ model, prompt: template, memory });
    for (let turn = 0; turn < 20; turn++) {
      await chatSession.invoke(`question ${turn}`);
      await memory.settled();
    }
    const last = model.calls.at(-1)?.messages ?? [];
    expect(last.filter(({ type }) => type === "system")).toHaveLength(1);
    expect(last[0]?.text).toBe("Be kind.\n\nSummary of the conversation so far: Yes.");
  });
});

describe("a memory that is changed between two turns", () => {
  /** A session in memory, as history. */
  const sessionHistory = () => new SessionChatMessageHistory(Session.inMemory());

  it("forgets the turns that are undone, and returns their questions, the latest first", async () => {
    const { ask, memory } = memoryOf({ history: sessionHistory(), strategy: "window" });
    for (const question of ["one", "two", "three"]) await ask(question);
    expect(await memory.undo(2)).toEqual(["three", "two"]);
    expect(textsOf(await ask("four"))).toEqual(["Be kind.", "one", "It is so.", "four"]);
    expect(await memory.undo(9)).toEqual(["four", "one"]);
    expect(await memory.undo()).toEqual([]);
  });

  it("never sends what was undone, also when a summary of it was being written", async () => {
    await check(
      asyncProperty(array(integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 25 }), async (undone) => {
        const history = sessionHistory();
        const model = summariesOf("They count.", 200);
        const { memory } = memoryOf({ history, model });
        const left: string[] = [];
        for (const [index, turns] of undone.entries()) {
          const question = `question ${index} ${"word ".repeat(12)}`;
          await memory.invoke({ input: question });
          const keeper = memory.beginAnswer();
          keeper.add("Yes.");
          await keeper.end(true);
          left.push(question);
          // a summary may be under way: nobody waits for it here
          const removed = await memory.undo(turns);
          expect(removed).toEqual(left.splice(left.length - Math.min(turns, left.length)).toReversed());
          const covered = memory.covered;
          const messages = await history.getMessages();
          expect(messages.filter(({ type }) => type === "human").map(({ text }) => text)).toEqual(left);
          expect(covered).toBeLessThanOrEqual(messages.length);
          expect(history.getSummary()?.covered ?? 0).toBeLessThanOrEqual(messages.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("rejects an undo where the history can't do it, and loses nothing", async () => {
    const { ask, memory, history } = memoryOf();
    await ask("one");
    await expect(memory.undo()).rejects.toMatchObject({ code: "usage" });
    expect(await history.getMessages()).toHaveLength(2);
  });

  it("follows a new budget, and gets turns back that fit again", async () => {
    const { ask, memory } = memoryOf({ strategy: "window" });
    for (let turn = 0; turn < 20; turn++) await ask(`question ${turn}`);
    expect(memory.covered).toBeGreaterThan(0);
    await memory.configure({ budget: { ...budget, context: 10_000 } });
    expect(textsOf(await ask("Next"))).toHaveLength(1 + 2 * 20 + 1);
    await memory.configure({ budget: { ...budget, context: 120 } });
    expect(tokensOf(await ask("Last"))).toBeLessThanOrEqual(70);
  });

  it("keeps its summary when the model or the prompt changes", async () => {
    const { ask, memory } = memoryOf({ model: summariesOf("They greet.") });
    for (let turn = 0; memory.covered === 0; turn++) await ask(`question ${turn}`);
    await memory.configure({ model: summariesOf("Other."), tools: [] });
    expect((await ask("Next"))[1]?.text).toBe("Summary of the conversation so far: They greet.");
  });
});

describe("a memory that is full", () => {
  it("says so with the strategy none", async () => {
    const { ask } = memoryOf({ strategy: "none" });
    const chatSession = async () => {
      for (let turn = 0; turn < 30; turn++) await ask(`question ${turn}`);
    };
    await expect(chatSession()).rejects.toMatchObject({ code: "context-overflow", exitStatus: 4 });
  });

  it("refuses a message that is larger than the window, with the numbers, and does not keep it", async () => {
    const { ask, history } = memoryOf({ strategy: "window" });
    await ask("Hello");
    await expect(ask("word ".repeat(200))).rejects.toThrow(
      "This message takes 218 tokens including formatting, but only 100 are available: the server's context of 150, minus 50 for the answer.",
    );
    expect(textsOf(await history.getMessages())).toEqual(["Hello", "It is so."]);
  });

  it("leaves out the middle of such a message when told to, and keeps all of it", async () => {
    const { ask, history } = memoryOf({ strategy: "window", longMessages: "cut" });
    const long = Array.from({ length: 200 }, (_, index) => `w${index}`).join(" ");
    const sent = (await ask(long)).at(-1)?.text ?? "";
    expect(sent).toMatch(/^w0 w1 [^]*\n\[… \d+ characters left out …\]\n[^]* w199$/);
    expect((await history.getMessages())[0]?.text).toBe(long);
    expect((await ask("Next")).map(({ text }) => text)).toEqual(["Be kind.", sent, "It is so.", "Next"]);
  });
});

describe("a memory without a budget", () => {
  it("sends everything", async () => {
    const { ask } = memoryOf({ budget: undefined });
    for (let turn = 0; turn < 40; turn++) await ask(`question ${turn}`);
    expect(await ask("Last")).toHaveLength(2 + 80);
  });
});

describe("counting", () => {
  it("asks nobody while the last count leaves no doubt", async () => {
    let counts = 0;
    const counting = {
      countMessages: (messages: readonly BaseMessage[]) => (counts++, counter.countMessages(messages)),
    };
    const { ask, memory } = memoryOf({ strategy: "window", budget: { context: 5_000, room: 50, counter: counting } });
    await ask("Hello");
    await memory.meter.invoke(
      new AIMessage({ content: "", usage_metadata: { input_tokens: 20, output_tokens: 5, total_tokens: 25 } }),
    );
    counts = 0;
    await memory.invoke({ input: "Next" });
    expect(counts).toBe(0);
    await memory.invoke({ input: "w ".repeat(3_000) });
    expect(counts).toBeGreaterThan(0);
  });
});

describe("a memory of an agent", () => {
  const tool = { type: "function", function: { name: "read", description: "Reads.", parameters: {} } };
  /** A tool takes twenty. */
  const withTools = {
    countMessages: (messages: readonly BaseMessage[], tools: readonly unknown[] = []) =>
      Promise.resolve(tokensOf(messages) + 20 * tools.length),
  };
  const call = new AIMessage({ content: "", tool_calls: [{ id: "1", name: "read", args: {} }] });
  const result = (words: number) => new ToolMessage({ content: "word ".repeat(words).trim(), tool_call_id: "1" });

  it("counts the tools", async () => {
    const { memory } = memoryOf({ tools: [tool], budget: { ...budget, counter: withTools } });
    expect(await memory.tokens()).toBe(10 + 3 + 2 + 3 + 20);
    await expect(memory.invoke({ input: "word ".repeat(65) })).rejects.toMatchObject({ code: "context-overflow" });
  });

  it("sends a turn as it is while it fits, and says that it does not when nothing helps", async () => {
    const { memory } = memoryOf({ budget: { ...budget, counter: withTools }, tools: [tool] });
    const small = [new HumanMessage("q"), call, result(10)];
    expect(await memory.turn(small)).toEqual(small);
    const large = [new HumanMessage("q"), call, result(9_000)];
    await expect(memory.turn(large)).rejects.toMatchObject({
      code: "context-overflow",
      exitStatus: 4,
      message: expect.stringMatching(
        /^This turn takes \d+ tokens including its tool calls, but only 100 are available.$/,
      ),
    });
  });

  it("gives up the results of earlier tools before it drops a turn", async () => {
    // a token is four bytes here, so that a result can be shortened
    const byBytes = {
      countMessages: (messages: readonly BaseMessage[]) =>
        Promise.resolve(messages.reduce((sum, { text }) => sum + Math.ceil(text.length / 4), 0)),
    };
    const { memory, history, notices } = memoryOf({
      strategy: "window",
      budget: { context: 1_500, room: 500, counter: byBytes },
    });
    await history.addMessages([new HumanMessage("Read it."), call, result(1_500), new AIMessage("It is long.")]);
    const { history: sent } = await memory.invoke({ input: "And now?" });
    expect(sent.map(({ type }) => type)).toEqual(["human", "ai", "tool", "ai"]);
    expect(sent[2]?.text).toMatch(/\[cut: 1024 of \d+ bytes are still shown, since the context is full\]$/);
    expect([memory.covered, notices]).toEqual([0, []]);
    expect((await history.getMessages())[2]?.text).toHaveLength(7_499);
  });
});
