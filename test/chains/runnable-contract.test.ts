import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { FakeListChatModel, FakeStreamingChatModel } from "@langchain/core/utils/testing";
import { ChatOpenAI } from "@langchain/openai";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import * as chains from "../../chains/index.ts";
import { createTool, HarmonyOutputParser, type HarmonyPart } from "../../src/index.ts";
import { modelFor, OWN_SERVER } from "../support/chat-model.ts";
import { raw, type Reply, startChatServer, stream } from "../support/chat-server.ts";
import { itKeepsTheContract, type RunnableCase } from "../support/runnable-contract.ts";

const THINKING = "<|channel|>analysis<|message|>Think.<|end|><|start|>assistant<|channel|>final<|message|>";
const CALL = '<|channel|>commentary to=functions.look <|constrain|>json<|message|>{"word":"tea"}<|call|>';
const say = (text: string): Reply => ({ chunks: stream(raw(THINKING + text)) });
const ask = (text: string): Reply => ({ chunks: stream(raw(text)) });
/** Begins to answer, and never ends. */
const hang = (text: string): Reply => ({ chunks: stream(raw(THINKING + text)).slice(0, -2), ending: "hang" });

const PERSON = z.object({ name: z.string(), age: z.number() });
const BOB = '{"name":"Bob","age":42}';
const look = createTool({
  name: "look",
  description: "Looks something up.",
  schema: z.object({ word: z.string() }),
  run: ({ word }) => `${word} is known.`,
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-contract-"));
  writeFileSync(join(folder, "tea.md"), "Tea is served at four.");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Times differ from run to run, and so do the ids of messages. */
function messageFields(output: unknown): unknown {
  const message = output instanceof AIMessageChunk ? output : (output as { kwargs: AIMessageChunk }).kwargs;
  const { content, additional_kwargs, usage_metadata, tool_calls = [] } = message;
  return { content, additional_kwargs, usage_metadata, tool_calls };
}

const modelOn: (server: { readonly baseUrl: string }) => ReturnType<typeof modelFor> = (server) =>
  modelFor(server, { server: OWN_SERVER });
const answering = { input: "Hi", replies: [say("Tea, please.")], endless: [hang("Tea, please. And more.")] };
const agentTurn = {
  input: "Hi",
  replies: [ask(CALL), say("Tea is known.")],
  endless: [ask(CALL), hang("Tea is known. And more.")],
};
const untimed = (output: unknown) => (output as chains.Comparison[]).map(({ variant, text }) => ({ variant, text }));

const CASES: readonly (RunnableCase & { readonly title: string })[] = [
  {
    title: "conversation",
    name: "conversation",
    make: (server) => chains.createConversation({ model: modelOn(server) }),
    ...answering,
  },
  {
    title: "conversationChannels",
    name: "conversation",
    make: (server) => chains.createConversationChannels({ model: modelOn(server) }),
    ...answering,
  },
  {
    title: "conversationMessages",
    name: "conversation",
    make: (server) => chains.createConversationMessages({ model: modelOn(server) }),
    comparable: messageFields,
    ...answering,
  },
  {
    title: "agent",
    name: "agent",
    make: (server) => chains.createToolAgent({ model: modelOn(server), tools: [look] }),
    ...agentTurn,
  },
  {
    title: "agentChannels",
    name: "agent",
    make: (server) => chains.createToolAgentChannels({ model: modelOn(server), tools: [look] }),
    ...agentTurn,
  },
  {
    title: "agentMessages",
    name: "agent",
    make: (server) => chains.createToolAgentMessages({ model: modelOn(server), tools: [look] }),
    comparable: messageFields,
    ...agentTurn,
  },
  {
    title: "translate",
    name: "translate",
    make: (server) => {
      const [pieceTokens, countTokens] = [10, (text: string) => Promise.resolve(text.length)];
      return chains.createTranslator({
        model: modelOn(server),
        to: "Japanese",
        pieceTokens,
        countTokens,
        concurrency: 1,
      });
    },
    input: "Good tea.\n\nBad tea.",
    replies: [say("Tea.")],
    endless: [say("Tea."), hang("Tea. And more.")],
  },
  {
    title: "summarize",
    name: "summarize",
    make: (server) => chains.createSummarizer({ model: modelOn(server), countTokens: () => Promise.resolve(1) }),
    ...answering,
  },
  {
    title: "extract",
    name: "extract",
    make: (server) => chains.createExtractor({ model: modelOn(server), schema: PERSON }),
    input: "Bob, 42",
    replies: [say(BOB)],
    endless: [hang(BOB)],
  },
  {
    title: "route",
    name: "route",
    make: (server) => {
      const model = modelOn(server);
      const routes = { talk: { when: "always", chain: chains.createConversation({ model }) } };
      return chains.createRouter({ model, routes });
    },
    input: "Hi",
    replies: [say('{"route":"talk"}'), say("Tea, please.")],
    endless: [say('{"route":"talk"}'), hang("Tea, please. And more.")],
  },
  {
    title: "compare",
    name: "compare",
    make: (server) => {
      const chain = chains.createConversation({ model: modelOn(server) });
      return chains.createComparison({ variants: { one: chain, other: chain } });
    },
    comparable: untimed,
    ...answering,
    endless: [say("Tea, please."), hang("Tea, please. And more.")],
  },
  {
    title: "askFiles",
    name: "askFiles",
    make: (server) => chains.createDocumentQA({ model: modelOn(server), path: folder, embeddings: false }),
    ...answering,
  },
  {
    title: "withStructuredOutput",
    name: "StructuredOutput",
    make: (server) => modelOn(server).withStructuredOutput(PERSON),
    input: "Bob, 42",
    replies: [say(BOB)],
    endless: [hang(BOB)],
  },
];

describe.each(CASES)("$title", (runnable) => {
  itKeepsTheContract(runnable);
});

const RAW = `${THINKING}Tea, please.`;
const PARSERS: readonly (RunnableCase & { readonly title: string })[] = (
  [
    ["text", RAW],
    ["a message", new AIMessage(RAW)],
    ["text without an answer", "<|channel|>analysis<|message|>Think."],
    ["no text", ""],
  ] as const
).flatMap(([what, input]) => {
  const parsers = {
    HarmonyOutputParser: new HarmonyOutputParser(),
    HarmonyPartsParser: new HarmonyOutputParser().withReasoning(),
  };
  return Object.entries(parsers).map(([name, parser]) => ({
    title: `${name} of ${what}`,
    name,
    make: () => parser,
    input,
    replies: [],
    endless: [],
    asksModel: false,
  }));
});

describe.each(PARSERS)("$title", (runnable) => {
  itKeepsTheContract(runnable);
});

/** A server that splits the channels itself. */
const SPLIT: Reply = {
  chunks: stream([
    { reasoning_content: "Thi" },
    { reasoning_content: "nk." },
    { content: "Tea, " },
    { content: "please. <|end|> is a token." },
  ]),
};
const SPLIT_ANSWER = "Tea, please. <|end|> is a token.";
/** The same answers as one response each. */
const whole = (message: object): Reply => ({
  status: 200,
  body: {
    id: "chatcmpl-whole",
    object: "chat.completion",
    model: "gpt-oss-20b",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", ...message } }],
  },
});
const SPLIT_WHOLE = whole({ reasoning_content: "Think.", content: SPLIT_ANSWER });
const RAW_WHOLE = whole({ content: RAW });
const openAI = (baseURL: string, fields = {}) =>
  new ChatOpenAI({ model: "gpt-oss-20b", apiKey: "none", configuration: { baseURL }, ...fields });

describe("HarmonyOutputParser behind", () => {
  it.each([
    ["ChatOpenAI on a raw server", ask(RAW), openAI],
    ["ChatOpenAI on a server that splits the channels", SPLIT, openAI],
    ["ChatOpenAI with blocks of content", SPLIT, (baseURL: string) => openAI(baseURL, { outputVersion: "v1" })],
    ["ChatGptOss on a raw server", ask(RAW), (baseUrl: string) => modelOn({ baseUrl })],
    [
      "ChatGptOss with blocks of content",
      ask(RAW),
      (baseUrl: string) => modelFor({ baseUrl }, { outputVersion: "v1" }),
    ],
    ["ChatGptOss on a server that splits the channels", SPLIT, (baseUrl: string) => modelFor({ baseUrl })],
    ["FakeListChatModel", ask(RAW), () => new FakeListChatModel({ responses: [RAW] })],
    [
      "FakeStreamingChatModel",
      ask(RAW),
      () => new FakeStreamingChatModel({ sleep: 1, responses: [new AIMessage(RAW)] }),
    ],
  ])("%s gives the answer, streamed or not, and the thinking beside it", async (_, reply, make) => {
    await using server = await startChatServer(reply === SPLIT ? SPLIT_WHOLE : RAW_WHOLE, reply);
    const answer = reply === SPLIT ? SPLIT_ANSWER : "Tea, please.";
    const model = make(server.baseUrl);
    expect(await model.pipe(new HarmonyOutputParser()).invoke("Hi")).toBe(answer);
    let streamed = "";
    for await (const text of await model.pipe(new HarmonyOutputParser()).stream("Hi")) streamed += text;
    expect(streamed).toBe(answer);
    const texts = { analysis: "", commentary: "", final: "" };
    const parts = await model.pipe(new HarmonyOutputParser().withReasoning()).stream("Hi");
    for await (const { channel, text } of parts as AsyncIterable<HarmonyPart>) texts[channel] += text;
    expect(texts).toEqual({ analysis: "Think.", commentary: "", final: answer });
  });
});
