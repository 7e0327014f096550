import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda } from "@langchain/core/runnables";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createToolAgent, createConversation } from "../../chains/index.ts";
import { createStreamingRunnable } from "../../src/model/streaming-runnable.ts";
import type { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import { createChatModel } from "../../src/model/create-chat-model.ts";
import { type ChatServer, startChatServer, stream } from "../support/chat-server.ts";

/** What LangSmith has been sent. */
let posted = "";
const langSmith = createServer((request, response) => {
  const receive = async () => {
    const pieces = await request.toArray();
    const body = Buffer.concat(pieces as Uint8Array[]);
    posted += request.headers["content-encoding"] === "gzip" ? gunzipSync(body).toString() : body.toString();
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
  void receive();
});

const before = { ...process.env };
let server: ChatServer;
beforeAll(async () => {
  langSmith.listen(0, "127.0.0.1");
  await once(langSmith, "listening");
  process.env["LANGSMITH_ENDPOINT"] = `http://127.0.0.1:${(langSmith.address() as AddressInfo).port}`;
  process.env["LANGSMITH_API_KEY"] = "key";
});
beforeEach(async () => {
  posted = "";
  process.env["LANGSMITH_TRACING"] = "true";
  server = await startChatServer({ chunks: stream([{ content: "The answer" }]) });
});
afterEach(async () => {
  delete process.env["GPT_OSS_TRACING"];
  await server[Symbol.asyncDispose]();
});
afterAll(() => {
  process.env = before;
  langSmith.closeAllConnections();
  langSmith.close();
});

async function drain(pieces: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pieces);
}

const QUESTION = "A secret question";
const WAYS: readonly (readonly [string, (model: ChatGptOss) => Promise<unknown>])[] = [
  ["invoke", (model) => model.invoke(QUESTION)],
  ["stream", async (model) => await drain(await model.stream(QUESTION))],
  ["generate", (model) => model.generate([[["human", QUESTION]]])],
  ["batch", (model) => model.batch([QUESTION])],
  ["bindTools", (model) => model.bindTools([]).invoke(QUESTION)],
  [
    "structured output",
    async (model) =>
      await model
        .withStructuredOutput({ type: "object" })
        .invoke(QUESTION)
        .catch(() => undefined),
  ],
  ["a conversation", (model) => createConversation({ model }).invoke(QUESTION)],
  ["a streamed conversation", async (model) => await drain(await createConversation({ model }).stream(QUESTION))],
  ["an agent", (model) => createToolAgent({ model, tools: [] }).invoke(QUESTION)],
];

describe("an application that traces to LangSmith", () => {
  it("sends it nothing of what the model is asked", async () => {
    const environment = { ...process.env };
    const model = await createChatModel({ baseUrl: server.baseUrl });
    for (const [way, ask] of WAYS) {
      const asked = server.requests.length;
      await ask(model);
      await awaitAllCallbacks();
      expect([way, posted.includes(QUESTION), posted.includes("The answer")]).toEqual([way, false, false]);
      expect(server.requests.length).toBeGreaterThan(asked);
    }
    // and its environment is as it was
    expect(process.env).toEqual(environment);
  });

  it("still traces its own runs, those around the model's too", async () => {
    const model = await createChatModel({ baseUrl: server.baseUrl });
    const own = RunnableLambda.from((name: string) => `own input ${name}`).withConfig({ runName: "own-step" });
    const chain = own
      .pipe((name) => ({ name }))
      .pipe(ChatPromptTemplate.fromTemplate("{name}"))
      .pipe(model);
    await chain.invoke("x");
    await awaitAllCallbacks();
    expect(posted).toContain("own-step");
    expect(posted).not.toContain(`"run_type":"llm"`);
  });

  it("can keep a chain of its own out, as our chains do", async () => {
    const secret = (name: string) => `secret input ${name}`;
    const own = createStreamingRunnable<string, string>({
      name: "own",
      async *generate(name, config) {
        yield await RunnableLambda.from(secret).invoke(name, config);
      },
    });
    await own.invoke("x");
    await drain(await own.stream("x"));
    await awaitAllCallbacks();
    expect(posted).not.toContain("secret input");
    await RunnableLambda.from(secret).invoke("x");
    await awaitAllCallbacks();
    expect(posted).toContain("secret input");
  });

  it("has the model's requests traced when it asks for that", async () => {
    process.env["GPT_OSS_TRACING"] = "1";
    const model = await createChatModel({ baseUrl: server.baseUrl });
    await model.invoke(QUESTION);
    await awaitAllCallbacks();
    expect(posted).toContain(QUESTION);
  });

  it("gets a notice that its model is not traced", async () => {
    const kinds: string[] = [];
    await createChatModel({ baseUrl: server.baseUrl, onNotice: ({ kind }) => kinds.push(kind) });
    expect(kinds).toEqual(["tracing-off"]);
  });

  it("still has its other callbacks called", async () => {
    const heard: string[] = [];
    const callbacks = [
      { handleChatModelStart: () => void heard.push("start"), handleLLMEnd: () => void heard.push("end") },
    ];
    const model = await createChatModel({ baseUrl: server.baseUrl });
    await model.invoke(QUESTION, { callbacks });
    await model.generate([[["human", QUESTION]]], {}, callbacks);
    expect(heard).toEqual(["start", "end", "start", "end"]);
  });
});
