import { afterEach, describe, expect, it } from "@jest/globals";
import { HumanMessage, SystemMessage, ToolMessage, AIMessage } from "@langchain/core/messages";
import { z } from "zod";
import { createAgent, tool } from "langchain";
import { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import { createChatModel } from "../../src/model/create-chat-model.ts";
import { serverEmbeddings } from "../../src/model/embeddings.ts";
import { modelFor, OWN_SERVER, WEATHER_TOOL } from "../support/chat-model.ts";
import { startChatServer, stream } from "../support/chat-server.ts";

const HELLO = { chunks: stream([{ content: "Hello" }]) };
const PATH = "/v1/chat/completions";

describe("what ChatOpenAI derives from options", () => {
  it.each<[string, object]>([
    ["reasoning with a summary", { reasoning: { effort: "low", summary: "auto" } }],
    ["a summary alone", { reasoning: { summary: "detailed" } }],
    ["truncation", { truncation: "auto" }],
    ["text", { text: { format: { type: "text" }, verbosity: "low" } }],
    ["include", { include: ["reasoning.encrypted_content"] }],
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["a built-in tool", { tools: [{ type: "web_search_preview" }] }],
    ["a custom tool", { tools: [{ type: "custom", custom: { name: "code", description: "Runs code" } }] }],
    [
      "a custom tool of LangChain's",
      {
        tools: [
          Object.assign(
            tool(() => "x", { name: "code", schema: z.object({}) }),
            { metadata: { customTool: { name: "code" } } },
          ),
        ],
      },
    ],
    ["strict and a built-in tool", { strict: true, tools: [{ type: "web_search" }] }],
  ])("never leads to another API: %s", async (_, options) => {
    await using server = await startChatServer(HELLO);
    const model = modelFor(server, { server: OWN_SERVER });
    expect((await model.invoke("Hi", options)).text).toBe("Hello");
    expect((await model.withConfig(options).invoke("Hi")).text).toBe("Hello");
    let streamed = "";
    for await (const chunk of await model.stream("Hi", options)) streamed += chunk.text;
    expect(streamed).toBe("Hello");
    expect((await model.streamEvents("Hi", options)).text).toBe("Hello");
    expect(server.paths).toEqual([PATH, PATH, PATH, PATH]);
    for (const request of server.requests) {
      for (const field of ["reasoning", "truncation", "text", "include", "previous_response_id", "input"]) {
        expect(request).not.toHaveProperty(field);
      }
    }
  });

  it("offers the functions and leaves out the rest, and says so once", async () => {
    await using server = await startChatServer(HELLO);
    const notices: string[] = [];
    const model = modelFor(server, { onNotice: ({ kind, message }) => notices.push(`${kind}: ${message}`) });
    const options = { tools: [WEATHER_TOOL, { type: "web_search" as const }], truncation: "auto" as const };
    await model.invoke("Hi", options);
    await model.invoke("Hi", options);
    expect(server.requests[0]).toMatchObject({ tools: [WEATHER_TOOL] });
    expect(notices).toHaveLength(2);
    expect(notices.join()).toMatch(/ignored-option: truncation.*ignored-option: web_search/);
  });

  it.each([
    "gpt-oss-codex.gguf",
    "gpt-5-oss",
    "gpt-5.2-pro",
    "gpt-5.5-pro-oss",
    "o1-oss",
    "o3-mini",
    "gpt-6",
    "gpt-3.5-turbo-0301",
  ])("makes no difference for a model named %s", async (model) => {
    await using server = await startChatServer(HELLO);
    const messages = [new SystemMessage("Be kind."), new HumanMessage("Hi")];
    for (const name of ["gpt-oss-20b", model]) {
      const asked = modelFor(server, { model: name, maxTokens: 7, effort: "low", server: OWN_SERVER });
      expect((await asked.bindTools([WEATHER_TOOL]).invoke(messages)).text).toBe("Hello");
    }
    const [plain, named] = server.requests;
    expect(named).toEqual({ ...plain, model });
    expect(server.paths).toEqual([PATH, PATH]);
  });

  it.each<[object, string | undefined]>([
    [{ reasoning: { effort: "high" } }, "high"],
    [{ reasoningEffort: "high" }, "high"],
    [{ effort: "low", reasoning: { effort: "high" } }, "low"],
    [{ reasoning: { effort: "minimal" } }, "low"],
    [{ reasoning: { effort: "none" } }, "low"],
    [{ reasoning: { effort: "xhigh" } }, "high"],
    [{ reasoning: { effort: null } }, "medium"],
    [{ reasoning: {} }, "medium"],
    [{}, "medium"],
  ])("reads the effort of %j as %s", async (options, expected) => {
    await using server = await startChatServer(HELLO);
    await modelFor(server, { effort: "medium" }).invoke("Hi", options);
    expect(server.requests[0]).toMatchObject({ reasoning_effort: expected });
  });

  it("refuses an effort that does not exist before it asks", async () => {
    await using server = await startChatServer(HELLO);
    await expect(modelFor(server).invoke("Hi", { effort: "extreme" as "low" })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("extreme"),
    });
    expect(server.requests).toEqual([]);
  });
});

describe("what ChatOpenAI takes from the environment", () => {
  const VARIABLES: Readonly<Record<string, string>> = {
    OPENAI_ORGANIZATION: "org-leak",
    OPENAI_ORG_ID: "org-id-leak",
    OPENAI_PROJECT: "project-leak",
    OPENAI_PROJECT_ID: "project-id-leak",
    OPENAI_ADMIN_KEY: "admin-leak",
    OPENAI_WEBHOOK_SECRET: "webhook-leak",
    OPENAI_CUSTOM_HEADERS: "x-custom: header-leak",
    OPENAI_API_BASE: "http://127.0.0.1:9/base-leak/v1",
    OPENAI_LOG: "debug",
    AZURE_OPENAI_API_KEY: "azure-leak",
    AZURE_OPENAI_API_INSTANCE_NAME: "azure-instance-leak",
    AZURE_OPENAI_API_DEPLOYMENT_NAME: "azure-deployment-leak",
    AZURE_OPENAI_API_VERSION: "azure-version-leak",
    LANGSMITH_GATEWAY: "http://127.0.0.1:9/gateway-leak",
    LANGSMITH_GATEWAY_API_KEY: "gateway-key-leak",
    LANGSMITH_API_KEY: "langsmith-leak",
  };
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it("reaches no request", async () => {
    await using server = await startChatServer(HELLO);
    const seen: { headers: unknown; body: unknown }[] = [];
    const ask = async () => {
      const model = await createChatModel({ baseUrl: server.baseUrl, apiKey: "own-key" });
      await model.bindTools([WEATHER_TOOL]).invoke("Hi");
      await modelFor(server, { apiKey: "own-key" }).invoke("Hi");
      await serverEmbeddings({ baseUrl: server.baseUrl, apiKey: "own-key", model: "m" });
      const { host: _host, ...headers } = server.headers.at(-1) ?? {};
      seen.push({ headers, body: server.requests.at(-1) });
    };
    await ask();
    Object.assign(process.env, VARIABLES);
    await ask();
    expect(seen[1]).toEqual(seen[0]);
    expect(server.headers.every(({ authorization }) => authorization === "Bearer own-key")).toBe(true);
    expect(JSON.stringify([server.headers, server.requests, server.paths])).not.toContain("leak");
  });

  it.each(Object.entries(VARIABLES))("is not sent: %s", async (name, value) => {
    process.env[name] = value;
    await using server = await startChatServer(HELLO);
    expect((await modelFor(server).invoke("Hi")).text).toBe("Hello");
    expect(JSON.stringify([server.headers, server.requests, server.paths])).not.toContain("leak");
  });

  it("has no key of OpenAI's sent to a server that was given none", async () => {
    process.env["OPENAI_API_KEY"] = "sk-leak";
    await using server = await startChatServer(HELLO);
    await modelFor(server).invoke("Hi");
    expect(JSON.stringify(server.headers)).not.toContain("leak");
  });

  it("gives way to headers of a call", async () => {
    await using server = await startChatServer(HELLO);
    await modelFor(server).invoke("Hi", { options: { headers: { "x-own": "yes" } } });
    expect(server.headers[0]).toMatchObject({ "x-own": "yes", connection: "close" });
  });
});

describe("the fields of the constructor", () => {
  it("may have ChatOpenAI's other spellings", async () => {
    await using server = await startChatServer(HELLO);
    const asked: string[] = [];
    const model = new ChatGptOss({
      modelName: "other",
      maxCompletionTokens: 7,
      reasoning: { effort: "minimal" },
      stopSequences: ["never"],
      modelKwargs: { repeat_penalty: 1.1 },
      user: "me",
      configuration: {
        baseURL: server.baseUrl,
        apiKey: "secret",
        defaultHeaders: { "x-own": "yes" },
        fetch: async (url, init) => {
          asked.push(url instanceof Request ? url.url : url.toString());
          return await fetch(url, init);
        },
      },
    });
    expect((await model.withConfig({ seed: 3 }).invoke("Hi")).text).toBe("Hello");
    expect(server.requests[0]).toMatchObject({
      model: "other",
      max_tokens: 7,
      reasoning_effort: "low",
      repeat_penalty: 1.1,
      user: "me",
      seed: 3,
    });
    expect(server.requests[0]).not.toHaveProperty("stop");
    expect(server.headers[0]).toMatchObject({ "x-own": "yes", authorization: "Bearer secret" });
    expect(asked).toEqual([`${server.baseUrl}/chat/completions`]);
  });

  it("may have those of ChatOpenAI that make no difference here", async () => {
    await using server = await startChatServer(HELLO);
    const { baseUrl } = server;
    const fields = {
      openAIApiKey: "secret",
      streamUsage: false,
      useResponsesApi: true,
      supportsStrictToolCalling: true,
    };
    const model = new ChatGptOss({ baseUrl, ...fields }).bindTools([WEATHER_TOOL]);
    expect(await model.invoke("Hi")).toMatchObject({ text: "Hello", usage_metadata: { total_tokens: 15 } });
    expect(server.paths).toEqual([PATH]);
    expect(server.headers[0]).toMatchObject({ authorization: "Bearer secret" });
  });

  it.each<[string, object]>([
    ["audio", { audio: { voice: "alloy", format: "wav" } }],
    ["service_tier", { service_tier: "flex" }],
    ["promptCacheKey", { promptCacheKey: "a" }],
    ["n", { n: 2 }],
    ["configuration.dangerouslyAllowBrowser", { configuration: { dangerouslyAllowBrowser: true } }],
    ["temprature", { temprature: 1 }],
  ])("are refused by name where they have no effect: %s", (name, fields) => {
    const construct = () => new ChatGptOss({ baseUrl: "http://127.0.0.1:1/v1", ...fields });
    expect(construct).toThrow(expect.objectContaining({ code: "usage", message: expect.stringContaining(name) }));
  });

  it("need an address", () => {
    expect(() => new ChatGptOss({})).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

describe("a tool choice", () => {
  it.each<[string, object]>([
    ["another name", { tools: [WEATHER_TOOL], tool_choice: "get_wether" }],
    ["another name, in full", { tools: [WEATHER_TOOL], tool_choice: { type: "function", function: { name: "nope" } } }],
    ["a name without tools", { tool_choice: "get_weather" }],
    ["required without tools", { tool_choice: "required" }],
    ["any without tools", { tools: [], tool_choice: "any" }],
    ["a tool that only OpenAI has", { tools: [{ type: "web_search" }], tool_choice: { type: "web_search" } }],
  ])("that no offered tool fits fails before anything is asked: %s", async (_, options) => {
    for (const fields of [{ server: OWN_SERVER }, { server: { ...OWN_SERVER, mode: "split" as const } }, {}]) {
      await using server = await startChatServer(HELLO);
      const model = modelFor(server, fields);
      await expect(model.invoke("Hi", options)).rejects.toMatchObject({ code: "usage", exitStatus: 2 });
      await expect(model.stream("Hi", options)).rejects.toMatchObject({ code: "usage" });
      expect(server.requests).toEqual([]);
    }
  });

  it.each(["auto", "none"])("%s needs no tools", async (tool_choice) => {
    await using server = await startChatServer(HELLO);
    expect((await modelFor(server).invoke("Hi", { tool_choice })).text).toBe("Hello");
  });
});

describe("half a character", () => {
  const HALF = "page text \ud83d";
  const wellFormed = (value: unknown): boolean =>
    !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(
      typeof value === "string"
        ? value
        : Object.values(value ?? {}).length === 0
          ? ""
          : Object.entries(value as object)
              .map(([name, inner]) => `${name} ${wellFormed(inner)}`)
              .join(" "),
    ) &&
    (typeof value !== "object" || value === null || Object.values(value).every(wellFormed));

  it("is sent as U+FFFD, wherever it stands", async () => {
    await using server = await startChatServer(HELLO);
    const model = modelFor(server, { server: OWN_SERVER });
    const half = {
      type: "function" as const,
      function: {
        name: "f\udc00",
        description: HALF,
        parameters: { type: "object", properties: { [HALF]: { type: "string", description: HALF, enum: [HALF] } } },
      },
    };
    const call = { id: "1\ud83d", name: "f", args: { [HALF]: [HALF] }, type: "tool_call" as const };
    const messages = [
      new SystemMessage(HALF),
      new HumanMessage([{ type: "text", text: HALF }]),
      new AIMessage({ content: "", tool_calls: [call], additional_kwargs: { reasoning_content: HALF } }),
      new ToolMessage({ tool_call_id: "1\ud83d", content: HALF, name: "f\ud83d" }),
      new AIMessage({
        content: "",
        invalid_tool_calls: [{ id: "2", name: "f", args: `{"a":"${HALF}`, type: "invalid_tool_call" }],
      }),
      new HumanMessage("whole 😀 and an escape \\ud83d"),
    ];
    await model.invoke(messages, {
      tools: [half],
      response_format: {
        type: "json_schema",
        json_schema: { name: "x", schema: { type: "object", description: HALF } },
      },
    });
    const [request] = server.requests;
    expect(wellFormed(request)).toBe(true);
    // arguments are JSON once more, which llama-server decodes for its template
    const made = request?.messages.flatMap(
      (message) => (message["tool_calls"] ?? []) as { function: { arguments: string } }[],
    );
    expect(made).toHaveLength(2);
    for (const { function: inner } of made ?? []) expect(wellFormed(JSON.parse(inner.arguments))).toBe(true);
    expect(request?.messages.find(({ role }) => role === "tool")).toMatchObject({ content: "page text \ufffd" });
    expect(request?.messages.at(-1)).toMatchObject({ content: "whole 😀 and an escape \\ud83d" });
    expect(JSON.stringify(request)).toContain("\ufffd");
  });

  it("in a tool's result does not break the turn of an agent", async () => {
    const call = {
      chunks: stream([{ tool_calls: [{ index: 0, id: "1", function: { name: "read", arguments: "{}" } }] }]),
    };
    await using server = await startChatServer(call, HELLO);
    const read = tool(() => HALF, { name: "read", description: "Read", schema: z.object({}) });
    await createAgent({ model: modelFor(server), tools: [read] }).invoke({ messages: [new HumanMessage("Hi")] });
    expect(server.requests[1]?.messages.at(-1)).toMatchObject({ role: "tool", content: "page text \ufffd" });
  });
});
