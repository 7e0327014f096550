import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { packageFile } from "../../setup/package-folder.ts";
import { type HarmonyMessage, parseHarmony, summarizeHarmony } from "../../src/harmony/index.ts";
import { cuttings } from "./support/cuttings.ts";
import { messagesOf, readPieces } from "./support/read.ts";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const vectorSchema = z.object({
  id: z.string(),
  category: z.string(),
  input: z.string(),
  promptEndsWith: z.string(),
  tools: z.array(z.string()).default([]),
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

describe.each(vectors)("$category: $id", ({ input, promptEndsWith, tools, expect: expected }) => {
  const options = { promptEndsWith, tools };

  it("is read as expected", () => {
    const messages = parseHarmony(input, options);
    expect(messages.map(withoutEnd)).toEqual(expected.messages);
    const { final, reasoning, preamble, toolCalls } = expected;
    expect(summarizeHarmony(messages)).toEqual({ final, reasoning, preamble, toolCalls });
    // a text without messages has nothing that could be open
    const open = messages.length === 0 ? expected.open : messages.at(-1)?.ended === false;
    expect(open).toBe(expected.open ?? open);
  });

  it("is read the same however it is cut", () => {
    const whole = parseHarmony(input, options);
    for (const pieces of cuttings(input)) {
      const { events, messages } = readPieces(pieces, options);
      expect({ pieces, messages }).toEqual({ pieces, messages: whole });
      expect({ pieces, messages: messagesOf(events) }).toEqual({ pieces, messages: whole });
    }
  });
});

function withoutEnd({ role, name, channel, recipient, contentType, content }: HarmonyMessage): object {
  return { role, name, channel, recipient, contentType, content };
}
