import { setTimeout as sleep } from "node:timers/promises";
import { InMemoryCache } from "@langchain/core/caches";
import type { Serialized } from "@langchain/core/load/serializable";
import type { LLMResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import {
  createToolAgentChannels,
  createComparison,
  createConversation,
  createConversationChannels,
  createExtractor,
} from "../../chains/index.ts";
import { HarmonyOutputParser } from "../../src/model/harmony-output-parser.ts";
import { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import { modelFor, OWN_SERVER } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

/*
 * What LangChain's users expect of a chat model and of runnables.
 */

const harmony = (answer: string) => ({
  chunks: stream(
    raw(`<|channel|>analysis<|message|>Think.<|end|><|start|>assistant<|channel|>final<|message|>${answer}`),
  ),
});
const PERSON = z.object({ name: z.string(), age: z.number() });
const BOB = '{"name":"Bob","age":42}';

/** What a chain gives through a step behind it: invoked, and all that it streams. */
async function bothWays<Output>(chain: Runnable<string, Output>, step: (output: Output) => string) {
  const piped = chain.pipe(step);
  let streamed = "";
  for await (const piece of await piped.stream("Extract JSON: Bob is 42 years old.")) streamed += piece;
  return { invoked: await piped.invoke("Extract JSON: Bob is 42 years old."), streamed };
}

describe("streamed chunks add up to what invoke returns", () => {
  const describePerson = ({ name, age }: Partial<z.infer<typeof PERSON>>) => `${name} is ${age}`;
  const model = async () => {
    const server = await startChatServer(harmony(BOB));
    return { server, asked: modelFor(server, { server: OWN_SERVER }) };
  };

  it("of withStructuredOutput", async () => {
    const { server, asked } = await model();
    await using closing = server;
    expect(closing.requests).toEqual([]);
    const chain = asked.withStructuredOutput(PERSON) as unknown as Runnable<string, z.infer<typeof PERSON>>;
    expect(await bothWays(chain, describePerson)).toEqual({ invoked: "Bob is 42", streamed: "Bob is 42" });
  });

  it("of extract", async () => {
    const { server, asked } = await model();
    await using closing = server;
    expect(closing.requests).toEqual([]);
    const chain = createExtractor({ model: asked, schema: PERSON }) as Runnable<string, z.infer<typeof PERSON>>;
    expect(await bothWays(chain, describePerson)).toEqual({ invoked: "Bob is 42", streamed: "Bob is 42" });
  });

  it("of compare", async () => {
    const { server, asked } = await model();
    await using closing = server;
    expect(closing.requests).toEqual([]);
    const variants = { one: createConversation({ model: asked }), two: createConversation({ model: asked }) };
    const { invoked, streamed } = await bothWays(createComparison<string>({ variants }), (list) =>
      list.map(({ variant }) => variant).join(),
    );
    expect([invoked, streamed]).toEqual(["one,two", "one,two"]);
  });

  it.each([
    ["conversationChannels", (asked: ChatGptOss) => createConversationChannels({ model: asked })],
    ["agentChannels", (asked: ChatGptOss) => createToolAgentChannels({ model: asked, tools: [] })],
    ["withReasoning", (asked: ChatGptOss) => asked.pipe(new HarmonyOutputParser().withReasoning())],
  ])("of %s", async (_, make) => {
    const { server, asked } = await model();
    await using closing = server;
    expect(closing.requests).toEqual([]);
    const chain = make(asked) as unknown as Runnable<string, { channel: string; text: string }>;
    const { invoked, streamed } = await bothWays(chain, ({ channel, text }) => `${channel}: ${text}`);
    expect(streamed).toBe(invoked);
  });
});

describe("the runs of", () => {
  const RUN_ID = "01234567-89ab-4def-8123-456789abcdef";
  const CHAINS: readonly (readonly [string, (model: ChatGptOss) => Runnable])[] = [
    ["withStructuredOutput", (model) => model.withStructuredOutput(PERSON)],
    ["conversation", (model) => createConversation({ model })],
    ["extract", (model) => createExtractor({ model, schema: PERSON })],
  ];
  it.each(CHAINS)("%s have one root with the given id, all end, and the output comes last", async (_, make) => {
    await using server = await startChatServer(harmony(BOB));
    const chain = make(modelFor(server, { server: OWN_SERVER }));
    const started: string[] = [];
    const roots: string[] = [];
    const ended: string[] = [];
    const noteStart = (runId: string, parentRunId: string | undefined) => {
      started.push(runId);
      if (parentRunId === undefined) roots.push(runId);
    };
    const handler = {
      handleChainStart: (_chain: unknown, _input: unknown, runId: string, parentRunId?: string) => {
        noteStart(runId, parentRunId);
      },
      handleChatModelStart: (_llm: unknown, _messages: unknown, runId: string, parentRunId?: string) => {
        noteStart(runId, parentRunId);
      },
      handleChainEnd: (_output: unknown, runId: string) => void ended.push(runId),
      handleLLMEnd: (_output: unknown, runId: string) => void ended.push(runId),
    };
    let output: unknown;
    const events = chain.streamEvents("Hi", { version: "v2", runId: RUN_ID, callbacks: [handler] });
    for await (const { event, run_id, data } of events) {
      if (event.endsWith("_end") && run_id === RUN_ID) output = (data as { output?: unknown }).output;
    }
    expect(roots).toEqual([RUN_ID]);
    expect(new Set(started).size).toBe(started.length);
    expect(ended.toSorted()).toEqual(started.toSorted());
    expect(output).toEqual(await chain.invoke("Hi"));
  });
});

describe("the fields of ChatOpenAI", () => {
  const construct = (baseUrl: string, fields: object) => new ChatGptOss({ baseUrl, model: "gpt-oss-20b", ...fields });
  const WAYS: readonly (readonly [string, (model: ChatGptOss) => ChatGptOss])[] = [
    ["", (model) => model],
    [" after withConfig", (model) => model.withConfig({ maxTokens: 9 })],
    [" after bindTools", (model) => model.bindTools([]) as ChatGptOss],
  ];

  it.each(WAYS)("temperature, topP and logprobs are sent%s", async (_, derive) => {
    await using server = await startChatServer(harmony("Hi"));
    await derive(construct(server.baseUrl, { temperature: 0.3, topP: 0.5, logprobs: true })).invoke("Hi");
    expect(server.requests[0]).toMatchObject({ temperature: 0.3, top_p: 0.5, logprobs: true });
  });

  it.each(WAYS)("callbacks, tags and metadata belong to each run%s", async (_, derive) => {
    await using server = await startChatServer(harmony("Hi"));
    const heard: unknown[] = [];
    const handleChatModelStart = (...given: unknown[]) => void heard.push(...given);
    await derive(
      construct(server.baseUrl, { callbacks: [{ handleChatModelStart }], tags: ["own"], metadata: { owner: "me" } }),
    ).invoke("Hi");
    expect(JSON.stringify(heard)).toMatch(/"own".*"owner":"me"/);
  });

  it.each(WAYS)("cache saves a second request%s", async (_, derive) => {
    await using server = await startChatServer(harmony("Hi"));
    const model = derive(construct(server.baseUrl, { cache: new InMemoryCache() }));
    await model.invoke("Hi");
    await model.invoke("Hi");
    expect(server.requests).toHaveLength(1);
  });

  it.each(WAYS)("maxRetries asks again%s", async (_, derive) => {
    await using server = await startChatServer({ status: 503, body: { error: "Loading model" } }, harmony("Hi"));
    expect((await derive(construct(server.baseUrl, { maxRetries: 2 })).invoke("Hi")).text).toBe("Hi");
  });

  it.each(WAYS)("timeout ends a request%s", async (_, derive) => {
    await using server = await startChatServer({ chunks: [], ending: "hang" });
    const asked = derive(construct(server.baseUrl, { timeout: 100 })).invoke("Hi", {
      signal: AbortSignal.timeout(2_000),
    });
    await expect(asked).rejects.toMatchObject({ code: "server-unreachable" });
  });

  it("timeout ends a stream that stops in the middle", async () => {
    await using server = await startChatServer({
      chunks: stream(raw("<|channel|>final<|message|>Hel")).slice(0, 3),
      ending: "hang",
    });
    const asked = construct(server.baseUrl, { timeout: 100 }).invoke("Hi", { signal: AbortSignal.timeout(5_000) });
    await expect(asked).rejects.toMatchObject({ code: "server-unreachable" });
  });

  it("timeout does not count the time that the reader of a stream takes", async () => {
    await using server = await startChatServer(harmony("one two three"));
    let text = "";
    for await (const chunk of await construct(server.baseUrl, { timeout: 100 }).stream("Hi")) {
      await sleep(150);
      text += chunk.text;
    }
    expect(text).toBe("one two three");
  });

  it("streaming makes invoke tell each token to callbacks of the model", async () => {
    await using server = await startChatServer(harmony("Hi"));
    const heard: string[] = [];
    const handleLLMNewToken = (token: string) => void heard.push(token);
    await construct(server.baseUrl, { streaming: true, callbacks: [{ handleLLMNewToken }] }).invoke("Hi");
    expect(heard.join("")).toBe("Hi");
  });
});

describe("what is traced and cached", () => {
  it.each([
    ["effort", { effort: "low" as const }, { effort: "high" as const }],
    [
      "topK",
      { sampling: { temperature: 1, topP: 1, topK: 0, minP: 0 } },
      { sampling: { temperature: 1, topP: 1, topK: 40, minP: 0 } },
    ],
  ])("tells models apart by %s", async (_, one, other) => {
    await using server = await startChatServer(harmony("Hi"));
    const cache = new InMemoryCache();
    for (const fields of [one, other]) {
      const model = modelFor(server, { server: OWN_SERVER, ...fields });
      model.cache = cache;
      await model.invoke("Hi");
    }
    expect(server.requests).toHaveLength(2);
  });

  it("are the values that were sent", async () => {
    await using server = await startChatServer(harmony("Hi"));
    let extra: Record<string, unknown> = {};
    let metadata: Record<string, unknown> = {};
    const handleChatModelStart = (
      _llm: Serialized,
      _messages: unknown,
      _run: string,
      _parent?: string,
      given?: Record<string, unknown>,
      _tags?: string[],
      told?: Record<string, unknown>,
    ) => {
      [extra, metadata] = [given ?? {}, told ?? {}];
    };
    const model = modelFor(server, { effort: "low", maxTokens: 99, server: OWN_SERVER });
    await model.invoke("Hi", {
      maxTokens: 7,
      sampling: { temperature: 0.4, topK: 3 },
      callbacks: [{ handleChatModelStart }],
    });
    expect(extra["invocation_params"]).toMatchObject({
      max_tokens: 7,
      temperature: 0.4,
      top_k: 3,
      reasoning_effort: "low",
    });
    expect(metadata).toMatchObject({ ls_provider: "gpt-oss", ls_temperature: 0.4, ls_max_tokens: 7 });
  });

  const USAGE = { tokenUsage: { promptTokens: 10, completionTokens: 5, totalTokens: 15 } };
  it("hold the tokens of generate", async () => {
    await using server = await startChatServer(harmony("Hi"));
    expect((await modelFor(server).generate([[["human", "Hi"]]])).llmOutput).toMatchObject(USAGE);
  });

  it("hold the tokens at the end of invoke", async () => {
    await using server = await startChatServer(harmony("Hi"));
    const ends: LLMResult[] = [];
    await modelFor(server).invoke("Hi", { callbacks: [{ handleLLMEnd: (end) => void ends.push(end) }] });
    expect(ends[0]?.llmOutput).toMatchObject(USAGE);
  });
});
