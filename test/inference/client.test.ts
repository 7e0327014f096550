import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import type { AnswerPart } from "../../src/inference/answer-part.ts";
import { KnownServer } from "../../src/inference/capabilities.ts";
import { InferenceClient } from "../../src/inference/client.ts";
import type { InferenceRequest } from "../../src/inference/inference-request.ts";
import { PromptTooLongError } from "../../src/inference/request-error.ts";
import { OWN_SERVER } from "../support/chat-model.ts";
import { type Reply, startChatServer, stream } from "../support/chat-server.ts";

const HELLO: InferenceRequest = { messages: [{ role: "user", content: "Hello" }] };
const RAW =
  "<|channel|>analysis<|message|>Think.<|end|><|start|>assistant<|channel|>commentary<|message|>Wait.<|end|>" +
  '<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Lima"}';
const TOOLS = [{ name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } }];

function clientFor({ baseUrl }: { readonly baseUrl: string }): InferenceClient {
  return new InferenceClient({ baseUrl, knownServer: new KnownServer(OWN_SERVER) });
}

async function partsOf(parts: AsyncIterable<AnswerPart>): Promise<AnswerPart[]> {
  const all: AnswerPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

/** The text, joined by channel and call, of all parts. */
function summaryOf(parts: readonly AnswerPart[]) {
  const summary = { analysis: "", commentary: "", final: "", calls: [] as string[], types: new Set<string>() };
  for (const part of parts) {
    summary.types.add(part.type);
    if (part.type === "text") summary[part.channel] += part.text;
    if (part.type === "tool-call") summary.calls[part.index] = part.name;
    if (part.type === "tool-arguments") summary.calls[part.index] += part.text;
  }
  return summary;
}

describe("InferenceClient", () => {
  it("streams every channel and call, and ends with the counts", async () => {
    const chunks = stream(Array.from(RAW, (content) => ({ content })));
    await using server = await startChatServer({ chunks });
    const parts = await partsOf(clientFor(server).stream({ ...HELLO, tools: TOOLS }));
    expect(parts[0]).toMatchObject({ type: "start" });
    expect(parts.at(-1)).toMatchObject({ type: "end", finishReason: "tool_calls" });
    const { types, ...summary } = summaryOf(parts);
    expect([...types]).not.toContain("retry");
    expect(summary).toEqual({
      analysis: "Think.",
      commentary: "Wait.",
      final: "",
      calls: ['get_weather{"city":"Lima"}'],
    });
  });

  it("gives in one response what it streams, wherever the text is cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: RAW.length }), { maxLength: 5 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), RAW.length];
        const deltas = places.slice(1).map((end, index) => ({ content: RAW.slice(places[index], end) }));
        const whole: Reply = {
          status: 200,
          body: { id: "a", choices: [{ index: 0, message: { content: RAW }, finish_reason: "stop" }] },
        };
        await using server = await startChatServer({ chunks: stream(deltas) }, whole);
        const streamed = summaryOf(await partsOf(clientFor(server).stream({ ...HELLO, tools: TOOLS })));
        const answer = await clientFor(server).complete({ ...HELLO, tools: TOOLS });
        expect(server.requests[1]).not.toHaveProperty("stream");
        expect(answer).toMatchObject({
          analysis: streamed.analysis,
          commentary: streamed.commentary,
          final: streamed.final,
          finishReason: "tool_calls",
          toolCalls: [{ name: "get_weather", arguments: '{"city":"Lima"}' }],
        });
      }),
      { numRuns: 15 },
    );
  });

  it("asks an empty answer again only where that is the policy", async () => {
    const empty: Reply = { chunks: stream([{ content: "<|channel|>analysis<|message|>Hm." }]) };
    const full: Reply = { chunks: stream([{ content: "<|channel|>final<|message|>Yes." }]) };
    await using server = await startChatServer(empty, full, empty);
    const patient = summaryOf(await partsOf(clientFor(server).stream(HELLO, { retryEmptyAnswer: true })));
    expect([...patient.types]).toContain("retry");
    expect(patient.final).toBe("Yes.");
    const strict = await partsOf(clientFor(server).stream(HELLO));
    expect(strict.at(-1)).toMatchObject({ type: "end", emptyAnswer: "analysis-only" });
    expect(server.requests).toHaveLength(3);
  });

  it("ends without an end after an abort, and ends the request", async () => {
    await using server = await startChatServer({
      chunks: [{ id: "a", choices: [{ index: 0, delta: { content: "<|channel|>final<|message|>One" } }] }],
      ending: "hang",
    });
    const leaving = new AbortController();
    const parts: AnswerPart[] = [];
    for await (const part of clientFor(server).stream(HELLO, { signal: leaving.signal })) {
      parts.push(part);
      if (part.type === "text") leaving.abort();
    }
    expect(parts.map(({ type }) => type)).not.toContain("end");
    await server.left;
  });

  it("names the numbers of a prompt that does not fit", async () => {
    const error = { code: 400, type: "exceed_context_size_error", message: "too long", n_prompt_tokens: 90, n_ctx: 64 };
    await using server = await startChatServer({ status: 400, body: { error } });
    const failing = partsOf(clientFor(server).stream(HELLO));
    await expect(failing).rejects.toThrow(PromptTooLongError);
    await expect(failing).rejects.toMatchObject({ promptTokens: 90, contextSize: 64, code: "context-overflow" });
  });
});
