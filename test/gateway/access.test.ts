import { describe, expect, it } from "@jest/globals";
import { startGateway } from "../../src/gateway/index.ts";
import { testGateway } from "./support/gateway-client.ts";
import { plainAnswer, scriptedSource } from "./support/scripted-source.ts";

const CHAT = "/v1/chat/completions";
const hello = { messages: [{ role: "user", content: "Hello" }] };
const EVIL = "http://evil.example";

describe("a gateway with a key", () => {
  const { app, post } = testGateway([plainAnswer()], { apiKey: "a$(touch X)b" });

  it.each([
    ["as a Bearer token", { authorization: "Bearer a$(touch X)b" }],
    ["in x-api-key", { "x-api-key": "a$(touch X)b" }],
  ])("takes it %s", async (_, headers) => {
    expect((await post(CHAT, hello, headers)).status).toBe(200);
  });

  it.each([
    ["no key", {}],
    ["another key", { authorization: "Bearer a" }],
    ["a longer key", { "x-api-key": "a$(touch X)bc" }],
    ["another scheme", { authorization: "Basic a$(touch X)b" }],
  ])("answers 401 to %s, in the form of each API", async (_, headers) => {
    const openai = await post(CHAT, hello, headers);
    expect(openai).toMatchObject({
      status: 401,
      json: { error: { type: "authentication_error", code: "invalid_api_key" } },
    });
    const anthropic = await post("/v1/messages", hello, headers);
    expect(anthropic).toMatchObject({ status: 401, json: { type: "error", error: { type: "authentication_error" } } });
  });

  it("only confirms without one that it runs", async () => {
    expect((await app.request("http://127.0.0.1/health")).status).toBe(200);
    expect((await app.request("http://127.0.0.1/", { method: "HEAD" })).status).toBe(200);
    for (const path of ["/v1/models", "/status"]) {
      expect((await app.request(`http://127.0.0.1${path}`)).status).toBe(401);
    }
  });

  it("is not protected by an empty one", () => {
    expect(() => testGateway([], { apiKey: " " })).toThrow(RangeError);
  });
});

describe("a gateway without a key", () => {
  it.each(["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", ""])(
    "does not answer under the name %j",
    async (host) => {
      const { post, source } = testGateway([plainAnswer()]);
      expect((await post(CHAT, hello, { host })).status).toBe(403);
      expect(source.requests).toEqual([]);
    },
  );

  it.each(["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080"])("answers under the name %s", async (host) => {
    expect((await testGateway([plainAnswer()]).post(CHAT, hello, { host })).status).toBe(200);
  });

  it("answers under a name that is allowed", async () => {
    const { post } = testGateway([plainAnswer()], { allowedHosts: ["models.home"] });
    expect((await post(CHAT, hello, { host: "models.home:8080" })).status).toBe(200);
  });

  it("takes nothing from web pages, not even what a form can send", async () => {
    const { app, post, source } = testGateway([plainAnswer()]);
    expect((await post(CHAT, hello, { origin: EVIL, "content-type": "text/plain" })).status).toBe(403);
    const preflight = await app.request(`http://127.0.0.1${CHAT}`, {
      method: "OPTIONS",
      headers: { host: "localhost", origin: EVIL },
    });
    expect(preflight.status).toBe(403);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(source.requests).toEqual([]);
  });

  it("takes requests from pages of the one origin that is allowed", async () => {
    const { app } = testGateway([plainAnswer()], { corsOrigin: "https://chat.example" });
    const ask = async (origin: string, method: string) =>
      await app.request(`http://127.0.0.1${CHAT}`, {
        method,
        headers: { host: "localhost", origin, "access-control-request-headers": "authorization" },
        ...(method === "POST" && { body: JSON.stringify({ ...hello, stream: true }) }),
      });
    expect((await ask("https://chat.example", "OPTIONS")).status).toBe(204);
    const answer = await ask("https://chat.example", "POST");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://chat.example");
    expect(answer.headers.get("content-type")).toMatch(/event-stream/);
    expect((await ask(EVIL, "POST")).status).toBe(403);
  });
});

describe("limits", () => {
  const chunked = (text: string) =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < text.length; at += 1000)
          controller.enqueue(new TextEncoder().encode(text.slice(at, at + 1000)));
        controller.close();
      },
    });

  it("hold for a body, whether its size is said or not", async () => {
    const { app, post } = testGateway([plainAnswer()], { limits: { bodyBytes: 5_000 } });
    const large = JSON.stringify({ messages: [{ role: "user", content: "x".repeat(10_000) }] });
    expect(await post(CHAT, large)).toMatchObject({ status: 413, json: { error: { code: "request_too_large" } } });
    const options = { method: "POST", headers: { host: "localhost" }, body: chunked(large), duplex: "half" };
    expect((await app.request(`http://127.0.0.1/v1/messages`, options)).status).toBe(413);
    expect((await post(CHAT, hello)).status).toBe(200);
  });

  it("hold for headers, and a client can read why its body is refused", async () => {
    const source = scriptedSource(plainAnswer());
    await using gateway = await startGateway({
      source,
      model: { name: "m" },
      limits: { headerBytes: 4_000, bodyBytes: 1_000 },
    });
    const ask = async (headers: Record<string, string>, body: object) =>
      (await fetch(gateway.url + CHAT, { method: "POST", headers, body: JSON.stringify(body) })).status;
    expect(await ask({ "x-long": "x".repeat(8_000) }, hello)).toBe(431);
    expect(await ask({}, { ...hello, more: "x".repeat(2_000_000) })).toBe(413);
    expect(await ask({}, hello)).toBe(200);
  });

  it("hold for the depth of a request", async () => {
    const { post } = testGateway([plainAnswer()]);
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const body = `{"messages":[{"role":"user","content":"Hello"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"x":${deep}}}}]}`;
    expect((await post(CHAT, body)).status).toBe(400);
    // brackets inside of text are text
    expect((await post(CHAT, { messages: [{ role: "user", content: '\\"[[{'.repeat(500) }] })).status).toBe(200);
  });
});

describe("a started gateway", () => {
  it("listens on this machine alone, and on others with a key only", async () => {
    const source = scriptedSource(plainAnswer());
    await using gateway = await startGateway({ source, model: { name: "m" } });
    expect(gateway.url).toBe(`http://127.0.0.1:${gateway.port}`);
    await expect(startGateway({ source, model: { name: "m" }, host: "0.0.0.0" })).rejects.toMatchObject({
      code: "usage",
    });
    await using open = await startGateway({ source, model: { name: "m" }, host: "0.0.0.0", apiKey: "k" });
    expect((await fetch(`http://127.0.0.1:${open.port}/v1/models`, { headers: { "x-api-key": "k" } })).status).toBe(
      200,
    );
  });
});

describe("the log", () => {
  it("has no text of a prompt or an answer", async () => {
    const { post, stream, log } = testGateway([plainAnswer("SECRET answer", "SECRET thought")]);
    const secret = { messages: [{ role: "user", content: "SECRET question" }], metadata: { a: "SECRET" } };
    await post(CHAT, secret);
    await stream("/v1/messages", secret);
    await post(CHAT, { ...secret, tool_choice: "required" });
    expect(log.map(({ type }) => type)).toEqual(["request", "request"]);
    expect(JSON.stringify(log)).not.toContain("SECRET");
    expect(log[0]).toMatchObject({
      api: "chat-completions",
      status: 200,
      promptTokens: 100,
      cachedTokens: 60,
      answerTokens: 20,
    });
  });

  it("has the bodies of requests where that is asked for", async () => {
    const { post, log } = testGateway([plainAnswer()], { logPrompts: true });
    await post(CHAT, hello);
    expect(log).toContainEqual({ type: "prompt", api: "chat-completions", path: CHAT, body: hello });
  });
});
