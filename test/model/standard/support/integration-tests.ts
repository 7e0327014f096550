import { AIMessage, AIMessageChunk, HumanMessage, SystemMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import { expect } from "@jest/globals";
import { expectAnswer, expectNoControlTokens, joined, RecordingCache, type StandardTest } from "./standard-test.ts";

/** What LangChain's standard integration tests cover without tools. */
export const CONVERSATION_TESTS: readonly StandardTest[] = [
  {
    name: "answers",
    run: async ({ create }) => {
      expectAnswer(await create().invoke("Hello"));
    },
  },
  {
    name: "streams an answer",
    run: async ({ create }) => {
      let text = "";
      for await (const chunk of await create().stream("Hello")) {
        expect(chunk).toBeInstanceOf(AIMessageChunk);
        text += chunk.text;
      }
      expect(text).not.toBe("");
      expectNoControlTokens(text);
    },
  },
  {
    name: "answers a batch",
    run: async ({ create }) => {
      const answers = await create().batch(["Hello", "Who are you?"]);
      expect(answers).toHaveLength(2);
      for (const answer of answers) expectAnswer(answer);
    },
  },
  {
    name: "streams events that add up to its answer",
    run: async ({ create }) => {
      const names: string[] = [];
      let [streamed, output] = ["", ""];
      const model: Runnable<string, AIMessageChunk> = create();
      for await (const { event, data } of model.streamEvents("Hello", { version: "v2" })) {
        names.push(event);
        const { chunk, output: whole } = data as { chunk?: AIMessageChunk; output?: AIMessage };
        if (event === "on_chat_model_stream") streamed += chunk?.text ?? "";
        if (event === "on_chat_model_end") output = whole?.text ?? "";
      }
      expect([names[0], names.at(-1)]).toEqual(["on_chat_model_start", "on_chat_model_end"]);
      expect(new Set(names.slice(1, -1))).toEqual(new Set(["on_chat_model_stream"]));
      expect(output).not.toBe("");
      expect(streamed).toBe(output);
      expectNoControlTokens(output);
    },
  },
  {
    name: "continues a conversation",
    run: async ({ create }) => {
      const messages = [new HumanMessage("Hello"), new AIMessage("Hello."), new HumanMessage("Who are you?")];
      expectAnswer(await create().invoke(messages));
    },
  },
  {
    name: "accepts several messages of the same role in a row",
    run: async ({ create }) => {
      const messages = [
        new SystemMessage("Answer briefly."),
        new SystemMessage("Be friendly."),
        new HumanMessage("Hello"),
        new HumanMessage("Hello again"),
        new AIMessage("Hello."),
        new AIMessage("Yes?"),
        new HumanMessage("Who are you?"),
      ];
      expectAnswer(await create().invoke(messages));
    },
  },
  {
    name: "reports tokens and the model's name",
    run: async ({ create }) => {
      const { usage_metadata: usage, response_metadata: metadata } = await create().invoke("Hello");
      expectUsage(usage);
      expect(metadata["model"]).toEqual(expect.stringMatching(/./));
    },
  },
  {
    name: "reports tokens of a stream",
    run: async ({ create }) => {
      expectUsage((await joined(await create().stream("Hello"))).usage_metadata);
    },
  },
  {
    name: "ends the answer at a stop sequence, given in the call or the constructor",
    run: async ({ create }) => {
      const stop = ["Alice"];
      for (const answer of [
        await create().invoke("My name is Alice.", { stop }),
        await create({ stop }).invoke("My name is Alice."),
      ]) {
        expectAnswer(answer);
        expect(answer.text).not.toContain("Alice");
      }
    },
  },
  {
    name: "caches messages with blocks of content",
    run: async ({ create }) => {
      const cache = new RecordingCache();
      const model = create({ cache });
      const messages = [new HumanMessage({ content: [{ type: "text", text: "Hello" }] })];
      const first = await model.invoke(messages);
      const second = await model.invoke(messages);
      expectAnswer(first);
      expect(second.text).toBe(first.text);
      expect(cache.updates).toMatchObject([[{ message: second }]]);
    },
  },
];

function expectUsage(usage: AIMessage["usage_metadata"]): void {
  expect(usage).toMatchObject({
    input_tokens: expect.any(Number),
    output_tokens: expect.any(Number),
    total_tokens: expect.any(Number),
  });
  expect(usage?.input_tokens).toBeGreaterThan(0);
  expect(usage?.output_tokens).toBeGreaterThan(0);
}
