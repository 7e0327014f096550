import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import type { CallbackHandlerMethods } from "@langchain/core/callbacks/base";
import { RunnableLambda } from "@langchain/core/runnables";
import { type Generate, StreamingChain, answerOf, finalOf } from "../../chains/streaming.ts";
import type { HarmonyPart } from "../../src/index.ts";

function chainOf(generate: Generate<string, string>) {
  return new StreamingChain(generate, (texts) => texts.join(""));
}

/** Gives the characters of its input, one after the other. */
const letters = chainOf(async function* (word) {
  yield* await Promise.resolve(word);
});

async function read<Output>(outputs: AsyncIterable<Output>): Promise<Output[]> {
  const seen: Output[] = [];
  for await (const output of outputs) seen.push(output);
  return seen;
}

/** Waits until the signal is aborted, and fails then, as a request does. */
async function hang(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const fail = () => {
      reject(new Error("Aborted"));
    };
    if (signal?.aborted) fail();
    signal?.addEventListener("abort", fail, { once: true });
  });
}

/** One output, and then none for ever; `ended` is told whether its signal was aborted when it ended. */
function hanging(ended: (aborted: boolean | undefined) => void) {
  return chainOf(async function* (_input, { signal }) {
    try {
      yield "one";
      await hang(signal);
    } finally {
      await new Promise(setImmediate);
      ended(signal?.aborted);
    }
  });
}

const LISTENER: CallbackHandlerMethods = { handleChainStart: () => undefined };
/** LangChain's bookkeeping is left out where nobody listens; all holds either way. */
const WAYS: readonly (readonly [string, { readonly callbacks?: CallbackHandlerMethods[] }])[] = [
  ["unobserved", {}],
  ["observed", { callbacks: [LISTENER] }],
];

describe.each(WAYS)("a chain from a generator (%s)", (_way, options) => {
  it("streams what it yields as it comes, and joins it when invoked", async () => {
    expect(await read(await letters.stream("日本", options))).toEqual(["日", "本"]);
    expect(await letters.invoke("日本", options)).toBe("日本");
    expect(await letters.batch(["ab", "", "c"], options)).toEqual(["ab", "", "c"]);
  });

  it("gives nothing for nothing", async () => {
    expect(await read(await letters.stream("", options))).toEqual([]);
    expect(await letters.invoke("", options)).toBe("");
  });

  it("takes each piece of the chain before it in a pipe", async () => {
    const twice = chainOf(async function* (letter) {
      yield await Promise.resolve(letter + letter);
    });
    expect(await read(await letters.pipe(twice).stream("abc", options))).toEqual(["aa", "bb", "cc"]);
  });

  it("passes a failure on, after what came before it", async () => {
    const failing = chainOf(async function* () {
      yield await Promise.resolve("one");
      throw new Error("server gone");
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const text of await failing.stream("", options)) seen.push(text);
    })();
    await expect(reading).rejects.toThrow("server gone");
    expect(seen).toEqual(["one"]);
    await expect(failing.invoke("", options)).rejects.toThrow("server gone");
  });

  it("is ended, its last things done, by the time that its reader has left", async () => {
    const ends: unknown[] = [];
    for await (const text of await hanging((aborted) => ends.push(aborted)).stream("", options)) {
      expect(text).toBe("one");
      break;
    }
    expect(ends).toEqual([true]);
  });

  it("is ended by its reader's leaving while it waits for what never comes", async () => {
    let ended: (aborted: boolean | undefined) => void = () => undefined;
    const end = new Promise((resolve) => (ended = resolve));
    const iterator = (await hanging(ended).stream("", options))[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next().catch(() => undefined);
    await iterator.return?.();
    expect(await end).toBe(true);
    await waiting;
  });

  it("is ended by the caller's signal, streamed or invoked", async () => {
    for (const way of ["stream", "invoke"] as const) {
      const stop = new AbortController();
      let ended: (aborted: boolean | undefined) => void = () => undefined;
      const end = new Promise((resolve) => (ended = resolve));
      const chain = hanging(ended);
      const given = { ...options, signal: stop.signal };
      const running = way === "invoke" ? chain.invoke("", given) : chain.stream("", given).then(read);
      setImmediate(() => stop.abort());
      await expect(running).rejects.toThrow(/abort/i);
      expect(await end).toBe(true);
    }
  });
});

describe("a chain that somebody listens to", () => {
  it("tells what it calls as a part of itself, whichever way it is run", async () => {
    const runs: { id: string; parent: string | undefined; name: string | undefined }[] = [];
    const listener: CallbackHandlerMethods = {
      handleChainStart: (...[, , id, parent, , , , name]) => void runs.push({ id, parent, name }),
    };
    const inner = RunnableLambda.from((text: string) => text).withConfig({ runName: "inner" });
    const outer = chainOf(async function* (text, config) {
      yield await inner.invoke(text, config);
    });
    const options = { callbacks: [listener] };
    await outer.invoke("a", options);
    await read(await outer.stream("a", options));
    expect(runs.map(({ name }) => name)).toEqual(["StreamingChain", "inner", "StreamingChain", "inner"]);
    expect(runs[1]?.parent).toBe(runs[0]?.id);
    expect(runs[3]?.parent).toBe(runs[2]?.id);
  });
});

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
