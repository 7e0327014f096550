import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import { createConversation } from "../../chains/index.ts";
import { modelFor } from "../support/chat-model.ts";
import { type ChatServer, raw, startChatServer, stream } from "../support/chat-server.ts";

/** An answer that stops in the middle, as while a slow server computes: no further piece ever comes. */
const SLOW = { chunks: stream(raw("<|channel|>final<|message|>Hello", 100)).slice(0, 2), ending: "hang" } as const;
/** The server never ends such an answer, so a client that does not leave runs into this limit. */
const GUARD_MS = 20_000;

/** Reads until the answer has come, leaves, and waits until the server has seen it. */
async function leave(server: ChatServer, reader: AsyncIterable<{ readonly text?: string } | string>): Promise<void> {
  for await (const piece of reader) {
    const text = typeof piece === "string" ? piece : piece.text;
    if (text !== "Hello") continue;
    // time for the stream to ask for the piece that never comes
    await sleep(50);
    break;
  }
  await server.left;
}

describe("leaving the stream of a slow server", () => {
  it.each(["model", "bound model", "conversation"] as const)(
    "by break ends the request at once (%s)",
    async (what) => {
      await using server = await startChatServer(SLOW);
      const model = modelFor(server);
      const begin = {
        model: () => model.stream("Hi"),
        "bound model": () => model.withConfig({ effort: "low" }).stream("Hi"),
        conversation: () => createConversation({ model }).stream("Hi"),
      }[what];
      await expect(leave(server, await begin())).resolves.toBeUndefined();
    },
    GUARD_MS,
  );

  it(
    "by a signal ends the request, and the stream, at once",
    async () => {
      await using server = await startChatServer(SLOW);
      const stop = new AbortController();
      const reading = (async () => {
        for await (const { text } of await modelFor(server).stream("Hi", { signal: stop.signal })) {
          if (text !== "Hello") continue;
          setTimeout(() => {
            stop.abort();
          }, 50);
        }
      })();
      await expect(reading).rejects.toThrow("Aborted");
      await expect(server.left).resolves.toEqual(expect.any(Number));
    },
    GUARD_MS,
  );
});

describe("a signal that outlives its answers", () => {
  it("is left as it was, however many there were", async () => {
    await using server = await startChatServer({ chunks: stream(raw("<|channel|>final<|message|>Hello", 100)) });
    const stop = new AbortController();
    const request = new Set<AbortSignal>();
    for (let answer = 0; answer < 3; answer++) {
      const model = modelFor(server, {
        beforeRequest: (signal) => {
          if (signal) request.add(signal);
          return Promise.resolve();
        },
      });
      const { text } = await model.invoke("Hi", { signal: stop.signal });
      expect(text).toBe("Hello");
    }
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
    // each request had one of its own
    expect(request.size).toBe(3);
    expect(request.has(stop.signal)).toBe(false);
  });
});
