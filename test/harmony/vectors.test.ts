import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { packageFile } from "../../src/platform/folders.ts";
import { type HarmonyMessage, parseHarmony, summarizeHarmony } from "../../src/harmony/index.ts";
import { cuttings } from "./support/cuttings.ts";
import { messagesOf, readPieces } from "./support/read.ts";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const messageSchema = z.object({
  role: z.string(),
  name: text,
  channel: text,
  recipient: text,
  contentType: text,
  content: z.string(),
});
const vectorSchema = z.object({
  id: z.string(),
  category: z.string(),
  input: z.string(),
  promptEndsWith: z.string(),
  tools: z.array(z.string()).default([]),
  expect: z.object({
    messages: z.array(messageSchema),
    final: z.string(),
    reasoning: z.string(),
    preamble: z.string(),
    toolCalls: z.array(z.object({ name: z.string(), arguments: z.string() })),
    open: z.boolean().optional(),
  }),
  accept: z
    .array(z.object({ messages: z.array(messageSchema).optional(), preamble: z.string().optional() }))
    .default([]),
});
/** The second file holds completions from the field, with the tools that were offered. */
const files = ["test/harmony/vectors.json", "test/harmony/vectors-field.json"];
const vectors = files.flatMap((file) =>
  z.array(vectorSchema).parse(JSON.parse(readFileSync(packageFile(file), "utf8"))),
);
/** Vectors of which another value is right that they accept: nothing is shown of a header that never reaches `<|message|>`. */
const ACCEPTED = new Set(["llama-malformed-double-question"]);

describe.each(vectors)("$category: $id", ({ id, input, promptEndsWith, tools, expect: first, accept }) => {
  const expected = { ...first, ...(ACCEPTED.has(id) && accept[0]) };
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
