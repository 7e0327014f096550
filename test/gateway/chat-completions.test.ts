import { describe, expect, it } from "@jest/globals";
import { testGateway } from "./support/gateway-client.ts";
import { analysis, call, commentary, end, final, plainAnswer, start } from "./support/scripted-source.ts";

const PATH = "/v1/chat/completions";
const hello = { model: "gpt-oss-20b", messages: [{ role: "user", content: "Hello" }] };
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};

describe("an answer of Chat Completions", () => {
  it("has the text, the thinking under both names, and the usage", async () => {
    const { post } = testGateway([plainAnswer("Hello.", "The user greets.")]);
    const { status, json } = await post(PATH, hello);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      object: "chat.completion",
      model: "gpt-oss-20b",
      choices: [
        {
          message: {
            role: "assistant",
            content: "Hello.",
            reasoning: "The user greets.",
            reasoning_content: "The user greets.",
          },
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 60 },
        completion_tokens_details: { reasoning_tokens: 7 },
      },
    });
  });

  it("streams the same, and every chunk has a choice", async () => {
    const { stream } = testGateway([[start, analysis("I "), analysis("think."), final("Hel"), final("lo."), end()]]);
    const events = await stream(PATH, { ...hello, stream_options: { include_usage: true } });
    expect(events.at(-1)).toBe("[DONE]");
    const chunks = events.slice(0, -1);
    const deltas = chunks.map((chunk) => chunk["choices"]?.[0]?.["delta"]);
    expect(deltas).toEqual([
      { role: "assistant", content: "" },
      { reasoning: "I ", reasoning_content: "I " },
      { reasoning: "think.", reasoning_content: "think." },
      { content: "Hel" },
      { content: "lo." },
      {},
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: "stop" }], usage: { total_tokens: 120 } });
    expect(new Set(chunks.map((chunk) => chunk["id"])).size).toBe(1);
  });

  it("has no usage in a stream whose client does not ask for it", async () => {
    const { stream } = testGateway([plainAnswer()]);
    expect((await stream(PATH, hello)).filter((chunk) => "usage" in Object(chunk))).toEqual([]);
  });

  it("has calls with their arguments as the model wrote them", async () => {
    const written = '{"city":  "Paris"}';
    const answers = [
      [start, analysis("Look it up."), ...call("get_weather", written), end({ finishReason: "tool_calls" })],
    ];
    const { json } = await testGateway(answers).post(PATH, { ...hello, tools: [weather] });
    const [choice] = json["choices"] ?? [];
    expect(choice).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: null,
        tool_calls: [{ type: "function", function: { name: "get_weather", arguments: written } }],
      },
    });
    const events = await testGateway(answers).stream(PATH, { ...hello, tools: [weather] });
    const parts = events.flatMap((chunk) => chunk["choices"]?.[0]?.["delta"]?.["tool_calls"] ?? []);
    expect(parts[0]).toMatchObject({ index: 0, type: "function", function: { name: "get_weather", arguments: "" } });
    expect(parts.map((part) => part["function"]?.["arguments"]).join("")).toBe(written);
  });

  it("has an empty object for a call without arguments", async () => {
    const { post } = testGateway([[start, ...call("now", ""), end()]]);
    const { json } = await post(PATH, hello);
    expect(json["choices"]?.[0]?.["message"]?.["tool_calls"]).toMatchObject([{ function: { arguments: "{}" } }]);
  });

  it("has what is said before a call as text", async () => {
    const { post } = testGateway([[start, commentary("I look."), ...call("get_weather", "{}"), final("Done."), end()]]);
    const { json } = await post(PATH, hello);
    expect(json["choices"]?.[0]?.["message"]?.["content"]).toBe("I look.\n\nDone.");
  });

  it("has nothing but JSON in the text of structured output", async () => {
    const { post, source } = testGateway([[start, commentary("Here it is."), final('{"a":1}'), end()]]);
    const response_format = { type: "json_schema", json_schema: { name: "thing", schema: { type: "object" } } };
    const { json } = await post(PATH, { ...hello, response_format });
    expect(json["choices"]?.[0]?.["message"]?.["content"]).toBe('{"a":1}');
    expect(source.requests[0]?.responseFormat).toMatchObject({ type: "json_schema", name: "thing" });
  });

  it("says that it was cut", async () => {
    const { post } = testGateway([
      [start, final("Once upon"), end({ finishReason: "length", truncated: "max-tokens" })],
    ]);
    expect((await post(PATH, { ...hello, max_tokens: 2 })).json["choices"]).toMatchObject([
      { finish_reason: "length" },
    ]);
  });

  it("has one call where the client takes no more", async () => {
    const { post } = testGateway([[start, ...call("a", "{}"), ...call("b", '{"x":1}', 1), end()]]);
    const { json } = await post(PATH, { ...hello, parallel_tool_calls: false });
    expect(json["choices"]?.[0]?.["message"]?.["tool_calls"]).toMatchObject([
      { function: { name: "a", arguments: "{}" } },
    ]);
  });

  it("gives a custom tool its text back", async () => {
    const custom = {
      type: "custom",
      custom: { name: "apply_patch", format: { type: "grammar", grammar: { definition: "start: x" } } },
    };
    const answers = [[start, ...call("apply_patch", '{"input":"*** Begin\\n"}'), end()]];
    const { post, source } = testGateway(answers);
    const { json } = await post(PATH, { ...hello, tools: [custom] });
    const expected = { type: "custom", custom: { name: "apply_patch", input: "*** Begin\n" } };
    expect(json["choices"]?.[0]?.["message"]?.["tool_calls"]).toMatchObject([expected]);
    expect(source.requests[0]?.tools).toMatchObject([
      { name: "apply_patch", description: expect.stringContaining("start: x"), parameters: { required: ["input"] } },
    ]);
    const events = await testGateway(answers).stream(PATH, { ...hello, tools: [custom] });
    expect(events.flatMap((chunk) => chunk["choices"]?.[0]?.["delta"]?.["tool_calls"] ?? [])).toMatchObject([expected]);
  });

  it("has the log probabilities of the answer alone", async () => {
    const tokens = ["<|channel|>", "analysis", "<|message|>", "Hm", "<|end|>", "<|start|>", "assistant"];
    const more = ["<|channel|>", "final", "<|message|>", "Hi", "<|return|>"];
    const logprobs = (token: string) => ({
      type: "logprobs" as const,
      logprobs: { content: [{ token, logprob: -1 }] },
    });
    const answer = [start, ...[...tokens, ...more].map(logprobs), final("Hi"), end()];
    const { json } = await testGateway([answer]).post(PATH, { ...hello, logprobs: true, top_logprobs: 2 });
    expect(json["choices"]?.[0]?.["logprobs"]).toMatchObject({ content: [{ token: "Hi", logprob: -1 }] });
  });
});

describe("a request to Chat Completions", () => {
  it("reaches the model with all of its options", async () => {
    const { post, source } = testGateway([plainAnswer()]);
    const { status } = await post(PATH, {
      ...hello,
      unknown_field: { deep: [1] },
      temperature: 0.5,
      top_p: null,
      seed: 7,
      stop: "END",
      max_tokens: 32_000,
      reasoning_effort: "minimal",
      tools: [weather, { type: "web_search" }],
      tool_choice: { type: "function", function: { name: "get_weather" } },
      logit_bias: { "5": -1 },
    });
    expect(status).toBe(200);
    expect(source.requests[0]).toMatchObject({
      messages: [{ role: "user", content: "Hello" }],
      sampling: { temperature: 0.5 },
      seed: 7,
      stop: ["END"],
      maxTokens: 32_000,
      effort: "low",
      tools: [{ name: "get_weather" }],
      toolChoice: { name: "get_weather" },
      extra: { logit_bias: { "5": -1 } },
      currentDate: "2026-12-01",
    });
  });

  it("may have instructions anywhere, parts of text, calls and thinking", async () => {
    const { post, source } = testGateway([plainAnswer()]);
    await post(PATH, {
      messages: [
        {
          role: "system",
          content: [
            { type: "text", text: "One." },
            { type: "text", text: "Two." },
          ],
        },
        { role: "user", content: "Weather?" },
        {
          role: "assistant",
          content: null,
          reasoning: "Hm.",
          tool_calls: [{ id: "a", type: "function", function: { name: "get_weather", arguments: '{"city":"X"}' } }],
        },
        {
          role: "tool",
          tool_call_id: "a",
          content: [
            { type: "text", text: "Rain" },
            { type: "image_url", image_url: {} },
          ],
        },
        { role: "developer", content: "Be brief." },
      ],
    });
    expect(source.requests[0]?.messages).toEqual([
      { role: "system", content: "One.\nTwo." },
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: "",
        reasoning: "Hm.",
        toolCalls: [{ id: "a", name: "get_weather", arguments: '{"city":"X"}' }],
      },
      { role: "tool", content: expect.stringMatching(/^Rain\n\[An image /), toolCallId: "a" },
      { role: "developer", content: "Be brief." },
    ]);
  });

  it("logs a tool that cannot be offered once", async () => {
    const { post, log } = testGateway([plainAnswer()]);
    for (let count = 0; count < 3; count++) await post(PATH, { ...hello, tools: [{ type: "web_search" }] });
    expect(log.filter(({ type }) => type === "left-out")).toEqual([
      { type: "left-out", api: "chat-completions", what: "tool web_search" },
    ]);
  });

  it.each([
    ["no messages", { messages: [] }, "messages"],
    ["an unknown role", { messages: [{ role: "king", content: "" }] }, "messages[0].role"],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
      "messages[0].content[0]",
    ],
    ["an unknown effort", { ...hello, reasoning_effort: "huge" }, "reasoning_effort"],
    ["no room for an answer", { ...hello, max_tokens: 0 }, "max_tokens"],
    [
      "a choice of a tool that is not offered",
      { ...hello, tools: [weather], tool_choice: { type: "function", function: { name: "x" } } },
      "tool_choice",
    ],
    [
      "a required call without a tool",
      { ...hello, tools: [{ type: "web_search" }], tool_choice: "required" },
      "tool_choice",
    ],
    ["several answers", { ...hello, n: 2 }, "n"],
    ["streamed log probabilities with tools", { ...hello, stream: true, logprobs: true, tools: [weather] }, "logprobs"],
  ])("with %s gets an error that names the field", async (_, body, param) => {
    const { post, source } = testGateway([plainAnswer()]);
    const { status, json } = await post(PATH, body);
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: { type: "invalid_request_error", param, message: expect.any(String) } });
    expect(source.requests).toEqual([]);
  });
});
