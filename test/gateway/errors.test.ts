import { describe, expect, it } from "@jest/globals";
import { array, assert, asyncProperty, constantFrom, jsonValue, oneof, record } from "fast-check";
import { createError } from "../../src/i18n/error-messages.ts";
import { GptOssError } from "../../src/errors/errors.ts";
import { PromptTooLongError } from "../../src/inference/request-error.ts";
import { testGateway } from "./support/gateway-client.ts";
import { analysis, plainAnswer, start } from "./support/scripted-source.ts";

const CHAT = "/v1/chat/completions";
const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const hello = { messages: [{ role: "user", content: "Hello" }], input: "Hello" };

const tooLong = () => new PromptTooLongError(12_235, 4_096, undefined);
const unreachable = () => createError("unreachable", ["http://127.0.0.1:9", "ECONNREFUSED"]);

describe("a prompt that does not fit", () => {
  it.each([
    [
      CHAT,
      {
        error: {
          type: "invalid_request_error",
          code: "context_length_exceeded",
          message: expect.stringMatching(/4096.*12235/),
        },
      },
    ],
    [RESPONSES, { error: { type: "invalid_request_error", code: "context_length_exceeded" } }],
    [
      MESSAGES,
      {
        type: "error",
        error: { type: "invalid_request_error", message: "prompt is too long: 12235 tokens > 4096 maximum" },
      },
    ],
  ])(
    "gets the numbers in the form of %s, and a status even if the answer was to be streamed",
    async (path, expected) => {
      const { post } = testGateway([[tooLong()]]);
      for (const stream of [false, true])
        expect(await post(path, { ...hello, stream })).toMatchObject({ status: 400, json: expected });
    },
  );

  it("is an event once the stream has started", async () => {
    const answers = [[300, tooLong()]];
    expect((await testGateway(answers).stream(CHAT, hello)).at(-1)).toMatchObject({
      error: { code: "context_length_exceeded" },
    });
    expect((await testGateway(answers).stream(RESPONSES, hello)).at(-1)).toMatchObject({
      type: "response.failed",
      response: {
        status: "failed",
        error: { code: "context_length_exceeded", message: expect.stringContaining("4096") },
      },
    });
    expect((await testGateway(answers).stream(MESSAGES, hello)).at(-1)).toMatchObject({
      type: "error",
      error: { message: expect.stringContaining("prompt is too long") },
    });
  });
});

describe("a model server that is gone", () => {
  it("is waited for, and asked again while nothing has been sent", async () => {
    let waits = 0;
    const ready = async () => await Promise.resolve(void waits++);
    const answers = [[start, unreachable()], plainAnswer("Hello.")];
    const { stream, source } = testGateway(answers, { ready });
    const events = await stream(MESSAGES, hello);
    expect(events.map((event) => event["delta"]?.["text"] ?? "").join("")).toBe("Hello.");
    expect([waits, source.requests.length]).toEqual([2, 2]);
  });

  it("ends an answer that has started", async () => {
    const ready = async () => await Promise.resolve();
    const { stream, log } = testGateway([[start, analysis("I"), unreachable()], plainAnswer()], { ready });
    expect((await stream(CHAT, hello)).at(-1)).toMatchObject({ error: { type: "unavailable_error" } });
    expect(log).toContainEqual(expect.objectContaining({ type: "request", status: 503 }));
  });

  it("restarts the answer of a client that does not stream", async () => {
    const ready = async () => await Promise.resolve();
    const { post } = testGateway([[start, analysis("lost"), unreachable()], plainAnswer("Hello.", "new")], { ready });
    expect((await post(CHAT, hello)).json["choices"]).toMatchObject([
      { message: { content: "Hello.", reasoning: "new" } },
    ]);
  });

  it.each([
    [CHAT, { error: { type: "unavailable_error" } }],
    [MESSAGES, { type: "error", error: { type: "overloaded_error" } }],
  ])("is 503 in the form of %s", async (path, json) => {
    expect(await testGateway([[unreachable()]]).post(path, hello)).toMatchObject({ status: 503, json });
  });
});

describe("an error of the model server", () => {
  it("that blames the request is the client's", async () => {
    const refused = new GptOssError("model-failed", "No such field.", {
      cause: Object.assign(new Error("400"), { status: 400 }),
    });
    expect((await testGateway([[refused]]).post(CHAT, hello)).status).toBe(400);
    expect((await testGateway([[createError("strayToolResult", ["a", "b"])]]).post(CHAT, hello)).status).toBe(400);
  });

  it("of any other kind is 502, and a defect 500 without its words", async () => {
    const { post, log } = testGateway([[new GptOssError("model-failed", "The server failed.")], [new Error("SECRET")]]);
    expect((await post(CHAT, hello)).status).toBe(502);
    const { status, json } = await post(CHAT, hello);
    expect(status).toBe(500);
    expect(JSON.stringify(json)).not.toContain("SECRET");
    expect(log).toContainEqual(expect.objectContaining({ type: "error", error: expect.any(Error) }));
  });
});

describe("an address that does not exist", () => {
  it("is 404 in the form of the API", async () => {
    const { post } = testGateway([]);
    expect(await post("/v1/completions", {})).toMatchObject({
      status: 404,
      json: { error: { type: "not_found_error" } },
    });
    expect(await post("/v1/messages/batches", {})).toMatchObject({ status: 404, json: { type: "error" } });
  });
});

/** Values that stand where something else belongs. */
const odd = oneof(
  constantFrom(null, true, 0, -1, 1.5, "", "x", [], {}, [[]], [null], { type: "x" }, { type: null }, "\ud83d", {
    type: "text",
  }),
  jsonValue({ maxDepth: 2 }),
);
const FIELDS = {
  [CHAT]: [
    "messages",
    "tools",
    "tool_choice",
    "response_format",
    "stop",
    "max_tokens",
    "temperature",
    "logit_bias",
    "n",
    "stream_options",
  ],
  [RESPONSES]: [
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "text",
    "reasoning",
    "metadata",
    "prompt",
    "max_output_tokens",
  ],
  [MESSAGES]: [
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "stop_sequences",
    "metadata",
    "max_tokens",
  ],
} as const;

describe("whatever a client sends", () => {
  it.each([CHAT, RESPONSES, MESSAGES] as const)("never makes %s fail", async (path) => {
    const { post } = testGateway([plainAnswer()]);
    const item = record(
      { role: constantFrom("user", "assistant", "tool"), content: odd, type: odd, tool_calls: odd },
      { requiredKeys: [] },
    );
    const value = oneof(odd, array(odd, { maxLength: 2 }), array(item, { maxLength: 3 }));
    await assert(
      asyncProperty(constantFrom(...FIELDS[path]), value, async (field, given) => {
        const { status } = await post(path, { ...hello, [field]: given });
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 300 },
    );
  });

  it.each(["", "{", "null", "[]", '"text"', "\u0000", '{"messages":'])(
    "is an error of the client's when it is %j",
    async (body) => {
      for (const path of [CHAT, RESPONSES, MESSAGES, "/v1/embeddings", "/v1/messages/count_tokens"]) {
        expect((await testGateway([]).post(path, body)).status).toBe(400);
      }
    },
  );
});
