import { getEventListeners, once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { describe, expect, it } from "@jest/globals";
import { startGateway } from "../../src/gateway/index.ts";
import { readEvents, testGateway } from "./support/gateway-client.ts";
import { analysis, call, end, final, plainAnswer, scriptedSource, start } from "./support/scripted-source.ts";

const CHAT = "/v1/chat/completions";
const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const hello = { messages: [{ role: "user", content: "Hello" }], input: "Hello" };
const PATHS = [CHAT, RESPONSES, MESSAGES];

/** Reads the first bytes of a stream, while the model says nothing yet. */
async function firstPiece(path: string): Promise<{ text: string; leave: () => void }> {
  const source = scriptedSource(["wait"]);
  const gateway = await startGateway({ source, model: { name: "m" } });
  const leaving = new AbortController();
  const response = await fetch(gateway.url + path, {
    method: "POST",
    body: JSON.stringify({ ...hello, stream: true }),
    signal: leaving.signal,
  });
  const piece = (await response.body?.getReader().read())?.value;
  return {
    text: new TextDecoder().decode(piece),
    leave: () => {
      leaving.abort();
      void gateway.close();
    },
  };
}

describe("a stream", () => {
  it.each([
    [CHAT, { choices: [{ delta: { role: "assistant" } }] }],
    [RESPONSES, { type: "response.created", response: { status: "in_progress" } }],
    [MESSAGES, { type: "message_start", message: { role: "assistant", content: [] } }],
  ])("of %s begins before the model does", async (path, expected) => {
    const { text, leave } = await firstPiece(path);
    expect(readEvents(text)[0]).toMatchObject(expected);
    leave();
  });

  it.each([
    [CHAT, {}, { choices: [{ delta: {}, finish_reason: null }] }],
    [RESPONSES, {}, { type: "response.in_progress", response: { status: "in_progress" } }],
    [
      MESSAGES,
      { thinking: { type: "adaptive" } },
      { type: "content_block_delta", delta: { type: "thinking_delta", thinking: "" } },
    ],
    [MESSAGES, {}, { type: "content_block_delta", delta: { type: "text_delta", text: "" } }],
  ])("of %s has real events while a prompt is processed (%j)", async (path, fields, expected) => {
    const progress = { type: "progress" as const, processed: 1, cached: 0, total: 9, milliseconds: 1 };
    const answer = [start, 250, progress, 60, progress, 60, analysis("Hm."), final("Hello."), end()];
    const { stream } = testGateway([answer], { heartbeatSeconds: 0.02 });
    const events = await stream(path, { ...hello, ...fields });
    const beats = events.filter((event) => {
      try {
        expect(event).toMatchObject(expected);
        return true;
      } catch {
        return false;
      }
    });
    expect(beats.length).toBeGreaterThanOrEqual(3);
    // what comes afterwards is whole, and blocks are still one after the other
    expect(JSON.stringify(events)).toContain("Hello.");
    const blocks = events.filter(({ type }) => String(type).startsWith("content_block_st"));
    expect(blocks.map(({ type }) => String(type))).toEqual(
      blocks.map((_, index) => (index % 2 === 0 ? "content_block_start" : "content_block_stop")),
    );
  });

  it("of Messages stays alive while arguments arrive that cannot be shown yet", async () => {
    const answer = [start, ...call("f", "x").slice(0, 2), 100, end()];
    const { stream } = testGateway([answer], { heartbeatSeconds: 0.02 });
    const events = await stream(MESSAGES, hello);
    const pieces = events.filter((event) => String(event["delta"]?.["type"]) === "input_json_delta");
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.map((event) => event["delta"]?.["partial_json"]).join("")).toBe('{"input":"x"}');
  });
});

describe("an empty answer", () => {
  const nothing = end({ emptyAnswer: "nothing" });

  it("is asked for again where nothing has been sent", async () => {
    for (const path of PATHS) {
      const { stream, source } = testGateway([[start, nothing], plainAnswer("Hello.")]);
      expect(JSON.stringify(await stream(path, hello))).toContain("Hello.");
      expect(source.requests.length).toBe(2);
    }
  });

  it("is asked for again where thinking has been held back", async () => {
    const { post, source } = testGateway([
      [start, analysis("lost"), end({ emptyAnswer: "analysis-only" })],
      plainAnswer("Hello.", "new"),
    ]);
    const { json } = await post(CHAT, hello);
    expect(json["choices"]).toMatchObject([{ message: { content: "Hello.", reasoning: "new" } }]);
    expect(source.requests.length).toBe(2);
  });

  it("ends where thinking has been sent, and after the second time", async () => {
    const thought = testGateway([[start, analysis("Hm."), end({ emptyAnswer: "analysis-only" })]]);
    expect((await thought.stream(CHAT, hello)).at(-1)).toBe("[DONE]");
    expect(thought.source.requests.length).toBe(1);
    const twice = testGateway([[start, nothing]]);
    expect((await twice.post(RESPONSES, hello)).json).toMatchObject({ status: "completed", output: [] });
    expect(twice.source.requests.length).toBe(2);
  });
});

/** Sends a request over a socket of its own, which can be closed. */
function send(url: string, body: object) {
  const sent = httpRequest(url, { method: "POST", agent: false });
  sent.on("error", () => undefined);
  sent.end(JSON.stringify(body));
  return sent;
}

describe("a client that leaves", () => {
  it.each(PATHS.flatMap((path) => [true, false].map((stream) => [path, stream] as const)))(
    "ends its answer (%s, stream: %s)",
    async (path, stream) => {
      const source = scriptedSource([start, analysis("I think"), "wait"]);
      await using gateway = await startGateway({ source, model: { name: "m" } });
      const sent = send(gateway.url + path, { ...hello, stream });
      if (stream) await once(sent, "response");
      while (source.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      sent.destroy();
      while (source.aborted === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      while (gateway.status.activeRequests > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(gateway.status).toMatchObject({ requests: 1, failedRequests: 0 });
    },
  );

  it("does not stop the answers of others", async () => {
    const source = scriptedSource(
      [start, analysis("I think"), "wait"],
      [start, analysis("Hm."), 100, final("Hello."), end()],
    );
    await using gateway = await startGateway({ source, model: { name: "m" } });
    const sent = send(gateway.url + CHAT, { ...hello, stream: true });
    await once(sent, "response");
    const other = fetch(gateway.url + CHAT, { method: "POST", body: JSON.stringify(hello) });
    while (source.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    sent.destroy();
    expect(await (await other).json()).toMatchObject({ choices: [{ message: { content: "Hello." } }] });
  });

  it("that reads nothing does not fill the memory", async () => {
    const text = "x".repeat(10_000);
    let given = 0;
    const source = {
      ...scriptedSource(),
      async *stream() {
        for (; given < 20_000; given++) yield await Promise.resolve(final(text));
        yield end();
      },
    };
    await using gateway = await startGateway({ source, model: { name: "m" } });
    const sent = send(gateway.url + RESPONSES, { ...hello, stream: true });
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.pause();
    // it stops by itself: a source that is never held back gives all it has
    for (let isStill = false; !isStill;) {
      const before = given;
      await new Promise((resolve) => setTimeout(resolve, 300));
      isStill = given === before;
    }
    expect(given).toBeLessThan(5_000);
    sent.destroy();
  });
});

describe("a gateway that is closed", () => {
  it("ends its answers", async () => {
    const source = scriptedSource([start, analysis("I think"), "wait"]);
    const gateway = await startGateway({ source, model: { name: "m" } });
    const sent = send(gateway.url + CHAT, { ...hello, stream: true });
    await once(sent, "response");
    await gateway.close();
    while (source.aborted === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(fetch(gateway.url)).rejects.toThrow("fetch failed");
  });
});

describe("a request that is over", () => {
  // Node keeps the signal of a Request for as long as something that listens to it holds the Request
  it.each(PATHS.flatMap((path) => [true, false].map((stream) => ({ path, stream }))))(
    "leaves nothing that listens to its signal: $path, stream $stream",
    async ({ path, stream }) => {
      const { app } = testGateway([plainAnswer("Hello")]);
      const request = new Request(`http://127.0.0.1${path}`, {
        method: "POST",
        headers: { host: "127.0.0.1" },
        body: JSON.stringify({ ...hello, stream, max_tokens: 10 }),
        signal: new AbortController().signal,
      });
      const response = await app.request(request);
      expect(response.status).toBe(200);
      await response.text();
      await new Promise((resolve) => setImmediate(resolve));
      expect(getEventListeners(request.signal, "abort")).toEqual([]);
    },
  );
});
