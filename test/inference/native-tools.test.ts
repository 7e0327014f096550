import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import { BROWSER_NAMESPACE } from "../../src/harmony/index.ts";
import { KnownServer, UNKNOWN_SERVER } from "../../src/inference/capabilities.ts";
import { InferenceClient } from "../../src/inference/client.ts";
import type { InferenceRequest } from "../../src/inference/inference-request.ts";
import type { NativeTool, ToolDefinition } from "../../src/inference/messages.ts";

import { NATIVE_EXTRAS } from "../../src/model/native-definition.ts";
import { modelFor, OWN_SERVER } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

const [search] = BROWSER_NAMESPACE.functions ?? [];
const asPython: NativeTool = { namespace: "python", description: "Runs code.", textArgument: "code" };
const asSearch: NativeTool = {
  namespace: "browser",
  description: BROWSER_NAMESPACE.description,
  function: search,
  aliases: ["web.search"],
};
const PYTHON: ToolDefinition = {
  name: "python",
  parameters: { type: "object", properties: { code: { type: "string" } }, required: ["code"] },
  native: asPython,
};
const SEARCH: ToolDefinition = { name: "browser_search", parameters: search?.parameters, native: asSearch };
const WEATHER: ToolDefinition = { name: "get_weather", parameters: { type: "object" } };
const HELLO: InferenceRequest = { messages: [{ role: "user", content: "Hello" }], tools: [PYTHON, SEARCH, WEATHER] };

async function ask(request: InferenceRequest, answer: string, finish = "stop", own: object = OWN_SERVER) {
  await using server = await startChatServer({ chunks: stream(raw(answer), { finish }) });
  const knownServer = new KnownServer({ ...UNKNOWN_SERVER, ...own });
  const client = new InferenceClient({ baseUrl: server.baseUrl, knownServer });
  const calls: { name: string; arguments: string }[] = [];
  for await (const part of client.stream(request)) {
    if (part.type === "tool-call") calls[part.index] = { name: part.name, arguments: "" };
    const call = part.type === "tool-arguments" ? calls[part.index] : undefined;
    if (call && part.type === "tool-arguments") call.arguments += part.text;
  }
  return { calls, body: server.requests[0] };
}

const called = (header: string, body: string) =>
  `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant${header}<|message|>${body}`;

describe("gpt-oss's own tools in a request", () => {
  it("are declared in the system message, apart from functions", async () => {
    const { body } = await ask(HELLO, "<|channel|>final<|message|>Hi");
    expect(body).toMatchObject({
      tools: [{ type: "function", function: { name: "get_weather" } }],
      tool_choice: "none",
      chat_template_kwargs: {
        namespaces: [
          { name: "python", description: "Runs code." },
          { ...BROWSER_NAMESPACE, functions: [search] },
        ],
        recipients: { python: "python", browser_search: "browser.search" },
      },
    });
    expect(JSON.stringify(body?.["tools"])).not.toContain("native");
  });

  it("leave no trace of functions where there are none", async () => {
    const { body } = await ask({ ...HELLO, tools: [PYTHON], toolChoice: "required" }, called(" to=python", "1"));
    expect(body).not.toHaveProperty("tools");
    expect(body).not.toHaveProperty("tool_choice");
    expect(body?.["grammar"]).toContain("python");
  });

  it.each([
    ["another server", { isLlamaServer: false }],
    ["a llama-server that splits channels", { mode: "split" as const }],
    ["another chat template", { hasOwnTemplate: false }],
  ])("are ordinary functions for %s", async (_, capabilities) => {
    const own = { ...OWN_SERVER, ...capabilities };
    const { body } = await ask(HELLO, "<|channel|>final<|message|>Hi", "stop", own);
    const tools = body?.["tools"] as readonly { readonly function: { readonly name: string } }[];
    expect(tools.map((each) => each.function.name)).toEqual(["python", "browser_search", "get_weather"]);
    expect(JSON.stringify(body)).not.toContain("namespace");
    expect(JSON.stringify(body)).not.toContain('"native"');
  });

  it("are written in past calls as the model wrote them", async () => {
    const code = 'print("a\\n")\n';
    const toolCalls = [
      { id: "a", name: "python", arguments: JSON.stringify({ code }) },
      { id: "b", name: "python", arguments: '{"code":"print(' },
      { id: "c", name: "browser_search", arguments: '{"query":"x"}' },
    ];
    const messages: InferenceRequest["messages"] = [...HELLO.messages, { role: "assistant", content: "", toolCalls }];
    const { body } = await ask({ ...HELLO, messages }, "<|channel|>final<|message|>Hi");
    const sent = body?.["messages"] as readonly { tool_calls?: { function: { arguments: string } }[] }[];
    const texts = sent.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => JSON.parse(call.function.arguments)));
    expect(texts).toEqual([code, "print(", { query: "x" }]);
  });

  it("come through LangChain's tools", async () => {
    await using server = await startChatServer({
      chunks: stream(raw(called("<|channel|>analysis to=python code", "1+1"))),
    });
    const python = tool(() => "2", {
      name: "python",
      description: "Runs Python.",
      schema: z.object({ code: z.string() }),
      extras: { [NATIVE_EXTRAS]: asPython },
    });
    const model = modelFor(server, { server: OWN_SERVER });
    const answers = [await model.bindTools([python]).invoke("Hi"), await model.invoke("Hi", { tools: [python] })];
    for (const answer of answers) expect(answer.tool_calls).toMatchObject([{ name: "python", args: { code: "1+1" } }]);
    for (const request of server.requests) {
      expect(request).not.toHaveProperty("tools");
      expect(request).toMatchObject({ chat_template_kwargs: { recipients: { python: "python" } } });
    }
  });
});

describe("a call of one of gpt-oss's own tools", () => {
  it.each([
    "<|channel|>analysis to=python code",
    " to=python<|channel|>analysis",
    "<|channel|>commentary to=functions.python <|constrain|>json",
    "<|channel|>analysis python code",
    "<|channel|>analysis to=pythoncode",
  ])("with a bare body is a call with arguments: %s", async (header) => {
    const code = 'print("<b>\\n")\n# 猫';
    expect(await ask(HELLO, called(header, code))).toMatchObject({
      calls: [{ name: "python", arguments: JSON.stringify({ code }) }],
    });
  });

  it.each(["browser.search", "functions.browser.search", "browser_search", "functions.browser_search", "web.search"])(
    "is found by what the model calls it: %s",
    async (recipient) => {
      const answer = called(`<|channel|>analysis to=${recipient} code`, '{"query":"x"}');
      expect((await ask(HELLO, answer)).calls).toEqual([{ name: "browser_search", arguments: '{"query":"x"}' }]);
    },
  );

  it("keeps its name where the tool is not offered", async () => {
    const { calls } = await ask(HELLO, called("<|channel|>analysis to=container.exec code", '{"command":["ls"]}'));
    expect(calls).toEqual([{ name: "container.exec", arguments: '{"command":["ls"]}' }]);
  });

  it("is not a call with half of its code when it was cut off", async () => {
    const { calls } = await ask(HELLO, called("<|channel|>analysis to=python code", "rm('a"), "length");
    expect(calls).toEqual([{ name: "python", arguments: '{"code":"rm(\'a' }]);
  });

  it("carries any code", async () => {
    const codes = fc
      .string({ unit: "binary", maxLength: 60 })
      .filter((code) => !/<\|/.test(code) && code.trim() !== "");
    await fc.assert(
      fc.asyncProperty(codes, async (code) => {
        const { calls } = await ask(HELLO, called("<|channel|>analysis to=python code", code));
        expect(JSON.parse(calls[0]?.arguments ?? "")).toEqual({ code });
      }),
      { numRuns: 40 },
    );
  });
});
