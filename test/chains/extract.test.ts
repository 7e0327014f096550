import { describe, expect, it } from "@jest/globals";
import { fakeModel } from "langchain";
import { z } from "zod";
import { createExtractor } from "../../chains/index.ts";
import { parsePrompt } from "../../src/prompts/prompts.ts";
import { modelFor } from "../support/chat-model.ts";
import { type ChatServer, raw, type Reply, startChatServer, stream } from "../support/chat-server.ts";

const schema = z.object({ name: z.string(), age: z.number().int() });

/** An answer of gpt-oss as a server hands it through, some characters at a time. */
function saying(text: string): Reply {
  return { chunks: stream(raw(`<|channel|>final<|message|>${text}`, 6)) };
}

function person(server: ChatServer) {
  return createExtractor({ model: modelFor(server), schema });
}

async function read(objects: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const object of objects) seen.push(object);
  return seen;
}

describe("extract", () => {
  it("returns the object, with any model that supports a schema", async () => {
    const model = fakeModel().structuredResponse({ name: "Alice", age: 30 });
    expect(await createExtractor({ model, schema }).invoke("Alice is 30.")).toEqual({ name: "Alice", age: 30 });
  });

  it.each(["山田花子さんは30歳です。", ""])("sends the text as it is, and the schema: %j", async (text) => {
    await using server = await startChatServer(saying('{"name":"山田花子","age":30}'));
    expect(await person(server).invoke(text)).toEqual({ name: "山田花子", age: 30 });
    const [request] = server.requests;
    expect(request?.messages.at(-1)?.["content"]).toBe(text);
    expect(String(request?.messages[0]?.["content"])).toContain("nothing is guessed");
    expect(JSON.stringify(request)).toContain("age");
  });

  it("streams it as it grows; the last is whole", async () => {
    await using server = await startChatServer(saying('{"name":"山田花子","age":30}'));
    const objects = await read(await person(server).stream("?"));
    expect(objects.length).toBeGreaterThan(2);
    expect(objects).toContainEqual({ name: "山田花子" });
    expect(objects.at(-1)).toEqual({ name: "山田花子", age: 30 });
  });

  it("takes the caller's prompt", async () => {
    await using server = await startChatServer(saying('{"name":"A","age":1}'));
    const prompt = parsePrompt("---\nname: t\nvariables: [text]\n---\nWho? {{text}}", "t.md");
    await createExtractor({ model: modelFor(server), schema, prompt }).invoke("A, 1");
    expect(server.requests[0]?.messages.at(-1)?.["content"]).toBe("Who? A, 1");
  });

  it("asks again for what is not the wanted form, and gives the right one", async () => {
    await using server = await startChatServer(saying('{"name":"Alice","age":"old"}'), saying('{"name":"A","age":3}'));
    const objects = await read(await person(server).stream("?"));
    expect(objects.at(-1)).toEqual({ name: "A", age: 3 });
    expect(server.requests).toHaveLength(2);
  });

  it.each(["I'd rather not.", "{}", "[]", "null", '{"name":"Alice","age":30.5}'])(
    "gives up a model that goes on to say %s, and gives nothing out as the object",
    async (text) => {
      await using server = await startChatServer(saying(text));
      await expect(person(server).invoke("?")).rejects.toMatchObject({ code: "model-failed" });
      expect(server.requests).toHaveLength(3);
    },
  );

  it("ends with its signal, in the middle of the object", async () => {
    await using server = await startChatServer({
      chunks: stream(raw('<|channel|>final<|message|>{"name":"Al', 50)),
      ending: "hang",
    });
    const stop = new AbortController();
    const reading = (async () => {
      for await (const object of await person(server).stream("?", { signal: stop.signal })) {
        expect(object).toEqual({ name: "Al" });
        stop.abort();
      }
    })();
    await expect(reading).rejects.toThrow(/abort/i);
    await server.left;
  });

  it("leaves no request open when its reader leaves", async () => {
    await using server = await startChatServer({
      chunks: stream(raw('<|channel|>final<|message|>{"name":"Al', 50)).slice(0, 2),
      ending: "hang",
    });
    for await (const object of await person(server).stream("?")) {
      expect(object).toEqual({ name: "Al" });
      break;
    }
    await server.left;
  });
});
