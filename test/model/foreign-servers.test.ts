import { ContextOverflowError } from "@langchain/core/errors";
import type { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { GptOssError } from "../../src/errors.ts";
import { IncompleteAnswerError } from "../../src/model/incomplete-answer.ts";
import { explainModelError } from "../../src/model/model-error.ts";
import { modelFor, WEATHER_TOOL } from "../support/chat-model.ts";
import { type Reply, startChatServer, stream } from "../support/chat-server.ts";

type Entry = Readonly<Record<string, unknown>>;

/** The same answer invoked and streamed. */
async function bothWays(reply: Reply): Promise<readonly (AIMessage | AIMessageChunk)[]> {
  await using server = await startChatServer(reply);
  const model = modelFor(server).bindTools([WEATHER_TOOL]);
  const invoked = await model.invoke("Hi");
  let streamed: AIMessageChunk | undefined;
  for await (const chunk of await model.stream("Hi")) streamed = streamed?.concat(chunk) ?? chunk;
  if (streamed === undefined) throw new Error("nothing came");
  return [invoked, streamed];
}

const thrownBy = async (reply: Reply): Promise<Error> => {
  await using server = await startChatServer(reply);
  return await modelFor(server)
    .invoke("Hi")
    .then(
      () => new Error("it should have failed"),
      (thrown: unknown) => thrown as Error,
    );
};

const chunksOf = (...deltas: readonly Entry[]): Reply => ({ chunks: stream(deltas, { finish: "tool_calls" }) });
const line = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const text = (content: string, finish_reason: unknown = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason }],
});

const f = (city: string, rest: Entry = {}) => ({
  ...rest,
  function: { name: "get_weather", arguments: `{"city":"${city}"}` },
});

describe("calls that a server has split off", () => {
  const both = [{ city: "Lima" }, { city: "Oslo" }];
  it.each<[string, readonly Entry[]]>([
    [
      "number 0 twice, in one chunk",
      [{ tool_calls: [f("Lima", { index: 0, id: "a" }), f("Oslo", { index: 0, id: "b" })] }],
    ],
    [
      "number 0 twice, in two chunks",
      [{ tool_calls: [f("Lima", { index: 0, id: "a" })] }, { tool_calls: [f("Oslo", { index: 0, id: "b" })] }],
    ],
    ["no number, in one chunk", [{ tool_calls: [f("Lima", { id: "a" }), f("Oslo", { id: "b" })] }]],
    ["no number, in two chunks", [{ tool_calls: [f("Lima", { id: "a" })] }, { tool_calls: [f("Oslo", { id: "b" })] }]],
    ["neither number nor id, in one chunk", [{ tool_calls: [f("Lima"), f("Oslo")] }]],
    ["neither number nor id, in two chunks", [{ tool_calls: [f("Lima")] }, { tool_calls: [f("Oslo")] }]],
    [
      "number 0 twice and no id",
      [{ tool_calls: [f("Lima", { index: 0 })] }, { tool_calls: [f("Oslo", { index: 0 })] }],
    ],
    [
      "number 0 twice and empty ids",
      [{ tool_calls: [f("Lima", { index: 0, id: "" })] }, { tool_calls: [f("Oslo", { index: 0, id: "" })] }],
    ],
    ["one id for both", [{ tool_calls: [f("Lima", { index: 0, id: "a" }), f("Oslo", { index: 1, id: "a" })] }]],
    [
      "begun one after the other, then the arguments in turn",
      [
        { tool_calls: [{ index: 0, id: "a", function: { name: "get_weather", arguments: "" } }] },
        { tool_calls: [{ index: 1, id: "b", function: { name: "get_weather", arguments: "" } }] },
        {
          tool_calls: [
            { index: 0, function: { arguments: '{"city":' } },
            { index: 1, function: { arguments: '{"city":' } },
          ],
        },
        { tool_calls: [{ index: 1, function: { arguments: '"Oslo"}' } }] },
        { tool_calls: [{ index: 0, function: { arguments: '"Lima"}' } }] },
      ],
    ],
    [
      "number 0 twice, the arguments in turn by id",
      [
        {
          tool_calls: [
            { index: 0, id: "a", function: { name: "get_weather" } },
            { index: 0, id: "b", function: { name: "get_weather" } },
          ],
        },
        { tool_calls: [{ index: 0, id: "a", function: { arguments: '{"city":' } }] },
        { tool_calls: [{ index: 0, id: "b", function: { arguments: '{"city":"Oslo"}' } }] },
        { tool_calls: [{ index: 0, id: "a", function: { arguments: '"Lima"}' } }] },
      ],
    ],
    [
      "no number, and the rest without an id",
      [
        { tool_calls: [{ id: "a", function: { name: "get_weather", arguments: '{"ci' } }] },
        { tool_calls: [{ function: { arguments: 'ty":"Lima"}' } }] },
        { tool_calls: [{ id: "b", function: { name: "get_weather", arguments: '{"ci' } }] },
        { tool_calls: [{ function: { arguments: 'ty":"Oslo"}' } }] },
      ],
    ],
    [
      "id and name with each chunk",
      ["Lima", "Oslo"].flatMap((city, index) =>
        ['{"city"', `:"${city}"}`].map((part) => ({
          tool_calls: [
            { index, id: `id${index}`, type: "function", function: { name: "get_weather", arguments: part } },
          ],
        })),
      ),
    ],
    [
      "objects for arguments",
      [
        {
          tool_calls: both.map((values, index) => ({
            index,
            id: `id${index}`,
            function: { name: "get_weather", arguments: values },
          })),
        },
      ],
    ],
  ])("are two: %s", async (_, deltas) => {
    for (const message of await bothWays(chunksOf(...deltas))) {
      expect(message.invalid_tool_calls).toEqual([]);
      expect(message.tool_calls?.map(({ name, args }) => ({ name, args }))).toEqual(
        both.map((args) => ({ name: "get_weather", args })),
      );
      const ids = message.tool_calls?.map(({ id }) => id ?? "") ?? [];
      expect(new Set(ids).size).toBe(2);
      expect(ids.every((id) => id !== "")).toBe(true);
      expect(message.response_metadata).toMatchObject({ finish_reason: "tool_calls" });
    }
  });

  it.each<[string, readonly Entry[]]>([
    [
      "the name in the second chunk",
      [{ tool_calls: [{ index: 0, id: "a", function: { arguments: "" } }] }, { tool_calls: [f("Lima", { index: 0 })] }],
    ],
    [
      "the name after the arguments",
      [
        { tool_calls: [{ index: 0, id: "a", function: { arguments: '{"city":"Lima"}' } }] },
        { tool_calls: [{ index: 0, function: { name: "get_weather" } }] },
      ],
    ],
    [
      "the name in parts",
      [
        { tool_calls: [{ index: 0, id: "a", function: { name: "get_" } }] },
        { tool_calls: [{ index: 0, function: { name: "weather", arguments: '{"city":"Lima"}' } }] },
      ],
    ],
    ["an empty id", [{ tool_calls: [f("Lima", { index: 0, id: "" })] }]],
    [
      "the id in the second chunk",
      [
        { tool_calls: [{ index: 0, id: "", function: { name: "get_weather", arguments: '{"city"' } }] },
        { tool_calls: [{ index: 0, id: "a", function: { arguments: ':"Lima"}' } }] },
      ],
    ],
    ...[
      "functions.get_weather",
      "get_weather<|channel|>commentary",
      "functions.get_weather<|constrain|>json",
      "get_weather<|channel|>",
      " get_weather ",
    ].map((name): [string, Entry[]] => [
      name,
      [{ tool_calls: [{ index: 0, id: "a", function: { name, arguments: '{"city":"Lima"}' } }] }],
    ]),
    [
      "the object in place of its text",
      [{ tool_calls: [{ index: 0, id: "a", function: { name: "get_weather", arguments: { city: "Lima" } } }] }],
    ],
    [
      "the same entry twice",
      [{ tool_calls: [f("Lima", { index: 0, id: "a" })] }, { tool_calls: [f("Lima", { index: 0, id: "a" })] }],
    ],
    [
      "the older function_call",
      [{ function_call: { name: "get_weather", arguments: '{"ci' } }, { function_call: { arguments: 'ty":"Lima"}' } }],
    ],
    [
      "name and arguments without `function`",
      [{ tool_calls: [{ index: 0, id: "a", type: "function", name: "get_weather", arguments: '{"city":"Lima"}' }] }],
    ],
    ["an entry of nothing beside it", [{ tool_calls: [null, f("Lima", { index: 0, id: "a" }), "x"] }]],
  ])("are one: %s", async (_, deltas) => {
    for (const message of await bothWays(chunksOf(...deltas))) {
      expect(message.tool_calls).toMatchObject([{ name: "get_weather", args: { city: "Lima" } }]);
      expect(message.invalid_tool_calls).toEqual([]);
      expect(message.tool_calls?.[0]?.id).toMatch(/./);
    }
  });

  it.each<[string, unknown, object]>([
    ["null", null, { tool_calls: [{ name: "get_weather", args: {} }] }],
    ["nothing", undefined, { tool_calls: [{ name: "get_weather", args: {} }] }],
    ["an array", ["Lima"], { tool_calls: [], invalid_tool_calls: [{ name: "get_weather" }] }],
    ["a number", 4, { tool_calls: [], invalid_tool_calls: [{ name: "get_weather" }] }],
  ])("with %s for arguments do not fail the answer", async (_, given, expected) => {
    const entry = { index: 0, id: "a", function: { name: "get_weather", arguments: given } };
    for (const message of await bothWays(chunksOf({ tool_calls: [entry] }))) expect(message).toMatchObject(expected);
  });

  it("get an id that no call before them has, where the server counts from 0 in each answer", async () => {
    await using server = await startChatServer(chunksOf({ tool_calls: [f("Lima", { index: 0, id: "call_0" })] }));
    const model = modelFor(server).bindTools([WEATHER_TOOL]);
    const first = await model.invoke("Hi");
    const second = await model.invoke([
      { role: "user", content: "Hi" },
      first,
      { role: "tool", tool_call_id: "call_0", content: "sun" },
    ]);
    expect(first.tool_calls?.[0]?.id).toBe("call_0");
    expect(second.tool_calls?.[0]?.id).not.toBe("call_0");
  });

  it("are the same however they are cut into chunks", async () => {
    const calls = fc.array(fc.record({ city: fc.string({ minLength: 1, maxLength: 8 }) }), {
      minLength: 1,
      maxLength: 3,
    });
    const shape = fc.record({
      withIndex: fc.boolean(),
      repeatsName: fc.boolean(),
      size: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(calls, shape, async (values, { withIndex, repeatsName, size }) => {
        const deltas = values.flatMap((args, index) => {
          const written = JSON.stringify(args);
          const parts = written.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
          return ["", ...parts].map((part, at) => ({
            tool_calls: [
              {
                id: `id${index}`,
                ...(withIndex && { index }),
                function: { ...((at === 0 || repeatsName) && { name: "get_weather" }), arguments: part },
              },
            ],
          }));
        });
        for (const message of await bothWays(chunksOf(...deltas)))
          expect(message.tool_calls?.map(({ args }) => args)).toEqual(values);
      }),
      { numRuns: 15 },
    );
  });
});

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
      if (expected === undefined) expect(message.usage_metadata).toBeUndefined();
      else expect(message.usage_metadata).toMatchObject(expected);
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
    .map(line);
  it.each<[string, string]>([
    ...BODIES.filter(([, body]) => !Array.isArray(body)).map(([name, body]): [string, string] => [name, line(body)]),
    ["an event of type error with text", `event: error\ndata: ${SENTENCE}\n\n`],
    ["an event of type error with JSON text", `event: error\ndata: ${JSON.stringify(SENTENCE)}\n\n`],
    ["an event of type error with an object", `event: error\ndata: {"message": "${SENTENCE}"}\n\n`],
    ["a line without a field", `{"error": {"message": "${SENTENCE}"}}\n\n`],
    ["a line without a field and an end", `{"error": "${SENTENCE}"}`],
  ])("in the middle of an answer is said, and what came is kept: %s", async (_, event) => {
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

  it.each(OVERFLOWS)("is told by %s, and is exit status 4", async (_, body, numbers) => {
    for (const reply of [{ status: 400, body }, { status: 500, body }, { status: 200, body }, { chunks: [body] }]) {
      const error = await thrownBy(reply);
      expect(ContextOverflowError.isInstance(error)).toBe(true);
      expect(error).toMatchObject(numbers);
      expect(explainModelError(error, "http://x/v1")).toMatchObject({ code: "context-overflow", exitStatus: 4 });
    }
  });

  it("in the middle of an answer keeps what came", async () => {
    const body = { error: { message: "context size has been exceeded", type: "server_error" } };
    const error = await thrownBy({ chunks: [text("Hello"), body] });
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
      { role: "assistant", content: null, tool_calls: [f("Lima", { id: "a" }), f("Oslo", { id: "b" })] },
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
    ["an empty reason", { chunks: [text("Hel"), text("lo"), text("", "")], ending: "close" }],
    ["an empty reason with each chunk", { chunks: [text("Hel", ""), text("lo", "")], ending: "close" }],
    ["[DONE] and no reason", { chunks: [text("Hel"), text("lo")], ending: "done" }],
    ["a reason and no [DONE]", { chunks: [text("Hel"), text("lo", "stop")], ending: "close" }],
    ["[DONE], and a connection that stays", { bytes: [line(text("Hel")), line(text("lo")), "data: [DONE]\n\n"] }],
    [
      "a refusal",
      {
        chunks: [
          { choices: [{ delta: { refusal: "Hel" } }] },
          { choices: [{ delta: { refusal: "lo" } }] },
          text("", "stop"),
        ],
      },
    ],
  ])("may be %s", async (_, reply) => {
    for (const message of await bothWays(reply)) {
      expect(message.text).toBe("Hello");
      expect(message.response_metadata).toMatchObject({ finish_reason: "stop" });
    }
  });

  it("by [DONE] without a reason after a call is a call", async () => {
    const chunk = { choices: [{ delta: { tool_calls: [f("Lima", { index: 0, id: "a" })] } }] };
    for (const message of await bothWays({ chunks: [chunk] })) {
      expect(message.tool_calls).toHaveLength(1);
      expect(message.response_metadata).toMatchObject({ finish_reason: "tool_calls" });
    }
  });

  it("without any sign is no end", async () => {
    expect(await thrownBy({ chunks: [text("Hel")], ending: "close" })).toMatchObject({
      wording: { key: "brokenOff" },
      partialOutput: { content: "Hel" },
    });
  });
});

describe("the lines of a stream", () => {
  const parts = ["Hel", "lo, ", "世界!"];
  const data = [...parts.map((part) => JSON.stringify(text(part))), JSON.stringify(text("", "stop")), "[DONE]"];
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
