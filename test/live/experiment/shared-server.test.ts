import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { askCell } from "../../../src/experiment/run/ask-cells.ts";
import { KnownServer } from "../../../src/inference/capabilities.ts";
import { InferenceClient } from "../../../src/inference/client.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
let inference: InferenceClient;
beforeAll(async () => {
  server = await startLiveServer({ contextSize: 16_384, slots: 2 });
  inference = new InferenceClient({
    baseUrl: `${server.baseUrl}/v1`,
    apiKey: server.apiKey,
    knownServer: new KnownServer({ mode: "raw", isLlamaServer: true, hasOwnTemplate: true }),
  });
});
afterAll(async () => {
  await server.stop();
});

const cell = (question: string) =>
  askCell(inference, {
    prompt: {
      messages: [{ role: "user", content: question }],
      effort: "low",
      date: "2026-11-26",
      tools: [],
    },
    draw: { maxTokens: 600, temperature: 0, topP: 1, topK: 0, minP: 0, seed: 1 },
    useCache: true,
  });

/** Somebody else's request, which takes some seconds. */
function occupy(): { readonly answer: Promise<string>; readonly isOver: () => boolean } {
  let over = false;
  const body = {
    messages: [{ role: "user", content: "Count to 100." }],
    temperature: 0,
    max_tokens: 2_000,
    ignore_eos: true,
  };
  const ask = async () => {
    const reply = (await server.post("/v1/chat/completions", body)) as { choices: { message: { content: string } }[] };
    over = true;
    return reply.choices[0]?.message.content ?? "";
  };
  return { answer: ask(), isOver: () => over };
}

/** As far as the model counts; what it says when it may not end hangs on the last digits of the arithmetic. */
const beginningOf = (answer: string) => answer.slice(0, answer.indexOf("40"));

async function whenBusy(): Promise<void> {
  for (;;) {
    const response = await fetch(`${server.baseUrl}/slots`, {
      headers: { authorization: `Bearer ${server.apiKey}`, connection: "close" },
    });
    const slots = (await response.json()) as readonly { is_processing: boolean }[];
    if (slots.some((slot) => slot.is_processing)) return;
  }
}

// llama-server 0.5.0 swaps the cache of a slot that is asked for by its number, also when another answer is being written in it
it("asks beside somebody else's answer, which is not disturbed", async () => {
  const alone = await occupy().answer;
  const others = occupy();
  await whenBusy();
  await inference.warmPrefix("<|start|>system<|message|>You count.");
  const answers = await Promise.all([cell("Count to 5."), cell("Count to 6.")]);
  expect(answers.map(({ final }) => final)).toEqual([expect.stringContaining("4 5"), expect.stringContaining("5 6")]);
  expect(others.isOver()).toBe(false);
  expect(beginningOf(await others.answer)).toBe(beginningOf(alone));
});

it("finds the slot that has read the prompt", async () => {
  const first = await cell("Count to 7.");
  const second = await cell("Count to 7.");
  expect(second.tokens.prompt).toBe(first.tokens.prompt);
  expect(second.tokens.evaluated).toBeLessThan(first.tokens.prompt / 4);
});
