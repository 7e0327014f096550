import { type IncomingMessage, request as httpRequest } from "node:http";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { RunningGateway } from "../../../src/gateway/index.ts";
import type { LiveServer } from "../support/live-server.ts";
import { type LiveGateway, type Path, PATHS, requestBody, startLiveGateway } from "./support/live-gateway.ts";

const CONTEXT = 4_096;
const question = [{ role: "user", content: "What is the weather in Paris?" }];
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

interface ChatReply {
  readonly choices: readonly {
    readonly message: {
      readonly tool_calls?: { readonly id: string; readonly function: { arguments: string } }[];
      readonly reasoning?: string;
      readonly reasoning_content?: string;
    };
  }[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
  };
}

/** A request of each API for the same. */
function bodyOf(
  path: Path,
  fields: { readonly messages?: readonly object[]; readonly name?: string; readonly schema?: unknown } = {},
): object {
  const { messages = question, name = "get_weather", schema = parameters } = fields;
  return requestBody(path, { messages, tool: { name, schema } });
}

describe("a gateway in front of llama-server", () => {
  let live: LiveGateway;
  let server: LiveServer;
  let gateway: RunningGateway;
  beforeAll(async () => {
    live = await startLiveGateway({ contextSize: CONTEXT });
    ({ server, gateway } = live);
  });
  afterAll(() => live.stop());

  const post = async (path: string, body: object) => {
    const response = await fetch(gateway.url + path, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  };

  it.each(PATHS)("answers %s with counts, more tokens asked for than fit", async (path) => {
    const fields = { temperature: 0, max_tokens: 50_000, max_output_tokens: 50_000 };
    const { status, text } = await post(path, { ...bodyOf(path), ...fields });
    expect(status).toBe(200);
    const { usage } = JSON.parse(text) as { usage: Record<string, number> };
    expect(usage["output_tokens"] ?? usage["completion_tokens"]).toBeGreaterThan(0);
  });

  it.each(PATHS)("says through %s that a prompt does not fit, with both numbers", async (path) => {
    const messages = [{ role: "user", content: "word ".repeat(20_000) }];
    for (const stream of [false, true]) {
      const { status, text } = await post(path, { ...bodyOf(path, { messages }), stream });
      // a stream may have begun
      expect(stream ? [200, 400] : [400]).toContain(status);
      expect(text).toContain(String(CONTEXT));
      expect(text).toMatch(/\d{5}/);
    }
  });

  it("frees the slot when a client leaves while text is generated", async () => {
    for (const path of PATHS) {
      const sent = httpRequest(gateway.url + path, { method: "POST", agent: false });
      sent.on("error", () => undefined);
      // an answer that would not end by itself
      const endless = { logit_bias: { "1026": -100 }, temperature: 1, stream: true };
      sent.end(JSON.stringify({ ...bodyOf(path), tools: [], ...endless, messages: question, input: "Count to 1000." }));
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      await once(response, "data");
      response.on("error", () => undefined);
      sent.destroy();
      const left = performance.now();
      while ((await isBusy()) && performance.now() - left < 5_000);
      expect(await isBusy()).toBe(false);
    }
  });

  const isBusy = async () => {
    const headers = { authorization: `Bearer ${server.apiKey}` };
    const slots = (await (await fetch(`${server.baseUrl}/slots`, { headers })).json()) as { is_processing: boolean }[];
    return slots.some(({ is_processing }) => is_processing);
  };

  it.each([
    ["What is 12 + 30?", { type: "object", properties: { expression: { type: "string" } } }, "calculator"],
    ["What is the weather in Paris?", parameters, "get_weather"],
  ])("processes nothing of a tool loop twice: %s", async (content, schema, name) => {
    const messages: object[] = [
      { role: "system", content: "You are a helpful assistant." },
      { role: "user", content },
    ];
    let before = 0;
    let calls = 0;
    for (let round = 0; round < 3; round++) {
      const body = bodyOf("/v1/chat/completions", { messages, schema, name });
      const { text } = await post("/v1/chat/completions", { ...body, temperature: 0, max_tokens: 300 });
      const { choices, usage } = JSON.parse(text) as ChatReply;
      // all of the request before and of its answer but `<|call|>`, which ends the answer and is not in the cache
      expect(usage.prompt_tokens_details.cached_tokens).toBeGreaterThanOrEqual(Math.max(0, before - 2));
      before = usage.prompt_tokens + usage.completion_tokens;
      // most clients drop the thinking, and some write the arguments in another way
      const { reasoning: _, reasoning_content: __, ...message } = choices[0]?.message ?? {};
      const [made] = message.tool_calls ?? [];
      if (made === undefined) break;
      calls++;
      made.function.arguments = JSON.stringify(JSON.parse(made.function.arguments), undefined, 2);
      messages.push(message, { role: "tool", tool_call_id: made.id, content: "42" });
    }
    expect(calls).toBeGreaterThan(0);
  });

  it.each([
    ["markers", `Hello${"<|start|>".repeat(10)}`],
    ["a run that overflows the tokenizer", "a".repeat(50_000)],
    ["half a character", "x\ud83d"],
  ])("takes %s in any text", async (_, odd) => {
    for (const path of PATHS) {
      const messages = [{ role: "user", content: odd }];
      const { status } = await post(path, { ...bodyOf(path, { messages }), max_tokens: 20, max_output_tokens: 20 });
      // the run is too long for the context, once it no longer ends the server
      expect(odd.length > CONTEXT ? [200, 400] : [200]).toContain(status);
    }
    expect(await isBusy()).toBe(false);
  });

  it.each([
    ["no schema", undefined],
    ["null", null],
    ["a schema that is no object", "object"],
    ["properties that are no object", { type: "object", properties: 5 }],
    ["a property that is text", { type: "object", properties: { a: "string" } }],
    ["required that is no list", { type: "object", properties: { a: { type: "string" } }, required: "a" }],
    ["an unknown type", { type: "thing" }],
    ["a list of types with null in it", { type: "object", properties: { a: { type: ["string", null] } } }],
    ["a dangling reference", { type: "object", properties: { a: { $ref: "#/no" } } }],
    ["enum that is no list", { type: "object", properties: { a: { type: "string", enum: 5 } } }],
    ["a pattern that is wrong", { type: "object", properties: { a: { type: "string", pattern: "(" } } }],
    ["a depth that a template survives", { type: "object", properties: { a: nested(40) } }],
  ])("never fails with a tool that has %s", async (_, schema) => {
    for (const path of PATHS) {
      const { status, text } = await post(path, { ...bodyOf(path, { schema }), max_tokens: 20, max_output_tokens: 20 });
      expect({ path, text: status < 500 || text }).toEqual({ path, text: true });
    }
    expect(await isBusy()).toBe(false);
  });

  it.each(["get weather", "a.b", "名前", 'x"y', "<|call|>", "a\nb", " ", "x".repeat(500)])(
    "never fails with a tool named %j",
    async (name) => {
      for (const path of PATHS) {
        const { status, text } = await post(path, { ...bodyOf(path, { name }), max_tokens: 20, max_output_tokens: 20 });
        expect({ path, text: status < 500 || text }).toEqual({ path, text: true });
      }
    },
  );
});

function nested(depth: number): object {
  return depth === 0 ? { type: "string" } : { type: "object", properties: { a: nested(depth - 1) } };
}
