import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { modelFor } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

const Even = z.object({ n: z.number().refine((n) => n % 2 === 0, "has to be even") });
const answer = (json: string) => ({ chunks: stream(raw(`<|channel|>final<|message|>${json}`)) });

describe("structured output", () => {
  it.each<[string, z.ZodType, string, unknown]>([
    ["an array", z.array(z.string()), '["a","b"]', ["a", "b"]],
    ["what a schema makes of a string", z.string().transform(Number), '"42"', 42],
    ["what a schema makes of an array", z.array(z.string().transform(Number)), '["4","2"]', [4, 2]],
    ["what a schema makes of an object", z.object({ a: z.string() }).transform(({ a }) => a), '{"a":"x"}', "x"],
  ])("can be %s", async (_, schema, json, expected) => {
    await using server = await startChatServer(answer(json));
    expect(await modelFor(server).withStructuredOutput(schema).invoke("Hi")).toEqual(expected);
  });

  it("is asked for again with what was wrong", async () => {
    await using server = await startChatServer(answer('{"n":1}'), answer('{"n":'), answer('{"n":4}'));
    expect(await modelFor(server).withStructuredOutput(Even).invoke("A number?")).toEqual({ n: 4 });
    const [, second, third] = server.requests;
    expect(second?.messages.slice(-3)).toMatchObject([
      { role: "user", content: "A number?" },
      { role: "assistant", content: '{"n":1}' },
      { role: "user", content: "That is not right: n: has to be even. Answer again." },
    ]);
    expect(third?.messages.at(-1)?.["content"]).toMatch(/it is not valid JSON/);
  });

  it.each([
    '```json\n{"n":4}\n```',
    '``` {"n":4}```',
    'Here it is:\n{"n": 4}\nBye.',
    'As {asked} in [1]: {"n":4} (see {above}).',
    '{"n":4}\n{"n":4}',
    '```\n$ run\n```\n```json\n{"n":4}\n```',
  ])("is found in what a server without grammars puts around it: %s", async (content) => {
    await using server = await startChatServer({ chunks: stream([{ content }]) });
    expect(await modelFor(server).withStructuredOutput(Even).invoke("Hi")).toEqual({ n: 4 });
    expect(server.requests).toHaveLength(1);
  });

  it.each(["length", "max_tokens", "MAX_TOKENS", "model_length"])(
    "says that it was cut (%s), and asks once",
    async (finish) => {
      const cut = { chunks: stream(raw('<|channel|>final<|message|>{"n":'), { finish }) };
      await using server = await startChatServer(cut);
      await expect(modelFor(server).withStructuredOutput(Even).invoke("Hi")).rejects.toMatchObject({
        code: "model-failed",
        message: expect.stringContaining("max_tokens"),
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  it("fails in one sentence after the third try", async () => {
    await using server = await startChatServer(answer('{"n":1}'));
    await expect(modelFor(server).withStructuredOutput(Even).invoke("A number?")).rejects.toMatchObject({
      code: "model-failed",
      message: "The model did not produce the requested form in 3 attempts: n: has to be even.",
    });
    expect(server.requests).toHaveLength(3);
  });

  it("checks plain JSON Schema, and says null with includeRaw", async () => {
    await using server = await startChatServer(answer('{"n":"x"}'));
    const schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    const { raw: message, parsed } = await modelFor(server)
      .withStructuredOutput(schema, { includeRaw: true })
      .invoke("Hi");
    expect(parsed).toBeNull();
    expect(message.text).toBe('{"n":"x"}');
  });

  it.each(["jsonSchema", "jsonMode"])("streams partial objects, each once (%s)", async (method) => {
    await using server = await startChatServer(answer('{"n": 4}'));
    const pieces = [];
    for await (const piece of await modelFor(server).withStructuredOutput(Even, { method }).stream("Hi"))
      pieces.push(piece);
    expect(pieces).toEqual([{}, { n: 4 }, { n: 4 }]);
  });

  it("reads the arguments of a forced call, streamed or not", async () => {
    const call = { chunks: stream(raw('<|channel|>commentary to=functions.extract json<|message|>{"n": 4}')) };
    await using server = await startChatServer(call);
    const even = modelFor(server).withStructuredOutput(Even, { method: "functionCalling" });
    expect(await even.invoke("Hi")).toEqual({ n: 4 });
    const pieces = [];
    for await (const piece of await even.stream("Hi")) pieces.push(piece);
    expect(pieces.at(-1)).toEqual({ n: 4 });
    expect(server.requests[0]).toMatchObject({ tool_choice: { function: { name: "extract" } } });
  });

  it("takes the definition of a function, as ChatOpenAI does", async () => {
    const call = '<|channel|>commentary to=functions.save_number <|constrain|>json<|message|>{"n":4}<|call|>';
    await using server = await startChatServer({ chunks: stream(raw(call), { finish: "tool_calls" }) });
    const parameters = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    const definition = { name: "save_number", description: "Saves a number.", parameters };
    const model = modelFor(server).withStructuredOutput(definition, { method: "functionCalling" });
    expect(await model.invoke("Hi")).toEqual({ n: 4 });
    expect(server.requests[0]?.["tools"]).toMatchObject([{ function: definition }]);
  });

  it("sends the description and the title of a schema", async () => {
    await using server = await startChatServer(answer('{"n":4}'));
    const schema = { title: "number", description: "An even number", type: "object", properties: { n: {} } };
    await modelFor(server).withStructuredOutput(schema).invoke("Hi");
    const json_schema = { name: "number", description: "An even number", schema };
    expect(server.requests[0]?.["response_format"]).toMatchObject({ type: "json_schema", json_schema });
  });

  it("takes optional fields, which ChatOpenAI's own way refuses", async () => {
    await using server = await startChatServer(answer("{}"));
    expect(
      await modelFor(server)
        .withStructuredOutput(z.object({ a: z.string().optional() }))
        .invoke("Hi"),
    ).toEqual({});
  });
});
