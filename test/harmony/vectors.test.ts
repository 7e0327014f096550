import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { packageFile } from "../../setup/package-folder.ts";
import { HarmonyParser, parseHarmony, summarizeHarmony } from "../../src/harmony/index.ts";

const text = z.string().nullish();
const vectorSchema = z.object({
  id: z.string(),
  category: z.string(),
  input: z.string(),
  promptEndsWith: z.string(),
  expect: z.object({
    messages: z.array(
      z.object({
        role: z.string(),
        name: text,
        channel: text,
        recipient: text,
        contentType: text,
        content: z.string(),
      }),
    ),
    final: z.string(),
    reasoning: z.string(),
    preamble: z.string(),
    toolCalls: z.array(z.object({ name: z.string(), arguments: z.string() })),
    open: z.boolean().optional(),
  }),
});
const vectors = z.array(vectorSchema).parse(JSON.parse(readFileSync(packageFile("test/harmony/vectors.json"), "utf8")));

/** Every way to cut a text that the vectors are tried with: pieces of some lengths, and in two at each position. */
function* cuttings(input: string): Generator<string[]> {
  for (const length of [1, 2, 3, 5, 7, 11]) {
    const pieces: string[] = [];
    for (let at = 0; at < input.length; at += length) pieces.push(input.slice(at, at + length));
    yield pieces;
  }
  for (let at = 1; at < input.length; at++) yield [input.slice(0, at), input.slice(at)];
}

describe.each(vectors)("$category: $id", ({ input, promptEndsWith, expect: expected }) => {
  it("is read as expected", () => {
    const messages = parseHarmony(input, { promptEndsWith });
    const found = messages.map(({ role, name, channel, recipient, contentType, content }) => ({
      role,
      name,
      channel,
      recipient,
      contentType,
      content,
    }));
    const wanted = expected.messages.map((message) => ({
      role: message.role,
      name: message.name ?? undefined,
      channel: message.channel ?? undefined,
      recipient: message.recipient ?? undefined,
      contentType: message.contentType ?? undefined,
      content: message.content,
    }));
    expect(found).toEqual(wanted);
    const { final, reasoning, preamble, toolCalls } = summarizeHarmony(messages);
    expect({ final, reasoning, preamble, toolCalls }).toEqual({
      final: expected.final,
      reasoning: expected.reasoning,
      preamble: expected.preamble,
      toolCalls: expected.toolCalls,
    });
    if (expected.open !== undefined && messages.length > 0) expect(messages.at(-1)?.ended).toBe(!expected.open);
  });

  it("is read the same however it is cut", () => {
    const whole = parseHarmony(input, { promptEndsWith });
    for (const pieces of cuttings(input)) {
      const parser = new HarmonyParser({ promptEndsWith });
      const events = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
      expect({ pieces, messages: parser.messages }).toEqual({ pieces, messages: whole });
      const deltas = events.flatMap((event) => (event.type === "content-delta" ? [event.text] : []));
      expect(deltas.join("")).toBe(whole.map(({ content }) => content).join(""));
    }
  });
});
