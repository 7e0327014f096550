import { ContextOverflowError } from "@langchain/core/errors";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { GptOssError } from "../../src/errors/errors.ts";
import { IncompleteAnswerError, explainModelError } from "../../src/model/model-errors.ts";
import { modelFor } from "../support/chat-model.ts";
import { startChatServer, stream } from "../support/chat-server.ts";
import { eventOf, textChunk, thrownBy } from "./support/foreign-server.ts";

const SENTENCE = "The model is not here";
const BODIES: readonly (readonly [string, unknown])[] = [
  ["error as text", { error: SENTENCE }],
  ["OpenAI's", { error: { message: SENTENCE, type: "invalid_request_error", code: null, param: null } }],
  ["a type of null", { error: { message: SENTENCE, type: null, code: 400 } }],
  ["vLLM's older one", { object: "error", message: SENTENCE, type: "BadRequestError", param: null, code: 400 }],
  ["FastAPI's", { detail: SENTENCE }],
  ["FastAPI's list", { detail: [{ type: "missing", loc: ["body", "messages"], msg: SENTENCE, input: {} }] }],
  ["FastAPI's object", { detail: { message: SENTENCE } }],
  ["a message", { message: SENTENCE }],
  ["a list of errors", { errors: [{ message: SENTENCE }] }],
  ["an error in a list", [{ error: { message: SENTENCE } }]],
  ["an error in an error", { error: { error: { message: SENTENCE } } }],
  ["JSON in a message", { error: { message: JSON.stringify({ error: { message: SENTENCE } }) } }],
  ["an empty first line", { error: { message: `\n\n${SENTENCE}\n  at line 5` } }],
];

describe("an error of a server", () => {
  describe.each([400, 401, 403, 404, 422, 429, 500, 503])("with HTTP %d", (status) => {
    it.each(BODIES)("is said in the server's own words: %s", async (_, body) => {
      const error = await thrownBy({ status, body });
      expect(GptOssError.isInstance(error)).toBe(true);
      expect(error.message).toContain(SENTENCE);
      expect(error.message).toContain(String(status));
    });
  });

  it.each([
    ["text/plain", SENTENCE],
    [
      "text/html",
      `<!DOCTYPE html><html><head><title>${SENTENCE}</title><style>a{}</style></head><body><p>…</p></body></html>`,
    ],
    ["text/html", `<html>\n<body>\n<h1>${SENTENCE}</h1></body></html>`],
    ["application/json", `{"error": "${SENTENCE}"`],
  ])("is read from %s", async (type, body) => {
    for (const status of [400, 502]) {
      const error = await thrownBy({ status, type, text: body });
      expect(GptOssError.isInstance(error)).toBe(true);
      expect(error.message).toContain(SENTENCE);
      expect(error.message).not.toMatch(/<\w/);
    }
  });

  it("without a body is said by its status", async () => {
    for (const status of [400, 404, 500]) {
      const error = await thrownBy({ status, type: "text/plain", text: "" });
      expect(GptOssError.isInstance(error)).toBe(true);
      expect(error.message).toContain(String(status));
    }
  });

  it("may have a body of any shape", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom(400, 401, 404, 500, 503), async (body, status) => {
        expect(GptOssError.isInstance(await thrownBy({ status, text: body, type: "application/json" }))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  const beginning = stream([{ content: "Hel" }, { content: "lo" }])
    .slice(0, 3)
    .map(eventOf);
  it.each<[string, string]>([
    ...BODIES.filter(([, body]) => !Array.isArray(body)).map(([name, body]): [string, string] => [name, eventOf(body)]),
    ["an event of type error with text", `event: error\ndata: ${SENTENCE}\n\n`],
    ["an event of type error with JSON text", `event: error\ndata: ${JSON.stringify(SENTENCE)}\n\n`],
    ["an event of type error with an object", `event: error\ndata: {"message": "${SENTENCE}"}\n\n`],
    ["a field of its own", `error: {"code": 500, "message": "${SENTENCE}"}\n\n`],
    [
      "an entry of the answer",
      eventOf({ choices: [{ delta: {}, finish_reason: "error", error: { message: SENTENCE } }] }),
    ],
    ["a line without a field", `{"error": {"message": "${SENTENCE}"}}\n\n`],
    ["a line without a field and an end", `{"error": "${SENTENCE}"}`],
  ])("in the middle of an answer is reported, and the text so far stays: %s", async (_, event) => {
    await using server = await startChatServer({ bytes: [...beginning, event], ending: "close" });
    const error: unknown = await modelFor(server)
      .invoke("Hi")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IncompleteAnswerError);
    expect((error as IncompleteAnswerError).message).toContain(SENTENCE);
    expect((error as IncompleteAnswerError).partialOutput.text).toBe("Hello");
    let streamed = "";
    await expect(
      (async () => {
        for await (const chunk of await modelFor(server).stream("Hi")) streamed += chunk.text;
      })(),
    ).rejects.toMatchObject({ message: expect.stringContaining(SENTENCE) });
    expect(streamed).toBe("Hello");
  });

  it("steers no terminal", async () => {
    expect((await thrownBy({ status: 500, body: { error: "a\u001B[2Jb" } })).message).not.toContain("\u001B");
  });
});

describe("a conversation that is too long", () => {
  const OVERFLOWS: readonly (readonly [string, unknown, object])[] = [
    [
      "llama-server",
      {
        error: {
          code: 400,
          message: "request (12235 tokens) exceeds the available context size (4096 tokens), try increasing it",
          type: "exceed_context_size_error",
          n_prompt_tokens: 12_235,
          n_ctx: 4_096,
        },
      },
      { promptTokens: 12_235, contextSize: 4_096 },
    ],
    [
      "an older llama-server",
      {
        error: {
          code: 400,
          message:
            "the request exceeds the available context size. try increasing the context size or enable context shift",
          type: "invalid_request_error",
        },
      },
      {},
    ],
    [
      "OpenAI",
      {
        error: {
          message:
            "This model's maximum context length is 6048 tokens. However, your messages resulted in 7000 tokens.",
          type: "invalid_request_error",
          code: "context_length_exceeded",
        },
      },
      { contextSize: 6_048, promptTokens: 7_000 },
    ],
    ["a code alone", { error: { message: "Too many.", code: "context_length_exceeded" } }, {}],
    [
      "vLLM",
      {
        object: "error",
        message:
          "This model's maximum context length is 6048 tokens. However, you requested 7000 tokens in the messages, Please reduce the length of the messages.",
        type: "BadRequestError",
        code: 400,
      },
      { contextSize: 6_048, promptTokens: 7_000 },
    ],
    [
      "a newer vLLM",
      {
        error: {
          message:
            "You passed 7000 input tokens and requested 100 output tokens. However, the model's context length is only 6048 tokens.",
          type: "BadRequestError",
          code: 400,
        },
      },
      { contextSize: 6_048, promptTokens: 7_000 },
    ],
    [
      "vLLM's decoder",
      {
        object: "error",
        message: "The decoder prompt (length 7000) is longer than the maximum model length of 6048.",
        type: "BadRequestError",
      },
      { contextSize: 6_048, promptTokens: 7_000 },
    ],
    [
      "SGLang",
      {
        object: "error",
        message: "The input (7000 tokens) is longer than the model's context length (6048 tokens).",
        type: "BadRequestError",
        code: 400,
      },
      { contextSize: 6_048 },
    ],
    [
      "Ollama",
      { error: { message: "the input length exceeds the context length", type: "invalid_request_error" } },
      {},
    ],
    [
      "LM Studio",
      {
        error:
          "Trying to keep the first 7000 tokens when context the overflows. However, the model is loaded with context length of only 6048 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input",
      },
      { promptTokens: 7_000, contextSize: 6_048 },
    ],
    [
      "LM Studio, another",
      {
        error:
          "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 7000>= n_ctx: 6048). Try to load the model with a larger context length, or provide a shorter input.",
      },
      { promptTokens: 7_000, contextSize: 6_048 },
    ],
    [
      "TGI",
      {
        error:
          "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 6048. Given: 7000 `inputs` tokens and 20 `max_new_tokens`",
        error_type: "validation",
      },
      { promptTokens: 7_000, contextSize: 6_048 },
    ],
    ["TabbyAPI", { detail: "Prompt length 7000 is greater than max_seq_len 6048" }, { contextSize: 6_048 }],
    [
      "Anthropic's words",
      { error: { message: "prompt is too long: 7000 tokens > 6048 maximum" } },
      { promptTokens: 7_000, contextSize: 6_048 },
    ],
    [
      "LiteLLM",
      {
        error: {
          message: "litellm.ContextWindowExceededError: it exceeds the context window",
          type: null,
          code: "400",
        },
      },
      {},
    ],
  ];

  it.each([
    "The sum of prompt length (5000), query length (0) should not exceed max_num_tokens (4096)",
    "prompt too long; exceeded max context length by 500 tokens",
  ])("is recognized in the sentence: %s", async (message) => {
    expect(ContextOverflowError.isInstance(await thrownBy({ status: 400, body: { message } }))).toBe(true);
  });

  it.each(OVERFLOWS)("is recognized in the error of %s, and is exit status 4", async (_, body, numbers) => {
    for (const reply of [{ status: 400, body }, { status: 500, body }, { status: 200, body }, { chunks: [body] }]) {
      const error = await thrownBy(reply);
      expect(ContextOverflowError.isInstance(error)).toBe(true);
      expect(error).toMatchObject(numbers);
      expect(explainModelError(error, "http://x/v1")).toMatchObject({ code: "context-overflow", exitStatus: 4 });
    }
  });

  it("in the middle of an answer keeps what came", async () => {
    const body = { error: { message: "context size has been exceeded", type: "server_error" } };
    const error = await thrownBy({ chunks: [textChunk("Hello"), body] });
    expect(ContextOverflowError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ partialOutput: { content: "Hello" } });
  });

  it.each([
    [400, { error: { message: "max_tokens must be at least 1" } }],
    [
      429,
      {
        error: {
          message: "Rate limit reached: 7000 tokens per minute exceeds the limit of 6048",
          code: "rate_limit_exceeded",
        },
      },
    ],
    [400, { error: { message: "image exceeds the maximum size of 20 MB" } }],
    [404, { error: { message: "model 'gpt-oss' not found" } }],
  ])("is not what HTTP %d %j says", async (status, body) => {
    const error = await thrownBy({ status, body });
    expect(ContextOverflowError.isInstance(error)).toBe(false);
    expect(GptOssError.isInstance(error)).toBe(true);
  });
});
