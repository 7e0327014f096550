import type { AIMessageChunk } from "@langchain/core/messages";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { ChatGptOss } from "../../../src/model/chat-gpt-oss.ts";
import { getReasoning } from "../../../src/model/read-message.ts";
import { OWN_SERVER, WEATHER_TOOL } from "../../support/chat-model.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

const Person = z.object({ name: z.string(), age: z.number().int() });

const SCHEMAS = {
  nested: z.object({ person: z.object({ name: z.string().max(12), tags: z.array(z.enum(["a", "b"])).max(3) }) }),
  optional: z.object({
    name: z.string().max(12),
    nick: z.string().max(8).optional(),
    age: z.number().int().min(0).max(150),
  }),
  union: z.object({
    shape: z.union([
      z.object({ kind: z.literal("circle"), radius: z.number().min(0) }),
      z.object({ kind: z.literal("square"), side: z.number().min(0) }),
    ]),
  }),
  formats: z.object({ id: z.uuid(), day: z.iso.date(), at: z.iso.datetime(), nothing: z.null(), yes: z.boolean() }),
  lengths: z.object({ code: z.string().min(3).max(5), three: z.array(z.number().int().min(-5).max(5)).length(3) }),
  tuple: z.object({ pair: z.tuple([z.string().max(5), z.boolean()]) }),
};

let server: LiveServer;
let model: ChatGptOss;
beforeAll(async () => {
  server = await startLiveServer();
  const baseUrl = `${server.baseUrl}/v1`;
  const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0 };
  model = new ChatGptOss({
    baseUrl,
    apiKey: server.apiKey,
    model: "demo",
    sampling,
    maxTokens: 400,
    server: OWN_SERVER,
  });
});
afterAll(async () => {
  await server.stop();
});

describe("structured output of a raw server", () => {
  it.each(["jsonSchema", "jsonMode", "functionCalling"])("keeps to the schema (%s)", async (method) => {
    const people = model.withStructuredOutput(Person, { method });
    const answer = people.invoke("Extract JSON: Alice is 30 years old.");
    // without a schema in the grammar the form is the model's own choice
    await expect(answer).resolves.toEqual(
      method === "functionCalling" ? Person.parse(await answer) : { name: "Alice", age: 30 },
    );
  });

  it("grows while it streams, and the last is whole", async () => {
    const partial: unknown[] = [];
    for await (const piece of await model.withStructuredOutput(Person).stream("Extract JSON: Alice is 30 years old.")) {
      partial.push(piece);
    }
    expect(partial[0]).toEqual({});
    expect(partial).toContainEqual({ name: "Al" });
    expect(partial.at(-1)).toEqual({ name: "Alice", age: 30 });
  });

  it("comes with its message, in which the model has thought first", async () => {
    const { raw, parsed } = await model
      .withStructuredOutput(Person, { includeRaw: true })
      .invoke("Extract JSON: Alice is 30 years old.");
    expect(parsed).toEqual({ name: "Alice", age: 30 });
    expect(getReasoning(raw)).toMatch(/JSON/);
  });

  it.each(Object.entries(SCHEMAS))(
    "can't but write what fits a schema that it has never met: %s",
    async (_, schema) => {
      // temperature 1 makes the small model write whatever the grammar lets it
      for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const options = { sampling: { temperature: 1 }, seed, response_format: formatOf(schema) } as const;
        const message = await model.invoke("Hello", options);
        expect(schema.safeParse(JSON.parse(message.text)).error).toBeUndefined();
      }
    },
  );
});

function formatOf(schema: z.ZodType) {
  const json_schema = { name: "answer", schema: z.toJSONSchema(schema) as Record<string, unknown> };
  return { type: "json_schema" as const, json_schema };
}

describe("a tool choice on a raw server", () => {
  it("that is forced is kept", async () => {
    for (const tool_choice of ["get_weather", "required"]) {
      const message: AIMessageChunk = await model.bindTools([WEATHER_TOOL], { tool_choice }).invoke("Hello");
      expect(message.tool_calls).toMatchObject([{ name: "get_weather", args: { city: expect.any(String) } }]);
      expect(message.text).toBe("");
    }
  });

  it("lets no control token into the arguments, at any temperature", async () => {
    const forced = model.bindTools([WEATHER_TOOL], { tool_choice: "required", maxTokens: 120 });
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
      const { tool_calls: calls, invalid_tool_calls: cut } = await forced.invoke("What is the weather in Paris?", {
        sampling: { temperature: 2 },
        seed,
      });
      expect(JSON.stringify([calls, cut])).not.toMatch(/<\|(?:start|end|channel|message|call|return|constrain)\|>/);
    }
  });

  it("takes tools whose schemas are booleans, which the model's own template fails on", async () => {
    const parameters = { type: "object", properties: { model: true, list: { oneOf: [true] } } };
    const odd = { type: "function" as const, function: { name: "odd", description: "Odd.", parameters } };
    expect((await model.bindTools([odd]).invoke("Hello")).text).not.toBe("");
    const request = { messages: [{ role: "user", content: "Hi" }], tools: [odd] };
    expect(await server.post("/apply-template", request)).toMatchObject({
      prompt: expect.stringContaining("model?: any,\nlist?: any,"),
    });
  });

  it("leaves the model free beside a schema: it calls first, and then answers in form", async () => {
    const both = model.bindTools([WEATHER_TOOL], { response_format: formatOf(Person) });
    expect((await both.invoke("What is the weather in Lima?")).tool_calls).toMatchObject([{ name: "get_weather" }]);
    const answer = await both.invoke("Extract JSON: Alice is 30 years old.");
    expect(JSON.parse(answer.text)).toEqual({ name: "Alice", age: 30 });
  });
});
