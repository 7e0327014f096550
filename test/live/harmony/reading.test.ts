import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { completeParsed, completeRaw } from "./support/completion.ts";
import {
  answer,
  call,
  type ConversationRequest,
  getWeather,
  type NamedConversation,
  result,
  system,
  tool,
  user,
} from "./support/conversations.ts";

let raw: LiveServer;
let parsed: LiveServer;
beforeAll(async () => {
  raw = await startLiveServer();
  parsed = await startLiveServer({ parsed: true });
});
afterAll(async () => {
  await raw.stop();
  await parsed.stop();
});

const calculator = tool("calculator", { expression: { type: "string" } }, ["expression"], "Calculates");
const searchNotes = tool("search_notes", { query: { type: "string" } }, ["query"], "Searches the notes");
const tools = [getWeather, calculator, searchNotes];

const spoken: readonly NamedConversation[] = [
  "Hello",
  "Who are you?",
  "Count to 7.",
  "Repeat: one two three",
  "Extract JSON: Ann is 31 years old.",
  "こんにちは",
  "私の名前は健太です。",
  "What is the capital of France?",
  "Help",
].flatMap((text) => ["low", "medium", "high"].map((effort) => [`${text} (${effort})`, said(text, effort)] as const));

function said(text: string, effort: string): ConversationRequest {
  return { messages: [user(text)], reasoning_effort: effort };
}

const remembered: readonly NamedConversation[] = [
  ["a name", { messages: [user("My name is Ann."), answer("Nice to meet you, Ann."), user("What is my name?")] }],
  [
    "a name in Japanese",
    { messages: [user("私の名前は健太です。"), answer("はじめまして。"), user("私の名前は何ですか？")] },
  ],
  ["a fact in the instructions", { messages: [system("The user lives in Oslo."), user("Where do I live?")] }],
];

const calls: readonly NamedConversation[] = [
  "What is the weather in Tokyo?",
  "What is 12 + 30?",
  "Search my notes for milk.",
  'Call get_weather with {"city": "Rome"}',
  "What is the weather in Oslo and Rome?",
].flatMap((text) =>
  ["medium", "high"].map((effort) => [`${text} (${effort})`, { ...said(text, effort), tools }] as const),
);

const afterTools: readonly NamedConversation[] = [
  [
    "answers from a result",
    {
      messages: [
        user("What is the weather in Tokyo?"),
        call("c1", "get_weather", { city: "Tokyo" }, "I need get_weather."),
        result("c1", "Sunny, 21 degrees"),
      ],
      tools,
    },
  ],
  [
    "calls again after a result",
    {
      messages: [
        user("What is the weather in Oslo and Rome?"),
        call("c1", "get_weather", { city: "Oslo" }, "I need get_weather twice."),
        result("c1", "Rain"),
      ],
      tools,
    },
  ],
];

describe("at temperature 0, llama-server's parser and ours", () => {
  it.each([...spoken, ...remembered])("read the same answer: %s", async (_, request) => {
    const read = await completeRaw(raw, request);
    expect(read).toEqual(await completeParsed(parsed, request));
    expect(read.answer).not.toBe("");
  });

  it.each(calls)("read the same call: %s", async (_, request) => {
    const read = await completeRaw(raw, request);
    expect(read).toEqual(await completeParsed(parsed, request));
    expect(read.calls).toHaveLength(1);
  });

  it.each(afterTools)("read the same: %s", async (_, request) => {
    expect(await completeRaw(raw, request)).toEqual(await completeParsed(parsed, request));
  });
});
