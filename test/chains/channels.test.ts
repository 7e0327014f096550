import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import { answerOf, finalOf } from "../../chains/channels.ts";
import { StreamingChain } from "../../chains/streaming.ts";
import type { HarmonyPart } from "../../src/index.ts";

const PARTS: readonly HarmonyPart[] = [
  { channel: "analysis", text: "考え" },
  { channel: "commentary", text: "One moment." },
  { channel: "final", text: "こん" },
  { channel: "analysis", text: "more" },
  { channel: "final", text: "にちは" },
];

describe("answerOf", () => {
  it("joins what was said on the final channel, and nothing of what was thought", () => {
    expect(answerOf(PARTS)).toEqual({ channel: "final", text: "こんにちは" });
  });

  it.each([[[]], [PARTS.slice(0, 2)]])("is an empty answer where there was none: %j", (parts) => {
    expect(answerOf(parts)).toEqual({ channel: "final", text: "" });
  });
});

describe("finalOf", () => {
  /** All parts; `putAway` is told when the chain has ended and taken the time that it needs for that. */
  function speaking(putAway: () => void = () => undefined) {
    return new StreamingChain<string, HarmonyPart>(async function* () {
      try {
        yield* PARTS;
      } finally {
        await turn();
        putAway();
      }
    }, answerOf);
  }

  it("streams the answer alone, piece by piece, and gives it whole when invoked", async () => {
    const pieces: string[] = [];
    for await (const piece of await finalOf(speaking()).stream("?")) pieces.push(piece);
    expect(pieces).toEqual(["こん", "にちは"]);
    expect(await finalOf(speaking()).invoke("?")).toBe("こんにちは");
  });

  it("has let the inner chain put away its things by the time that a reader has left", async () => {
    let isPutAway = false;
    const chain = finalOf(speaking(() => (isPutAway = true)));
    for await (const piece of await chain.stream("?")) {
      expect(piece).toBe("こん");
      break;
    }
    expect(isPutAway).toBe(true);
  });

  it("hands on the input, the signal and a failure", async () => {
    const stop = new AbortController();
    const seen: unknown[] = [];
    const failing = new StreamingChain<string, HarmonyPart>(async function* (input, { signal }) {
      yield { channel: "final", text: "a" };
      stop.abort();
      seen.push(input, signal?.aborted);
      throw new Error("server gone");
    }, answerOf);
    await expect(finalOf(failing).invoke("?", { signal: stop.signal })).rejects.toThrow(/server gone|abort/i);
    expect(seen).toEqual(["?", true]);
  });
});
