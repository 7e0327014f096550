import { ContextOverflowError, ModelAbortError } from "@langchain/core/errors";
import type { AIMessageChunk } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import { GptOssError } from "../../src/errors/errors.ts";
import { ConversationTooLongError, IncompleteAnswerError, explainModelError } from "../../src/model/model-errors.ts";
import type { ModelNotice } from "../../src/model/notice.ts";
import { getReasoning } from "../../src/model/read-message.ts";
import { modelFor, OWN_SERVER } from "../support/chat-model.ts";
import { deadAddress, raw, type Reply, startChatServer, stream } from "../support/chat-server.ts";

/** The text that came before a stream failed, and the failure. */
async function brokenStream(reply: Reply) {
  await using server = await startChatServer(reply);
  let text = "";
  try {
    for await (const chunk of await modelFor(server).stream("Hi")) text += chunk.text;
  } catch (error) {
    return { text, error: error as GptOssError };
  }
  throw new Error("it should have failed");
}

const beginning = stream([{ content: "Hel" }, { content: "lo" }]).slice(0, 3);
const line = (chunk: unknown) => `data: ${JSON.stringify(chunk)}\n\n`;

describe("a message of a server that has several lines", () => {
  it("is said by its first line with words", async () => {
    const message = "\n------------\nWhile executing FilterExpression at line 12\nError: Unknown";
    await using server = await startChatServer({
      status: 500,
      body: { error: { code: 500, message, type: "server_error" } },
    });
    await expect(modelFor(server).invoke("Hi")).rejects.toMatchObject({
      message: expect.stringContaining("While executing FilterExpression"),
    });
  });
});

describe("a stream that fails", () => {
  it.each<[string, Reply, RegExp]>([
    [
      "an error in the stream",
      { chunks: [...beginning, { error: { code: 500, message: "out of memory", type: "server_error" } }] },
      /out of memory/,
    ],
    [
      "a socket cut in the middle of a character",
      { bytes: [...beginning.map(line), new Uint8Array([100, 97, 116, 97, 58, 0xe3, 0x81])], ending: "cut" },
      /before the answer was complete/,
    ],
    ["an end without an end", { chunks: beginning, ending: "close" }, /before the answer was complete/],
    ["a line that is not JSON", { bytes: [...beginning.map(line), "data: {garbage\n\n"], ending: "close" }, /garbage/],
    ["JSON that is not a chunk", { chunks: [...beginning, { choices: "none" }] }, /choices/],
  ])("by %s keeps what came and says so", async (_, reply, sentence) => {
    const { text, error } = await brokenStream(reply);
    expect(text).toBe("Hello");
    expect(GptOssError.isInstance(error)).toBe(true);
    expect(error.code).toBe("model-failed");
    expect(error.message).toMatch(sentence);
  });
});

describe("an answer that breaks off", () => {
  it("is thrown with what had come, where nothing streams", async () => {
    await using server = await startChatServer({
      chunks: stream(raw("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello")),
      ending: "cut",
    });
    await using half = await startChatServer({ chunks: beginning, ending: "cut" });
    const error: unknown = await modelFor(half)
      .invoke("Hi")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IncompleteAnswerError);
    expect(GptOssError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      code: "model-failed",
      message: expect.stringContaining("before the answer was complete"),
    });
    expect((error as IncompleteAnswerError).partialOutput.text).toBe("Hello");
    // all of it had come, and only the end of the connection was unclean
    expect((await modelFor(server).invoke("Hi")).text).toBe("Hello");
  });

  it("before anything came has no such thing", async () => {
    await using server = await startChatServer({ chunks: [], ending: "cut" });
    const error: unknown = await modelFor(server)
      .invoke("Hi")
      .catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(IncompleteAnswerError);
    expect(error).toMatchObject({ code: "server-unreachable" });
  });
});

describe("a request that fails", () => {
  it("reports at once that nobody answers", async () => {
    const baseUrl = await deadAddress();
    await expect(modelFor({ baseUrl }).invoke("Hi")).rejects.toMatchObject({
      code: "server-unreachable",
      message: `The server at ${baseUrl} does not answer (ECONNREFUSED).`,
      hint: expect.stringContaining("OPENAI_BASE_URL"),
    });
  });

  it("says why an address can't be asked", async () => {
    await expect(modelFor({ baseUrl: "http://127.0.0.1:1/v1" }).invoke("Hi")).rejects.toMatchObject({
      message: "The server at http://127.0.0.1:1/v1 does not answer (bad port).",
    });
  });

  it.each([
    [
      503,
      { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
      "model-failed",
      /still loading/,
    ],
    [
      401,
      { error: { code: 401, message: "Invalid API Key", type: "authentication_error" } },
      "server-unreachable",
      /API key/,
    ],
    [
      500,
      { error: { code: 500, message: "no template", type: "server_error" } },
      "model-failed",
      /failed: 500 no template/,
    ],
  ])("with HTTP %d says what it is, and is not sent again", async (status, body, code, sentence) => {
    await using server = await startChatServer({ status, body });
    await expect(modelFor(server).invoke("Hi")).rejects.toMatchObject({
      code,
      message: expect.stringMatching(sentence),
    });
    expect(server.requests).toHaveLength(1);
  });

  it("because the conversation is too long is LangChain's own error, with the numbers, and exit status 4", async () => {
    const error = {
      code: 400,
      message: "request (12235 tokens) exceeds…",
      type: "exceed_context_size_error",
      n_prompt_tokens: 12_235,
      n_ctx: 4_096,
    };
    await using server = await startChatServer({ status: 400, body: { error } });
    const failure: unknown = await modelFor(server)
      .invoke("Hi")
      .catch((thrown: unknown) => thrown);
    expect(ContextOverflowError.isInstance(failure)).toBe(true);
    expect(failure).toBeInstanceOf(ConversationTooLongError);
    expect(failure).toMatchObject({ promptTokens: 12_235, contextSize: 4_096 });
    expect(explainModelError(failure, server.baseUrl)).toMatchObject({
      code: "context-overflow",
      exitStatus: 4,
      message: "The input has 12235 tokens, but the server's context holds 4096.",
    });
  });

  it("waits for the server if the options say so", async () => {
    await using server = await startChatServer({ chunks: stream([{ content: "Hi" }]) });
    const asked: number[] = [];
    const beforeRequest = async () => {
      asked.push(server.requests.length);
      await Promise.resolve();
    };
    await modelFor(server, { beforeRequest }).invoke("Hi");
    expect(asked).toEqual([0]);
  });

  it("because nobody answers is sent once more where the server is waited for, and no more often", async () => {
    const baseUrl = await deadAddress();
    let waited = 0;
    const beforeRequest = async () => {
      waited++;
      await Promise.resolve();
    };
    await expect(modelFor({ baseUrl }, { beforeRequest }).invoke("Hi")).rejects.toMatchObject({
      code: "server-unreachable",
    });
    expect(waited).toBe(2);
  });
});

describe("an abort", () => {
  it("reaches the server, and keeps what came, of a call that does not stream too", async () => {
    await using server = await startChatServer({ chunks: beginning, ending: "hang" });
    const stop = new AbortController();
    const failure = modelFor(server)
      .invoke("Hi", { signal: stop.signal })
      .catch((thrown: unknown) => thrown);
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort();
    const aborted = await failure;
    await server.left;
    expect(ModelAbortError.isInstance(aborted)).toBe(true);
    expect((aborted as ModelAbortError).partialOutput?.text).toBe("Hello");
  });

  it("ends a stream whose reader leaves it", async () => {
    await using server = await startChatServer({ chunks: beginning, ending: "drip" });
    for await (const chunk of await modelFor(server).stream("Hi")) if (chunk.text === "lo") break;
    expect(await server.left).toBeGreaterThan(0);
  });

  it("before anything has come is an abort too", async () => {
    await using server = await startChatServer({ chunks: [], ending: "hang" });
    const signal = AbortSignal.timeout(100);
    await expect(modelFor(server).invoke("Hi", { signal })).rejects.toMatchObject({ name: "ModelAbortError" });
  });
});

describe("an answer that is none", () => {
  const thinking = { chunks: stream(raw("<|channel|>analysis<|message|>Hm.<|end|>")) };

  it("is asked for once more", async () => {
    await using server = await startChatServer(thinking, { chunks: stream([{ content: "Yes." }]) });
    const notices: ModelNotice[] = [];
    const message = await modelFor(server, { onNotice: (notice) => notices.push(notice) }).invoke("Hi");
    expect(message.text).toBe("Yes.");
    expect(getReasoning(message)).toBe("Hm.");
    expect(message.usage_metadata).toMatchObject({ input_tokens: 20, output_tokens: 10, total_tokens: 30 });
    expect(notices.map(({ kind }) => kind)).toEqual(["asked-again"]);
  });

  it.each([
    ["analysis-only", thinking],
    ["nothing", { chunks: stream([]) }],
  ])("twice is said to be %s", async (empty_answer, reply) => {
    await using server = await startChatServer(reply);
    const notices: ModelNotice[] = [];
    const message = await modelFor(server, { onNotice: (notice) => notices.push(notice) }).invoke("Hi");
    expect(message.text).toBe("");
    expect(message.response_metadata).toMatchObject({ empty_answer });
    expect(server.requests).toHaveLength(2);
    expect(notices.map(({ kind }) => kind)).toEqual(["asked-again", "empty-answer"]);
  });
});

describe("an answer that is cut", () => {
  it.each([
    ["max-tokens", 15],
    ["context-full", 8_192],
  ])("by %s says so", async (cut, total_tokens) => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens };
    await using server = await startChatServer({ chunks: stream([{ content: "Hel" }], { finish: "length", usage }) });
    const notices: ModelNotice[] = [];
    const model = modelFor(server, { server: OWN_SERVER, onNotice: (notice) => notices.push(notice) });
    expect((await model.invoke("Hi")).response_metadata).toMatchObject({ cut, finish_reason: "length" });
    expect(notices.map(({ kind }) => kind)).toEqual([cut]);
  });

  it("because it goes round in circles ends the request", async () => {
    const endless = Array.from({ length: 2_000 }, () => ({ content: "and so on, " }));
    await using server = await startChatServer({ chunks: stream(endless), ending: "hang" });
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await modelFor(server).stream("Hi")) whole = whole?.concat(chunk) ?? chunk;
    await server.left;
    expect(whole?.response_metadata).toMatchObject({ cut: "repetition", finish_reason: "length" });
    expect(whole?.text.length).toBeLessThan(6_000);
  });
});
