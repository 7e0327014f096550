import { describe, expect, it } from "@jest/globals";
import { type Json, testGateway } from "./support/gateway-client.ts";
import { analysis, call, commentary, end, final, plainAnswer, start } from "./support/scripted-source.ts";

const PATH = "/v1/responses";
const shell = {
  type: "function",
  name: "shell",
  strict: false,
  description: "Runs a command.",
  parameters: { type: "object", properties: { command: { type: "string" } } },
};

describe("a response", () => {
  it("has the thinking and the text as items, and the usage", async () => {
    const { status, json } = await testGateway([plainAnswer("Hello.", "The user greets.")]).post(PATH, {
      input: "Hello",
      instructions: "Be kind.",
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      object: "response",
      status: "completed",
      error: null,
      output: [
        { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "The user greets." }] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello.", annotations: [] }] },
      ],
      usage: {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 60 },
        output_tokens: 20,
        output_tokens_details: { reasoning_tokens: 7 },
        total_tokens: 120,
      },
    });
  });

  it("streams events in order, which add up to the response", async () => {
    const answer = [
      start,
      analysis("Think"),
      analysis("ing."),
      commentary("I run it."),
      ...call("shell", '{"a": 1}'),
      end(),
    ];
    const events = await testGateway([answer]).stream(PATH, { input: "Hello", tools: [shell] });
    expect(events.map((event) => event["type"])).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.reasoning_text.delta",
      "response.reasoning_text.delta",
      "response.reasoning_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index));
    const done = events.filter((event) => String(event["type"]) === "response.output_item.done");
    const response = events.at(-1)?.["response"];
    expect(done.map((event) => event["item"])).toEqual(response?.["output"]);
    expect(done.map((event) => event["output_index"])).toEqual([0, 1, 2]);
    expect(response?.["output"]).toMatchObject([
      { type: "reasoning" },
      { type: "message", phase: "commentary", content: [{ text: "I run it." }] },
      { type: "function_call", name: "shell", arguments: '{"a": 1}', call_id: expect.stringMatching(/^call_/) },
    ]);
  });

  it("is incomplete when it was cut", async () => {
    const answer = [start, final("Once"), end({ finishReason: "length", truncated: "max-tokens" })];
    const { json } = await testGateway([answer]).post(PATH, { input: "Hello", max_output_tokens: 1 });
    expect(json).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    const events = await testGateway([answer]).stream(PATH, { input: "Hello" });
    expect(events.at(-1)).toMatchObject({ type: "response.incomplete", response: { status: "incomplete" } });
  });

  it("names the tools of namespaces and custom tools as the client does", async () => {
    const namespace = { type: "namespace", name: "multi_agent_v1", tools: [{ ...shell, name: "spawn" }] };
    const patch = {
      type: "custom",
      name: "apply_patch",
      format: { type: "grammar", syntax: "lark", definition: "start: x" },
    };
    const tools = [namespace, patch, { ...shell, name: "spawn" }];
    const answer = [
      start,
      ...call("multi_agent_v1__spawn", "{}"),
      ...call("apply_patch", '{"input":"*** Begin"}', 1),
      end(),
    ];
    const { post, source } = testGateway([answer]);
    const { json } = await post(PATH, { input: "Hello", tools });
    expect(source.requests[0]?.tools?.map(({ name }) => name)).toEqual([
      "multi_agent_v1__spawn",
      "apply_patch",
      "spawn",
    ]);
    expect(json["output"]).toMatchObject([
      { type: "function_call", namespace: "multi_agent_v1", name: "spawn", arguments: "{}" },
      { type: "custom_tool_call", name: "apply_patch", input: "*** Begin" },
    ]);
    const output = [...(json["output"] ?? [])];
    const results = [
      { type: "function_call_output", call_id: output[0]?.["call_id"], output: "spawned" },
      {
        type: "custom_tool_call_output",
        call_id: output[1]?.["call_id"],
        output: [{ type: "input_text", text: "done" }],
      },
    ];
    await post(PATH, { input: [{ role: "user", content: "Hello" }, ...output, ...results], tools });
    expect(source.requests[1]?.messages.slice(1)).toMatchObject([
      {
        role: "assistant",
        toolCalls: [
          { name: "multi_agent_v1__spawn", arguments: "{}" },
          { name: "apply_patch", arguments: '{"input":"*** Begin"}' },
        ],
      },
      { role: "tool", content: "spawned" },
      { role: "tool", content: "done" },
    ]);
  });

  it("has what the model wrote for a custom tool, even if it is not JSON", async () => {
    const tools = [{ type: "custom", name: "apply_patch" }];
    const answer = [start, ...call("apply_patch", "*** Begin Patch\n"), end()];
    const { json } = await testGateway([answer]).post(PATH, { input: "Hello", tools });
    expect(json["output"]).toMatchObject([{ type: "custom_tool_call", input: "*** Begin Patch\n" }]);
  });
});

describe("a request to Responses", () => {
  it("has its items joined to messages", async () => {
    const { post, source } = testGateway([plainAnswer()]);
    const { status } = await post(PATH, {
      instructions: "You are an agent.",
      input: [
        {
          type: "message",
          role: "developer",
          content: [
            { type: "input_text", text: "A" },
            { type: "input_text", text: "B" },
          ],
        },
        { type: "message", role: "user", content: [{ type: "input_text", text: "Go" }] },
        {
          type: "reasoning",
          summary: [],
          content: [{ type: "reasoning_text", text: "Plan." }],
          encrypted_content: null,
        },
        {
          type: "message",
          role: "assistant",
          phase: "commentary",
          content: [{ type: "output_text", text: "I run it." }],
        },
        { type: "function_call", name: "shell", arguments: '{"command":"ls"}', call_id: "a" },
        { type: "function_call", name: "shell", arguments: '{"command":"pwd"}', call_id: "b" },
        { type: "function_call_output", call_id: "b", output: "/" },
        { type: "function_call_output", call_id: "a", output: "x" },
        { type: "web_search_call", id: "ws_1", status: "completed" },
      ],
      tools: [shell, { type: "web_search", external_web_access: false }],
      reasoning: { effort: "high", summary: "auto" },
      text: { verbosity: "low", format: { type: "text" } },
      store: true,
      include: ["reasoning.encrypted_content"],
      prompt_cache_key: "x",
      client_metadata: { a: "b" },
    });
    expect(status).toBe(200);
    expect(source.requests[0]).toMatchObject({ effort: "high", tools: [{ name: "shell" }] });
    expect(source.requests[0]?.messages).toEqual([
      { role: "system", content: "You are an agent." },
      { role: "developer", content: "A\nB" },
      { role: "user", content: "Go" },
      {
        role: "assistant",
        content: "I run it.",
        reasoning: "Plan.",
        toolCalls: [
          { id: "a", name: "shell", arguments: '{"command":"ls"}' },
          { id: "b", name: "shell", arguments: '{"command":"pwd"}' },
        ],
      },
      { role: "tool", content: "/", toolCallId: "b" },
      { role: "tool", content: "x", toolCallId: "a" },
    ]);
  });

  it.each([
    ["a stored response", { previous_response_id: "resp_1" }, "previous_response_id"],
    ["a stored conversation", { conversation: "conv_1" }, "conversation"],
    ["a stored prompt", { prompt: { id: "x" } }, "prompt"],
    ["the background", { background: true }, "background"],
    ["a stored item", { input: [{ type: "item_reference", id: "x" }] }, "input[0]"],
    ["an image", { input: [{ role: "user", content: [{ type: "input_image" }] }] }, "input[0].content[0]"],
    ["no input", { input: [] }, "input"],
    ["an unknown format", { text: { format: { type: "xml" } } }, "text.format.type"],
  ])("that needs %s gets an error that names the field", async (_, fields, param) => {
    const { status, json } = await testGateway([plainAnswer()]).post(PATH, { input: "Hello", ...fields });
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: { type: "invalid_request_error", param } });
  });

  it("may have another form of each field that nothing depends on", async () => {
    const fields: Json | object = {
      metadata: null,
      user: null,
      stream: null,
      tools: null,
      text: null,
      reasoning: null,
      temperature: null,
    };
    expect((await testGateway([plainAnswer()]).post(PATH, { input: "Hello", ...fields })).status).toBe(200);
  });
});
