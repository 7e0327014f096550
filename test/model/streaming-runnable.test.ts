import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import type { CallbackHandlerMethods } from "@langchain/core/callbacks/base";
import { RunnableLambda } from "@langchain/core/runnables";
import { createStreamingRunnable, type StreamingRunnableOptions } from "../../src/index.ts";

function chainOf(generate: StreamingRunnableOptions<string, string>["generate"]) {
  return createStreamingRunnable({ name: "own", generate, empty: "" });
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
/** All holds whether or not somebody listens. */
const WAYS: readonly (readonly [string, { readonly callbacks?: CallbackHandlerMethods[] }])[] = [
  ["unobserved", {}],
  ["observed", { callbacks: [LISTENER] }],
];

describe.each(WAYS)("a chain from a generator (%s)", (_way, options) => {
  it("streams each value when it is yielded, and joins them when invoked", async () => {
    expect(await read(await letters.stream("日本", options))).toEqual(["日", "本"]);
    expect(await letters.invoke("日本", options)).toBe("日本");
    expect(await letters.batch(["ab", "", "c"], options)).toEqual(["ab", "", "c"]);
  });

  it("gives the empty output for nothing", async () => {
    expect(await read(await letters.stream("", options))).toEqual([""]);
    expect(await letters.invoke("", options)).toBe("");
  });

  it("takes all that the step before it in a pipe gives, as when invoked", async () => {
    const twice = chainOf(async function* (word) {
      yield await Promise.resolve(word + word);
    });
    expect(await read(await letters.pipe(twice).stream("abc", options))).toEqual(["abcabc"]);
    expect(await letters.pipe(twice).invoke("abc", options)).toBe("abcabc");
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
    expect(runs.map(({ name }) => name)).toEqual(["own", "inner", "own", "inner"]);
    expect(runs[1]?.parent).toBe(runs[0]?.id);
    expect(runs[3]?.parent).toBe(runs[2]?.id);
  });
});

/** Collects garbage now. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

describe("a caller's signal that lives on", () => {
  it.each(["read", "left"])("keeps nothing of a stream that was %s", async (how) => {
    const { signal } = new AbortController();
    const kept: WeakRef<object>[] = [];
    const chain = chainOf(async function* (word, options) {
      const large = { word };
      kept.push(new WeakRef(large));
      options.signal?.addEventListener("abort", () => large.word);
      yield* await Promise.resolve(word);
    });
    const consume = async () => {
      for await (const _ of await chain.stream("abc", { signal })) if (how === "left") break;
    };
    await consume();
    // a WeakRef holds its object until the end of the current job
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    collectGarbage();
    expect([signal.aborted, kept.map((one) => one.deref())]).toEqual([false, [undefined]]);
  });
});
