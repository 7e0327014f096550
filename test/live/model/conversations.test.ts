import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { ModelAbortError } from "@langchain/core/errors";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ChatGptOss } from "../../../src/model/chat-gpt-oss.ts";
import { detectCapabilities } from "../../../src/inference/capabilities.ts";
import { getReasoning, getTimings } from "../../../src/model/read-message.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { WEATHER_TOOL } from "../../support/chat-model.ts";

/** What of a message has to be the same, however the server gives it. */
function essence(message: BaseMessage) {
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  return {
    text: message.text,
    reasoning: getReasoning(message),
    calls: calls.map(({ name, args }) => ({ name, args })),
    finish: (message.response_metadata as { finish_reason?: string }).finish_reason,
    cut: (message.response_metadata as { cut?: string }).cut,
  };
}

const ask = async (model: ChatGptOss, ...texts: string[]) => {
  const messages: BaseMessage[] = [];
  for (const text of texts) {
    messages.push(new HumanMessage(text));
    messages.push(await model.invoke(messages));
  }
  return messages.filter((message) => AIMessage.isInstance(message)).map(essence);
};

/** Calls tools until there is an answer. */
async function loop(model: ChatGptOss, question: string) {
  const agent = model.bindTools([WEATHER_TOOL]);
  const messages: BaseMessage[] = [new HumanMessage(question)];
  for (let step = 0; step < 5; step++) {
    const answer = await agent.invoke(messages);
    messages.push(answer);
    if (answer.tool_calls?.length === 0) break;
    for (const { id = "", name, args } of answer.tool_calls ?? []) {
      const content = args["city"] === "Lima" ? "sunny, 21 degrees" : "rain, 4 degrees";
      messages.push(new ToolMessage({ tool_call_id: id, name, content }));
    }
  }
  return messages.filter((message) => AIMessage.isInstance(message)).map(essence);
}

async function interrupted(model: ChatGptOss) {
  const stop = new AbortController();
  const failure = model
    .invoke("Count to 100.", {
      signal: stop.signal,
      callbacks: [{ handleLLMNewToken: (token: string) => (token.includes("5") ? stop.abort() : undefined) }],
    })
    .catch((thrown: unknown) => thrown);
  const aborted = await failure;
  if (!ModelAbortError.isInstance(aborted)) throw aborted;
  return aborted.partialOutput?.text.slice(0, 7);
}

const PERSON = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" } },
  required: ["name", "age"],
  additionalProperties: false,
};

const SUITE: Readonly<Record<string, (model: ChatGptOss) => Promise<unknown>>> = {
  plain: (model) => ask(model, "My name is Alice.", "What is my name?"),
  "three efforts": async (model) => [
    essence(await model.invoke("Hello", { effort: "low" })),
    essence(await model.invoke("Hello", { effort: "medium" })),
    essence(await model.withConfig({ effort: "high" }).invoke("Hello")),
  ],
  "a system message": async (model) =>
    essence(await model.invoke([new SystemMessage("The user's name is Bob."), new HumanMessage("What is my name?")])),
  Japanese: (model) => ask(model, "私の名前はケンです。", "私の名前は何ですか？"),
  long: (model) => ask(model, "Count to 60."),
  "a tool": (model) => loop(model, "What is the weather in Lima?"),
  "a loop of two calls": (model) => loop(model, "What is the weather in Lima and Oslo?"),
  "structured output": (model) => model.withStructuredOutput(PERSON).invoke("Extract JSON: Alice is 30 years old."),
  "cut off": async (model) => essence(await model.invoke("Count to 60.", { maxTokens: 40 })),
  aborted: interrupted,
};

const SAMPLING = { temperature: 0, topP: 1, topK: 0, minP: 0 };
const results: Record<string, Record<string, unknown>> = { raw: {}, parsed: {} };
let servers: Readonly<Record<string, LiveServer>>;

beforeAll(async () => {
  servers = { raw: await startLiveServer(), parsed: await startLiveServer({ parsed: true }) };
});
afterAll(async () => {
  for (const server of Object.values(servers)) await server.stop();
});

async function modelOf(mode: string): Promise<ChatGptOss> {
  const server = servers[mode];
  if (server === undefined) throw new Error(`no server ${mode}`);
  const { apiKey } = server;
  const baseUrl = `${server.baseUrl}/v1`;
  // of the mode we learn by what arrives
  const capabilities = { ...(await detectCapabilities({ baseUrl, apiKey })), mode: "unknown" as const };
  const currentDate = "2026-01-02";
  return new ChatGptOss({
    baseUrl,
    apiKey,
    model: "demo",
    sampling: SAMPLING,
    maxTokens: 1_000,
    currentDate,
    server: capabilities,
  });
}

describe.each(["raw", "parsed"])("on a server that answers %s", (mode) => {
  it("is seen to be what it is", async () => {
    const server = servers[mode];
    const options = { baseUrl: `${server?.baseUrl}/v1`, apiKey: server?.apiKey };
    const expected = { mode: mode === "raw" ? "raw" : "split", isLlamaServer: true, hasOwnTemplate: true };
    expect(await detectCapabilities(options)).toEqual({ ...expected, contextSize: 8_192, alias: "demo" });
  });

  it.each(Object.entries(SUITE))("%s", async (name, converse) => {
    const result = await converse(await modelOf(mode));
    expect(result).toBeDefined();
    (results[mode] ?? {})[name] = result;
  });

  it("the answers have tokens, timings and progress", async () => {
    const progress: number[] = [];
    const message = await (
      await modelOf(mode)
    ).invoke("Who are you?", {
      onProgress: ({ processed, total }) => progress.push(processed / total),
    });
    expect(message.usage_metadata?.input_tokens).toBeGreaterThan(50);
    expect(message.usage_metadata?.input_token_details?.cache_read).toBeGreaterThanOrEqual(0);
    const timings = getTimings(message);
    expect(timings?.promptTokensPerSecond).toBeGreaterThan(0);
    expect(timings?.answerTokensPerSecond).toBeGreaterThan(0);
    expect(timings?.timeToFirstToken).toBeLessThan(timings?.duration ?? 0);
    expect(progress.at(-1)).toBe(1);
  });

  it("text is counted by its tokenizer", async () => {
    expect(await (await modelOf(mode)).getNumTokens("Hello, how are you?")).toBeLessThan(15);
  });
});

describe("what was answered", () => {
  it("is the same in both modes", () => {
    expect(Object.keys(results["raw"] ?? {})).toEqual(Object.keys(SUITE));
    expect(results["parsed"]).toEqual(results["raw"]);
  });

  it("is right", () => {
    expect(results["raw"]).toMatchObject({
      plain: [{}, { text: "Your name is Alice." }],
      "three efforts": [
        { reasoning: "" },
        { reasoning: expect.stringMatching(/./) },
        { reasoning: expect.stringMatching(/./) },
      ],
      "a loop of two calls": [
        { calls: [{ name: "get_weather", args: { city: "Lima" } }], finish: "tool_calls" },
        { calls: [{ name: "get_weather", args: { city: "Oslo" } }] },
        { text: expect.stringMatching(/sunny.*rain/s), finish: "stop" },
      ],
      "structured output": { name: "Alice", age: 30 },
      "cut off": { cut: "max-tokens", finish: "length" },
      aborted: expect.stringMatching(/^1 2 3 4/),
    });
  });
});
