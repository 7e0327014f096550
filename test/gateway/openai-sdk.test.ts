import { OpenAIClient } from "@langchain/openai";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type RunningGateway, startGateway } from "../../src/gateway/index.ts";
import type { InferenceRequest } from "../../src/inference/inference-request.ts";
import { analysis, call, commentary, end, final, scriptedSource, start } from "./support/scripted-source.ts";

/** Two calls of the first tool, then an answer. */
const source = {
  ...scriptedSource(),
  async *stream({ messages, tools = [] }: InferenceRequest) {
    const results = messages.filter(({ role }) => role === "tool").length;
    const [tool] = tools;
    yield* await Promise.resolve([start, analysis("Hm.")]);
    if (tool !== undefined && results < 2) {
      yield* [commentary("I look."), ...call(tool.name, `{"city": "${results}"}`), end({ finishReason: "tool_calls" })];
    } else yield* [final("It "), final("rains."), end()];
  },
};
const question = [{ role: "user" as const, content: "Weather?" }];
const parameters = { type: "object", properties: { city: { type: "string" } } };

describe("OpenAI's own client", () => {
  let gateway: RunningGateway;
  let client: OpenAIClient;
  beforeAll(async () => {
    const vectors = [
      [0.5, -0.25],
      [1, 0],
    ];
    gateway = await startGateway({
      source,
      model: { name: "gpt-oss-20b", aliases: ["gpt-oss"], created: new Date(1_000_000) },
      apiKey: "secret",
      embeddings: async (texts) => await Promise.resolve({ vectors: vectors.slice(0, texts.length), promptTokens: 3 }),
    });
    client = new OpenAIClient({ baseURL: `${gateway.url}/v1`, apiKey: "secret", maxRetries: 0 });
  });
  afterAll(async () => await gateway.close());

  it("reads chat completions, whole and streamed", async () => {
    const whole = await client.chat.completions.create({ model: "m", messages: question });
    expect(whole.choices[0]?.message.content).toBe("It rains.");
    const stream = client.chat.completions.stream({
      model: "m",
      messages: question,
      stream_options: { include_usage: true },
    });
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe("It rains.");
    expect(await stream.totalUsage()).toMatchObject({ total_tokens: 120 });
  });

  it.each([true, false])("runs a loop of two calls (stream: %s)", async (stream) => {
    const cities: unknown[] = [];
    const run = (given: object) => {
      cities.push(given);
      return "Rain.";
    };
    const tools = [
      {
        type: "function" as const,
        function: { name: "weather", description: "", parse: JSON.parse, function: run, parameters },
      },
    ];
    const given = { model: "m", messages: question, tools };
    const runner = stream
      ? client.chat.completions.runTools({ ...given, stream: true })
      : client.chat.completions.runTools({ ...given, stream: false });
    expect(await runner.finalContent()).toBe("It rains.");
    expect(cities).toEqual([{ city: "0" }, { city: "1" }]);
  });

  it("reads responses, whole and streamed", async () => {
    const tools = [{ type: "function" as const, name: "weather", parameters, strict: false }];
    expect((await client.responses.create({ model: "m", input: "Weather?" })).output_text).toBe("It rains.");
    const response = await client.responses.stream({ model: "m", input: "Weather?", tools }).finalResponse();
    expect(response.output.map(({ type }) => type)).toEqual(["reasoning", "message", "function_call"]);
    expect(response.output.at(-1)).toMatchObject({ name: "weather", arguments: '{"city": "0"}' });
  });

  it("reads embeddings in the form that it asks for, and in the other", async () => {
    const packed = await client.embeddings.create({ model: "m", input: ["a", "b"] });
    expect(packed.data.map(({ embedding }) => embedding)).toEqual([
      [0.5, -0.25],
      [1, 0],
    ]);
    const plain = await client.embeddings.create({ model: "m", input: "a", encoding_format: "float" });
    expect(plain.data[0]?.embedding).toEqual([0.5, -0.25]);
    expect(plain.usage.prompt_tokens).toBe(3);
  });

  it("finds the model by its names", async () => {
    expect((await client.models.list()).data).toMatchObject([
      { id: "gpt-oss-20b", object: "model", created: 1000, context_length: 4096 },
      { id: "gpt-oss" },
    ]);
    expect(await client.models.retrieve("gpt-oss")).toMatchObject({ id: "gpt-oss" });
    await expect(client.models.retrieve("x/y")).rejects.toMatchObject({ status: 404 });
  });

  it("gets errors that it knows", async () => {
    await expect(
      client.responses.create({ model: "m", input: "x", previous_response_id: "resp_1" }),
    ).rejects.toMatchObject({ status: 400, param: "previous_response_id", type: "invalid_request_error" });
    const stranger = new OpenAIClient({ baseURL: `${gateway.url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
  });
});
