import { describe, expect, it } from "@jest/globals";
import { testGateway } from "./support/gateway-client.ts";
import { analysis, call, commentary, end, final, plainAnswer, start } from "./support/scripted-source.ts";

const PATH = "/v1/messages";
const hello = { model: "gpt-oss-20b", max_tokens: 1000, messages: [{ role: "user", content: "Hello" }] };
const thinking = { type: "adaptive" };
const read = {
  name: "Read",
  description: "Reads a file.",
  input_schema: { type: "object", properties: { path: { type: "string" } } },
};

describe("a message", () => {
  it("has the thinking as a block where the client takes it", async () => {
    const { post } = testGateway([plainAnswer("Hello.", "The user greets.")]);
    const { status, json } = await post(`${PATH}?beta=true`, { ...hello, thinking });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      type: "message",
      role: "assistant",
      content: [
        { type: "thinking", thinking: "The user greets.", signature: expect.any(String) },
        { type: "text", text: "Hello." },
      ],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 40, cache_read_input_tokens: 60, output_tokens: 20 },
    });
    expect((await post(PATH, hello)).json["content"]).toEqual([{ type: "text", text: "Hello." }]);
  });

  it("streams blocks one after the other", async () => {
    const answer = [
      start,
      analysis("Look"),
      analysis("."),
      commentary("I read."),
      ...call("Read", '{"path": "a"}'),
      end(),
    ];
    const events = await testGateway([answer]).stream(PATH, { ...hello, thinking, tools: [read] });
    expect(
      events.map((event) => [event["type"], event["index"], event["delta"]?.["type"]].filter(Boolean).join(" ")),
    ).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta thinking_delta",
      "content_block_delta thinking_delta",
      "content_block_delta signature_delta",
      "content_block_stop",
      "content_block_start 1",
      "content_block_delta 1 text_delta",
      "content_block_stop 1",
      "content_block_start 2",
      "content_block_delta 2 input_json_delta",
      "content_block_delta 2 input_json_delta",
      "content_block_stop 2",
      "message_delta",
      "message_stop",
    ]);
    const json = events.map((event) => event["delta"]?.["partial_json"] ?? "").join("");
    expect(json).toBe('{"path": "a"}');
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" }, usage: { output_tokens: 20 } });
  });

  it("has an object as the input of every call", async () => {
    const answer = [start, ...call("Read", ""), ...call("Read", "print(1)", 1), end()];
    const { json } = await testGateway([answer]).post(PATH, { ...hello, tools: [read] });
    expect(json).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "tool_use", name: "Read", input: {}, id: expect.stringMatching(/^toolu_\w+$/) },
        { type: "tool_use", name: "Read", input: { input: "print(1)" } },
      ],
    });
    const events = await testGateway([answer]).stream(PATH, { ...hello, tools: [read] });
    const inputs = [0, 1].map((index) =>
      events
        .filter((event) => Number(event["index"]) === index)
        .map((event) => event["delta"]?.["partial_json"] ?? "")
        .join(""),
    );
    expect(inputs).toEqual(["{}", '{"input":"print(1)"}']);
  });

  it.each([
    [{ truncated: "max-tokens" as const, finishReason: "length" }, "max_tokens"],
    [{ truncated: "context-full" as const, finishReason: "length" }, "model_context_window_exceeded"],
    [{ stopSequence: "END" }, "stop_sequence"],
  ])("says why it ended (%j)", async (fields, reason) => {
    const { json } = await testGateway([[start, final("x"), end(fields)]]).post(PATH, hello);
    expect(json["stop_reason"]).toBe(reason);
    expect(json["stop_sequence"]).toBe("stopSequence" in fields ? "END" : null);
  });
});

describe("a request to Messages", () => {
  it("reaches the model with system messages in place and without the billing header", async () => {
    const { post, source, log } = testGateway([plainAnswer()]);
    const { status } = await post(PATH, {
      ...hello,
      system: [
        { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.0.abc; cc_entrypoint=cli;" },
        { type: "text", text: "You are an agent.", cache_control: { type: "ephemeral" } },
        { type: "text", text: "Be brief." },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "<reminder>" },
            { type: "text", text: "Go" },
          ],
        },
        { role: "system", content: "The date has changed." },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Read it.", signature: "x" },
            { type: "redacted_thinking", data: "x" },
            { type: "text", text: "I read." },
            { type: "tool_use", id: "toolu_1", name: "Read", input: { path: "a" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "text", text: "Go on." },
            {
              type: "tool_result",
              tool_use_id: "toolu_1",
              content: [
                { type: "text", text: "A" },
                { type: "image", source: {} },
              ],
            },
          ],
        },
      ],
      tools: [read, { type: "web_search_20250305", name: "web_search" }],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      thinking,
      output_config: { effort: "max" },
      context_management: { edits: [] },
      metadata: { user_id: "u" },
      stop_sequences: ["END"],
      top_k: 5,
      max_tokens: 32_000,
    });
    expect(status).toBe(200);
    expect(source.requests[0]).toMatchObject({
      effort: "high",
      maxTokens: 32_000,
      stop: ["END"],
      sampling: { topK: 5 },
      toolChoice: "required",
      tools: [{ name: "Read", parameters: read.input_schema }],
    });
    expect(source.requests[0]?.messages).toEqual([
      { role: "system", content: "You are an agent.\nBe brief." },
      { role: "user", content: "<reminder>\nGo" },
      { role: "system", content: "The date has changed." },
      {
        role: "assistant",
        content: "I read.",
        reasoning: "Read it.",
        toolCalls: [{ id: "toolu_1", name: "Read", arguments: '{"path":"a"}' }],
      },
      { role: "tool", content: expect.stringMatching(/^A\n\[An image /), toolCallId: "toolu_1" },
      { role: "user", content: "Go on." },
    ]);
    expect(log).toContainEqual({ type: "left-out", api: "messages", what: "tool web_search_20250305" });
  });

  it("continues an answer that it begins", async () => {
    const { post, source } = testGateway([plainAnswer()]);
    await post(PATH, { ...hello, messages: [...hello.messages, { role: "assistant", content: "Hel" }] });
    expect(source.requests[0]).toMatchObject({
      messages: [{ role: "user" }],
      resumeFrom: { channel: "final", text: "Hel" },
    });
  });

  it.each([
    [{ thinking: { type: "disabled" } }, "low"],
    [{ thinking: { type: "enabled", budget_tokens: 2_000 } }, "low"],
    [{ thinking: { type: "enabled", budget_tokens: 32_000 } }, "high"],
    [{ thinking, output_config: { effort: "medium" } }, "medium"],
    [{}, undefined],
  ])("says its effort in Anthropic's words (%j)", async (fields, effort) => {
    const { post, source } = testGateway([plainAnswer()]);
    await post(PATH, { ...hello, ...fields });
    expect(source.requests[0]?.effort).toBe(effort);
  });

  it.each([
    ["an image", { messages: [{ role: "user", content: [{ type: "image", source: {} }] }] }],
    ["an unknown role", { messages: [{ role: "tool", content: "x" }] }],
    ["an unknown tool choice", { tools: [read], tool_choice: { type: "tool", name: "Write" } }],
    ["a result without an id", { messages: [{ role: "user", content: [{ type: "tool_result" }] }] }],
    ["a message that is not text", { messages: [{ role: "user", content: 5 }] }],
  ])("with %s gets Anthropic's error", async (_, fields) => {
    const { status, json } = await testGateway([plainAnswer()]).post(PATH, { ...hello, ...fields });
    expect(status).toBe(400);
    expect(json).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: expect.any(String) },
    });
  });
});

describe("count_tokens", () => {
  it("asks the model server", async () => {
    const countTokens = async () => await Promise.resolve(321);
    const { post, source } = testGateway([plainAnswer()], { countTokens });
    expect(await post(`${PATH}/count_tokens`, { ...hello, tools: [read] })).toEqual({
      status: 200,
      json: { input_tokens: 321 },
    });
    expect(source.requests).toEqual([]);
  });

  it("estimates where the model server cannot count", async () => {
    const { json } = await testGateway([]).post(`${PATH}/count_tokens`, hello);
    expect(Number(json["input_tokens"])).toBeGreaterThan(0);
  });
});
