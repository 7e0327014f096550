import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { askCell, readBeginning } from "../../../src/experiment/ask/ask-cell.ts";
import { ServerClient } from "../../../src/experiment/ask/server-client.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
let client: ServerClient;
beforeAll(async () => {
  server = await startLiveServer({ contextSize: 16_384, slots: 2 });
  client = new ServerClient({ url: server.baseUrl, apiKey: server.apiKey });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server.stop();
});

const cell = (question: string, slot: number) =>
  askCell(client, {
    prompt: {
      messages: [{ role: "user", content: question }],
      effort: "low",
      date: "2026-11-26",
      tools: [],
    },
    draw: { maxTokens: 600, temperature: 0, topP: 1, topK: 0, minP: 0, seed: 1 },
    slot,
    useCache: true,
  });

/** Somebody else's request, which wants no slot in particular and takes some seconds. */
function occupy(): { readonly done: Promise<void>; readonly isOver: () => boolean } {
  let over = false;
  const body = {
    messages: [{ role: "user", content: "Count to 100." }],
    temperature: 0,
    max_tokens: 2_000,
    ignore_eos: true,
  };
  const ask = async () => {
    await server.post("/v1/chat/completions", body);
    over = true;
  };
  return { done: ask(), isOver: () => over };
}

async function busySlot(): Promise<number> {
  for (;;) {
    const response = await fetch(`${server.baseUrl}/slots`, {
      headers: { authorization: `Bearer ${server.apiKey}`, connection: "close" },
    });
    const slots = (await response.json()) as readonly { id: number; is_processing: boolean }[];
    const busy = slots.find((slot) => slot.is_processing);
    if (busy) return busy.id;
  }
}

// llama-server 0.5.0 swaps the cache of a slot that is asked for by its number, also when another answer is being written in it
it("asks for a cell in any slot when somebody else uses the one that it would take", async () => {
  const others = occupy();
  const answer = await cell("Count to 5.", await busySlot());
  expect(answer.final).toContain("4 5");
  expect(others.isOver()).toBe(false);
  await others.done;
});

it("does not have a beginning read in a slot that somebody else uses", async () => {
  const others = occupy();
  const slot = await busySlot();
  expect((await readBeginning(client, { beginning: "<|start|>system<|message|>x", slot })).tokens).toBe(0);
  expect(others.isOver()).toBe(false);
  await others.done;
});

it("takes its slot when that is idle", async () => {
  const first = await cell("Count to 7.", 1);
  const second = await cell("Count to 7.", 1);
  expect(second.tokens.prompt).toBe(first.tokens.prompt);
  expect(second.tokens.evaluated).toBeLessThan(first.tokens.prompt / 2);
});
