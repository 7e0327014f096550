import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { KnownServer } from "../../src/inference/capabilities.ts";
import { InferenceClient } from "../../src/inference/client.ts";
import { packageFile } from "../../src/platform/folders.ts";
import { raw, stream as chunksOf } from "../support/chat-server.ts";
import { type Json, testGateway, type TestGateway } from "./support/gateway-client.ts";

/*
 * Everything that the harmony parser is tested with, as a model server would send it, through all three APIs.
 */
const vectorSchema = z.object({
  id: z.string(),
  input: z.string(),
  promptEndsWith: z.string(),
  tools: z.array(z.string()).default([]),
  expect: z.object({
    final: z.string(),
    reasoning: z.string(),
    preamble: z.string(),
    toolCalls: z.array(z.object({ name: z.string(), arguments: z.string() })),
  }),
});
const files = ["test/harmony/vectors.json", "test/harmony/vectors-field.json"];
const vectors = files
  .flatMap((file) => z.array(vectorSchema).parse(JSON.parse(readFileSync(packageFile(file), "utf8"))))
  // the others begin in the middle of a message, where no request of a client's ends
  .filter(({ promptEndsWith }) => promptEndsWith === "<|start|>assistant");

/** What a client makes of an answer. */
interface Read {
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
}

const list = (json: Json | undefined): readonly Json[] => [...(json ?? [])];
const text = (json: Json | undefined) => (json === undefined || json === null ? "" : String(json));

function readChat(json: Json): Read {
  const message = json["choices"]?.[0]?.["message"];
  return {
    reasoning: text(message?.["reasoning"]),
    text: text(message?.["content"]),
    calls: list(message?.["tool_calls"]).map(({ function: call }) => ({
      name: text(call?.["name"]),
      arguments: text(call?.["arguments"]),
    })),
  };
}

function readChatStream(events: readonly Json[]): Read {
  expect(events.at(-1)).toBe("[DONE]");
  const deltas = events.slice(0, -1).map((chunk) => chunk["choices"]?.[0]?.["delta"]);
  const calls: { name: string; arguments: string }[] = [];
  for (const part of deltas.flatMap((delta) => list(delta?.["tool_calls"]))) {
    const call = (calls[Number(part["index"])] ??= { name: "", arguments: "" });
    call.name += text(part["function"]?.["name"]);
    call.arguments += text(part["function"]?.["arguments"]);
  }
  return {
    reasoning: deltas.map((delta) => text(delta?.["reasoning"])).join(""),
    text: deltas.map((delta) => text(delta?.["content"])).join(""),
    calls,
  };
}

function readResponse(json: Json): Read {
  const items = list(json["output"]);
  const textOf = (type: string) =>
    items
      .filter((item) => String(item["type"]) === type)
      .map((item) => text(item["content"]?.[0]?.["text"]))
      .join("");
  return {
    reasoning: textOf("reasoning"),
    text: textOf("message"),
    calls: items
      .filter((item) => String(item["type"]) === "function_call")
      .map((item) => ({ name: text(item["name"]), arguments: text(item["arguments"]) })),
  };
}

function readMessage(json: Json): Read {
  const blocks = list(json["content"]);
  const ofType = (type: string) => blocks.filter((block) => String(block["type"]) === type);
  return {
    reasoning: ofType("thinking")
      .map((block) => text(block["thinking"]))
      .join(""),
    text: ofType("text")
      .map((block) => text(block["text"]))
      .join(""),
    calls: ofType("tool_use").map(({ name, input }) => ({ name: text(name), arguments: input })),
  };
}

function readMessageStream(events: readonly Json[]): Read {
  expect(events.at(-1)).toMatchObject({ type: "message_stop" });
  const blocks: Record<string, unknown>[] = [];
  const written: string[] = [];
  for (const { type, index, content_block, delta } of events) {
    const at = Number(index);
    if (String(type) === "content_block_start") [blocks[at], written[at]] = [{ ...Object(content_block) }, ""];
    const block = blocks[at];
    if (block === undefined || delta === undefined || !String(type).startsWith("content_block")) continue;
    for (const field of ["text", "thinking"])
      if (field in delta) block[field] = text(block[field] as Json) + text(delta[field]);
    if ("partial_json" in delta) written[at] += text(delta["partial_json"]);
  }
  const whole = blocks.map((block, at) =>
    block["type"] === "tool_use" ? { ...block, input: objectOf(written[at] ?? "") } : block,
  );
  return readMessage({ content: whole } as unknown as Json);
}

const question = [{ role: "user", content: "Go." }];
const named = (name: string) => ({ name, description: "" });

async function askAll({ post, stream }: TestGateway, tools: readonly string[]): Promise<Record<string, Read>> {
  const chat = { messages: question, tools: tools.map((name) => ({ type: "function", function: named(name) })) };
  const responses = { input: "Go.", tools: tools.map((name) => ({ type: "function", ...named(name) })) };
  const thinking = { type: "adaptive" };
  const messages = {
    messages: question,
    max_tokens: 1000,
    thinking,
    tools: tools.map((name) => ({ ...named(name), input_schema: {} })),
  };
  const whole = async (path: string, body: object) => {
    const { status, json } = await post(path, body);
    expect(status).toBe(200);
    return json;
  };
  const completed = (await stream("/v1/responses", responses)).at(-1);
  expect(completed).toMatchObject({ type: "response.completed" });
  return {
    chat: readChat(await whole("/v1/chat/completions", chat)),
    "streamed chat": readChatStream(await stream("/v1/chat/completions", chat)),
    response: readResponse(await whole("/v1/responses", responses)),
    "streamed response": readResponse(completed?.["response"] as Json),
    message: readMessage(await whole("/v1/messages", messages)),
    "streamed message": readMessageStream(await stream("/v1/messages", messages)),
  };
}

/** The input of a call as an object, as Anthropic's clients get it. */
function objectOf(written: string): unknown {
  try {
    const value: unknown = JSON.parse(written === "" ? "{}" : written);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // not JSON
  }
  return { input: written };
}

/** A client of a model server that writes the same to every request. */
function clientOf(input: string): InferenceClient {
  const events = chunksOf(raw(input)).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  const fetch = async () => {
    const headers = { "content-type": "text/event-stream" };
    return await Promise.resolve(new Response(`${events.join("")}data: [DONE]\n\n`, { headers }));
  };
  const knownServer = new KnownServer({ mode: "raw", isLlamaServer: true, hasOwnTemplate: true });
  return new InferenceClient({ baseUrl: "http://127.0.0.1/v1", knownServer, fetch });
}

describe("an answer that is written like", () => {
  it.each(vectors)("$id reaches the clients of all APIs whole", async ({ input, tools, expect: expected }) => {
    const gateway = testGateway([], { source: clientOf(input) });
    const { toolCalls, final, reasoning, preamble } = expected;
    for (const [api, read] of Object.entries(await askAll(gateway, tools))) {
      const calls = toolCalls.map(({ name, arguments: written }) => {
        const ofOpenAI = written.trim() === "" ? "{}" : written;
        return { name, arguments: api.endsWith("message") ? objectOf(written) : ofOpenAI };
      });
      expect({ api, calls: read.calls }).toEqual({ api, calls });
      if (preamble === "") expect({ api, text: read.text }).toEqual({ api, text: final });
      else expect({ api, text: read.text }).toEqual({ api, text: expect.stringContaining(final) });
      expect({ api, isThinking: read.reasoning !== "" }).toEqual({ api, isThinking: reasoning !== "" });
    }
  });
});
