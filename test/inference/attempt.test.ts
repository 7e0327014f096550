import { describe, expect, it } from "@jest/globals";
import { type AIMessageChunk, HumanMessage } from "@langchain/core/messages";
import * as fc from "fast-check";
import { createAgent, tool } from "langchain";
import { z } from "zod";
import { StopSequences, RepetitionDetector } from "../../src/inference/attempt.ts";
import { getReasoning } from "../../src/model/read-message.ts";
import { modelFor, OWN_SERVER, WEATHER_TOOL } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

const harmony = (answer: string) =>
  `<|channel|>analysis<|message|>Let me see. The final word.<|end|><|start|>assistant<|channel|>final<|message|>${answer}`;

/** What an answer becomes with some stop sequences, invoked and streamed. */
async function stopped(answer: string, stop: string[], size = 3) {
  await using server = await startChatServer({ chunks: stream(raw(harmony(answer), size)) });
  const model = modelFor(server, { server: OWN_SERVER });
  const invoked = await model.invoke("Hi", { stop });
  let streamed: AIMessageChunk | undefined;
  for await (const chunk of await model.stream("Hi", { stop })) streamed = streamed?.concat(chunk) ?? chunk;
  expect(server.requests).toHaveLength(2);
  for (const request of server.requests) expect(request).not.toHaveProperty("stop");
  expect(streamed?.text).toBe(invoked.text);
  return invoked;
}

describe("stop sequences", () => {
  it.each([
    ["Hello. How are you?", ["."], "Hello"],
    ["Hello to me.", ["me"], "Hello to "],
    ["It is the final answer.", ["final"], "It is the "],
    ["Let me see.", ["Let"], ""],
    ["one two three", ["three", "two"], "one "],
    ["a<|channel|>b STOP c", ["STOP"], "a<|channel|>b "],
    ["日本語です。はい", ["です。"], "日本語"],
    ["abab abc", ["abc"], "abab "],
  ])("end the visible answer alone: %j at %j", async (answer, stop, expected) => {
    for (const size of [1, 4, 200]) {
      const message = await stopped(answer, stop, size);
      expect(message.text).toBe(expected);
      expect(getReasoning(message)).toBe("Let me see. The final word.");
      expect(message.response_metadata).toMatchObject({
        finish_reason: "stop",
        stop_sequence: stop.find(
          (text) => answer.includes(text) && expected + text === answer.slice(0, (expected + text).length),
        ),
      });
      expect(message.response_metadata).not.toHaveProperty("empty_answer");
    }
  });

  it("that do not come change nothing", async () => {
    await using server = await startChatServer({ chunks: stream(raw(harmony("Hello, worl"))) });
    for (const stop of [["world"], ["", "x"], []]) {
      const message = await modelFor(server, { server: OWN_SERVER }).invoke("Hi", { stop });
      expect(message.text).toBe("Hello, worl");
      expect(message.usage_metadata).toMatchObject({ input_tokens: 10 });
    }
  });

  it("leave the arguments of calls and preambles alone", async () => {
    const call =
      '<|channel|>commentary<|message|>Wait for me.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather json<|message|>{"city":"me."}';
    await using server = await startChatServer({ chunks: stream(raw(call)) });
    const message = await modelFor(server)
      .bindTools([WEATHER_TOOL])
      .withConfig({ stop: ["me", "."] })
      .invoke("Hi");
    expect(message.tool_calls).toMatchObject([{ args: { city: "me." } }]);
  });

  it("end the request, and that of a server which splits the channels too", async () => {
    await using server = await startChatServer({
      chunks: stream([{ reasoning: "Stop. Here." }, { content: "On. And on" }]),
      ending: "drip",
    });
    const message = await modelFor(server).invoke("Hi", { stop: ["."] });
    expect([message.text, getReasoning(message)]).toEqual(["On", "Stop. Here."]);
    expect(await server.left).toBeGreaterThan(0);
  });

  it("work in an agent, whose calls continue", async () => {
    const call = harmony("").replace("final<|message|>", 'commentary to=functions.look json<|message|>{"at":"a. b"}');
    await using server = await startChatServer(
      { chunks: stream(raw(call)) },
      { chunks: stream(raw(harmony("Seen. Done"))) },
    );
    const look = tool(({ at }) => `saw ${at}`, {
      name: "look",
      description: "Look",
      schema: z.object({ at: z.string() }),
    });
    const model = modelFor(server, { server: OWN_SERVER }).withConfig({ stop: ["."] });
    const { messages } = await createAgent({ model, tools: [look] }).invoke({ messages: [new HumanMessage("Hi")] });
    expect(messages.map(({ text }) => text)).toEqual(["Hi", "", "saw a. b", "Seen"]);
  });

  it("in structured output cut it, which is said once and not asked again", async () => {
    await using server = await startChatServer({ chunks: stream(raw(harmony('{"name":"Bob","age":42}'))) });
    const schema = z.object({ name: z.string() });
    const model = modelFor(server, { server: OWN_SERVER }).withStructuredOutput(schema);
    expect(await model.invoke("Hi", { stop: ["\n"] } as object)).toEqual({ name: "Bob" });
    await expect(model.invoke("Hi", { stop: [":42"] } as object)).rejects.toMatchObject({ code: "model-failed" });
    expect(server.requests).toHaveLength(2);
  });

  it("are found however the text is cut, and are the first that is complete", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
    const sequences = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(text, sequences, fc.integer({ min: 1, max: 7 }), (whole, stop, size) => {
        const matcher = new StopSequences(stop);
        let shown = "";
        for (let at = 0; at < whole.length; at += size) shown += matcher.push(whole.slice(at, at + size));
        shown += matcher.end();
        // character by character, as the model writes
        const end = Array.from({ length: whole.length + 1 }, (_, length) => whole.slice(0, length)).find((part) =>
          stop.some((sequence) => part.endsWith(sequence)),
        );
        const longest =
          stop.filter((sequence) => end?.endsWith(sequence)).toSorted((one, other) => other.length - one.length)[0] ??
          "";
        expect(shown).toBe(end === undefined ? whole : end.slice(0, end.length - longest.length));
        expect(matcher.found).toBe(end === undefined ? undefined : longest);
      }),
    );
  });
});

describe("thinking", () => {
  it("of two requests for one answer is separated by a line break", async () => {
    const thinking = { chunks: stream(raw("<|channel|>analysis<|message|>Hm.<|end|>")) };
    await using server = await startChatServer(thinking, { chunks: stream(raw(harmony("Yes."))) });
    const message = await modelFor(server).invoke("Hi");
    expect(getReasoning(message)).toBe("Hm.\nLet me see. The final word.");
  });

  it("that a server sends in several parts is separated, and not where it is one", async () => {
    const deltas = [
      { reasoning: "One, " },
      { reasoning: "still one." },
      { content: "Yes" },
      { reasoning: "Two." },
      { content: "." },
    ];
    await using server = await startChatServer({ chunks: stream(deltas) });
    const message = await modelFor(server).invoke("Hi");
    expect([getReasoning(message), message.text]).toEqual(["One, still one.\nTwo.", "Yes."]);
  });
});

/** How much of a text is read before it is taken to be endless; undefined when it never is. */
function stopsAt(text: string, piece = 7): number | undefined {
  const detector = new RepetitionDetector();
  for (let at = 0; at < text.length; at += piece) if (detector.push(text.slice(at, at + piece))) return at + piece;
  return undefined;
}

describe("the stop for endless repetition", () => {
  it("stops whatever repeats itself for ever, and soon", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
        fc.string({ maxLength: 500 }),
        (words, before) => {
          const end = stopsAt(before + words.repeat(Math.ceil(8_000 / words.length)));
          expect(end).toBeLessThan(before.length + 3_000 + 2 * 256);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ["a long count", Array.from({ length: 3_000 }, (_, n) => `${n}, `).join("")],
    ["a line across the page", "-".repeat(2_500)],
    ["a table", Array.from({ length: 200 }, (_, n) => `| row | value ${n} |\n`).join("")],
    [
      "a long verse sung a few times",
      `${Array.from({ length: 120 }, (_, n) => `line ${n} of the song`).join("\n")}\n`.repeat(4),
    ],
  ])("lets %s pass", (_, text) => {
    expect(stopsAt(text)).toBeUndefined();
  });
});
