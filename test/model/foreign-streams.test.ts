import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { GptOssError } from "../../src/errors/errors.ts";
import { modelFor } from "../support/chat-model.ts";
import { type Reply, startChatServer, stream } from "../support/chat-server.ts";
import { bothWays, type Entry, eventOf, textChunk, thrownBy, weatherCall } from "./support/foreign-server.ts";

describe("what a server tells of its work", () => {
  it.each<[string, unknown, object | undefined]>([
    [
      "without a total",
      { prompt_tokens: 10, completion_tokens: 5 },
      { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    ],
    ["with a total alone", { total_tokens: 15 }, { total_tokens: 15 }],
    ["with nulls", { prompt_tokens: 10, completion_tokens: null, total_tokens: null }, { input_tokens: 10 }],
    ["with nothing but nulls", { prompt_tokens: null, completion_tokens: null, total_tokens: null }, undefined],
    ["of nothing", {}, undefined],
    [
      "as strings",
      { prompt_tokens: "10", completion_tokens: "5", total_tokens: "15" },
      { input_tokens: 10, output_tokens: 5 },
    ],
    ["as words", { prompt_tokens: "ten", completion_tokens: [], total_tokens: {} }, undefined],
    ["that is a word", "none", undefined],
    [
      "with details of another shape",
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: [], completion_tokens_details: 3 },
      { input_tokens: 10 },
    ],
  ])("usage %s never costs the answer", async (_, usage, expected) => {
    for (const message of await bothWays({ chunks: stream([{ content: "Hello" }], { usage }) })) {
      expect(message.text).toBe("Hello");
      expect({ usage: message.usage_metadata }).toMatchObject({ usage: expected });
    }
  });

  it("is put together from several chunks", async () => {
    const early = { choices: [], usage: { prompt_tokens_details: { cached_tokens: 7 } } };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    for (const message of await bothWays({ chunks: [early, ...stream([{ content: "Hello" }], { usage })] })) {
      expect(message.usage_metadata).toMatchObject({
        input_tokens: 10,
        total_tokens: 15,
        input_token_details: { cache_read: 7 },
      });
    }
  });

  const anything = fc
    .anything({ withNullPrototype: false, maxDepth: 2 })
    .filter((value) => JSON.stringify(value) !== undefined);
  it("may have any shape at all", async () => {
    await fc.assert(
      fc.asyncProperty(anything, anything, anything, async (usage, timings, prompt_progress) => {
        await using server = await startChatServer({
          chunks: stream([{ content: "Hello" }], { usage, timings, prompt_progress }),
        });
        expect((await modelFor(server, { onProgress: () => undefined }).invoke("Hi")).text).toBe("Hello");
      }),
      { numRuns: 40 },
    );
  });
});

describe("a server that does not stream", () => {
  const completion = (message: unknown, rest: Entry = {}) => ({
    id: "chatcmpl-x",
    object: "chat.completion",
    model: "gpt-oss-20b",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ...rest,
  });

  it.each<[string, unknown, object]>([
    ["text", { role: "assistant", content: "Hello" }, { text: "Hello" }],
    [
      "raw harmony",
      {
        role: "assistant",
        content: "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello",
      },
      { text: "Hello", additional_kwargs: { reasoning_content: "Hm." } },
    ],
    [
      "thinking",
      { role: "assistant", reasoning: "Hm.", content: "Hello" },
      { text: "Hello", additional_kwargs: { reasoning_content: "Hm." } },
    ],
    [
      "calls",
      {
        role: "assistant",
        content: null,
        tool_calls: [weatherCall("Lima", { id: "a" }), weatherCall("Oslo", { id: "b" })],
      },
      { tool_calls: [{ id: "a" }, { id: "b" }] },
    ],
    [
      "parts",
      {
        role: "assistant",
        content: [
          { type: "text", text: "Hel" },
          { type: "text", text: "lo" },
        ],
      },
      { text: "Hello" },
    ],
    ["a refusal", { role: "assistant", content: null, refusal: "Hello" }, { text: "Hello" }],
  ])("is understood: %s", async (_, message, expected) => {
    for (const type of ["application/json", "text/event-stream", "text/plain"]) {
      for (const answer of await bothWays({ status: 200, type, text: JSON.stringify(completion(message), null, 2) })) {
        expect(answer).toMatchObject({ ...expected, usage_metadata: { input_tokens: 10, output_tokens: 5 } });
      }
    }
  });

  it("may begin with a byte order mark, or put the message into a stream", async () => {
    const text = JSON.stringify(completion({ content: "Hello" }));
    for (const reply of [
      { status: 200, type: "application/json", text: `\uFEFF${text}` },
      { bytes: [`data: ${text}\n\n`] },
    ]) {
      for (const message of await bothWays(reply)) expect(message.text).toBe("Hello");
    }
  });

  it("says a message once that repeats what was streamed", async () => {
    const whole = { choices: [{ index: 0, message: { content: "Hello" }, finish_reason: "stop" }] };
    for (const message of await bothWays({ chunks: [textChunk("Hello"), whole] })) expect(message.text).toBe("Hello");
  });

  it("has said everything even without a reason for the end", async () => {
    const body = { choices: [{ message: { content: "Hello" } }] };
    for (const answer of await bothWays({ status: 200, body })) expect(answer.text).toBe("Hello");
  });

  it("at an address without Chat Completions is said so, with what is usual", async () => {
    const sentence = "Unexpected endpoint or method. (POST /chat/completions)";
    for (const status of [200, 404]) {
      const error = await thrownBy({ status, body: { error: `${sentence}. Returning 200 anyway` } });
      expect(error).toMatchObject({ message: expect.stringContaining(sentence), hint: expect.stringContaining("/v1") });
    }
    for (const body of ["404 page not found", "Not Found", "Cannot POST /chat/completions", ""]) {
      expect(await thrownBy({ status: 404, type: "text/plain", text: body })).toMatchObject({
        hint: expect.stringContaining("/v1"),
      });
    }
  });

  it.each([
    ["a page", "text/html", "<html><head><title>Sign in</title></head></html>", /Sign in/],
    ["text", "text/plain", "It works!", /It works!/],
    ["JSON of something else", "application/json", '{"status":"ok"}', /status/],
    ["a list", "application/json", "[1]", /1/],
  ])("and sends %s is named", async (_, type, body, expected) => {
    const error = await thrownBy({ status: 200, type, text: body });
    expect(GptOssError.isInstance(error)).toBe(true);
    expect(error.message).toMatch(expected);
  });

  it("and breaks off is said to", async () => {
    const half = JSON.stringify(completion({ content: "Hello" })).slice(0, 60);
    expect(await thrownBy({ status: 200, type: "application/json", text: half })).toMatchObject({
      code: "model-failed",
      wording: { key: "brokenOff" },
    });
  });
});

describe("the end of a stream", () => {
  it.each<[string, Reply]>([
    ["an empty reason", { chunks: [textChunk("Hel"), textChunk("lo"), textChunk("", "")], ending: "close" }],
    ["an empty reason with each chunk", { chunks: [textChunk("Hel", ""), textChunk("lo", "")], ending: "close" }],
    ["[DONE] and no reason", { chunks: [textChunk("Hel"), textChunk("lo")], ending: "done" }],
    ["a reason and no [DONE]", { chunks: [textChunk("Hel"), textChunk("lo", "stop")], ending: "close" }],
    [
      "[DONE], and a connection that stays",
      { bytes: [eventOf(textChunk("Hel")), eventOf(textChunk("lo")), "data: [DONE]\n\n"] },
    ],
    [
      "a refusal",
      {
        chunks: [
          { choices: [{ delta: { refusal: "Hel" } }] },
          { choices: [{ delta: { refusal: "lo" } }] },
          textChunk("", "stop"),
        ],
      },
    ],
  ])("may be %s", async (_, reply) => {
    for (const message of await bothWays(reply)) {
      expect(message.text).toBe("Hello");
      expect(message.response_metadata).toMatchObject({ finish_reason: "stop" });
    }
  });

  it.each([1, { type: "eos" }, true])("may have a reason that is not text: %j", async (reason) => {
    for (const message of await bothWays({ chunks: [textChunk("Hel"), textChunk("lo", reason)], ending: "close" })) {
      expect(message.text).toBe("Hello");
    }
  });

  it("by [DONE] without a reason after a call is a call", async () => {
    const chunk = { choices: [{ delta: { tool_calls: [weatherCall("Lima", { index: 0, id: "a" })] } }] };
    for (const message of await bothWays({ chunks: [chunk] })) {
      expect(message.tool_calls).toHaveLength(1);
      expect(message.response_metadata).toMatchObject({ finish_reason: "tool_calls" });
    }
  });

  it("without any sign is not an end", async () => {
    expect(await thrownBy({ chunks: [textChunk("Hel")], ending: "close" })).toMatchObject({
      wording: { key: "brokenOff" },
      partialOutput: { content: "Hel" },
    });
  });
});

describe("the lines of a stream", () => {
  const parts = ["Hel", "lo, ", "世界!"];
  const data = [
    ...parts.map((part) => JSON.stringify(textChunk(part))),
    JSON.stringify(textChunk("", "stop")),
    "[DONE]",
  ];
  const pretty = (json: string) => (json.startsWith("{") ? JSON.stringify(JSON.parse(json), null, 2) : json);
  const WAYS: readonly (readonly [string, string])[] = [
    ["line feeds", data.map((json) => `data: ${json}\n\n`).join("")],
    ["CR LF", data.map((json) => `data: ${json}\r\n\r\n`).join("")],
    ["CR", data.map((json) => `data: ${json}\r\r`).join("")],
    ["no space", data.map((json) => `data:${json}\n\n`).join("")],
    [
      "comments and names",
      `: hello\n\n${data.map((json, id) => `: ping\nid: ${id}\nevent: message\nretry: 5\ndata: ${json}\n\n`).join("")}`,
    ],
    [
      "several lines of data",
      data
        .map(
          (json) =>
            `${pretty(json)
              .split("\n")
              .map((row) => `data: ${row}\n`)
              .join("")}\n`,
        )
        .join(""),
    ],
    ["a byte order mark", `\uFEFF${data.map((json) => `data: ${json}\n\n`).join("")}`],
    [
      "empty events and pings",
      `data: \n\n${data.map((json) => `event: ping\ndata: {}\n\ndata: null\n\ndata: ${json}\n\n`).join("")}`,
    ],
    [
      "no empty line at the end",
      data
        .slice(0, -1)
        .map((json) => `data: ${json}`)
        .join("\n\n"),
    ],
  ];

  it.each(WAYS)("may be written with %s, and cut anywhere", async (_, body) => {
    const bytes = Buffer.from(body);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (size) => {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (__, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        await using server = await startChatServer({ bytes: pieces, ending: "close" });
        expect((await modelFor(server).invoke("Hi")).text).toBe("Hello, 世界!");
      }),
      { numRuns: 6, examples: [[1]] },
    );
  });
});
