import { describe, expect, it } from "@jest/globals";
import { inParallel } from "../../chains/parallel.ts";

/** Works on what it is given when the test says so. */
function bench() {
  const begun: number[] = [];
  const signals: AbortSignal[] = [];
  const settle = new Map<number, { done: () => void; fail: (error: Error) => void }>();
  const work = (item: number, signal: AbortSignal) => {
    begun.push(item);
    signals.push(signal);
    return new Promise<number>((resolve, reject) => {
      settle.set(item, { done: () => resolve(item * 2), fail: reject });
    });
  };
  const done = async (item: number) => {
    settle.get(item)?.done();
    await new Promise(setImmediate);
  };
  const fail = async (item: number) => {
    settle.get(item)?.fail(new Error(`${item} failed`));
    await new Promise(setImmediate);
  };
  return { begun, signals, work, done, fail };
}

async function all<Result>(results: AsyncIterable<Result>): Promise<Result[]> {
  const read: Result[] = [];
  for await (const result of results) read.push(result);
  return read;
}

const CALLERS = [
  ["no signal", undefined],
  ["a signal that stays quiet", new AbortController().signal],
] as const;

describe("inParallel", () => {
  it.each([-1, 0, 1, 2, 9, Number.POSITIVE_INFINITY])(
    "gives nothing for nothing, and everything in order (%d at once)",
    async (concurrency) => {
      const double = (item: number) => Promise.resolve(item * 2);
      expect(await all(inParallel([], concurrency, double))).toEqual([]);
      expect(await all(inParallel([1, 2, 3, 4, 5, 6], concurrency, double))).toEqual([2, 4, 6, 8, 10, 12]);
    },
  );

  it("works on no more at once than it may, and begins one whenever one has ended", async () => {
    const { begun, work, done } = bench();
    const results = all(inParallel([1, 2, 3, 4], 2, work));
    await new Promise(setImmediate);
    expect(begun).toEqual([1, 2]);
    await done(2);
    expect(begun).toEqual([1, 2, 3]);
    for (const item of [1, 3, 4]) await done(item);
    expect(await results).toEqual([2, 4, 6, 8]);
  });

  it("gives a result as soon as it and those before it are there", async () => {
    const { work, done } = bench();
    const results = inParallel([1, 2, 3], 3, work);
    const first = results.next();
    await done(2);
    await done(1);
    expect(await first).toEqual({ done: false, value: 2 });
    expect(await results.next()).toEqual({ done: false, value: 4 });
    await results.return(undefined);
  });

  it.each(CALLERS)(
    "ends with the first failure at once, tells the others to stop, and begins no more (%s)",
    async (_, signal) => {
      const { begun, signals, work, done, fail } = bench();
      const results = all(inParallel([1, 2, 3, 4], 2, work, signal));
      results.catch(() => undefined);
      await new Promise(setImmediate);
      await fail(2);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
      await expect(results).rejects.toThrow("2 failed");
      await done(1);
      expect(begun).toEqual([1, 2]);
    },
  );

  it("gives what came before the failure", async () => {
    const { work, done, fail } = bench();
    const results = inParallel([1, 2], 2, work);
    const first = results.next();
    await done(1);
    await fail(2);
    expect(await first).toEqual({ done: false, value: 2 });
    await expect(results.next()).rejects.toThrow("2 failed");
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it("tells the others to stop though nobody waits for a result just then", async () => {
    const { signals, work, done, fail } = bench();
    const results = inParallel([1, 2, 3], 3, work);
    const first = results.next();
    await done(1);
    await first;
    await fail(2);
    expect(signals[2]?.aborted).toBe(true);
    await expect(results.next()).rejects.toThrow("2 failed");
  });

  it("hands the caller's abort to what it works on, and begins no more", async () => {
    const { begun, signals, work, done } = bench();
    const stop = new AbortController();
    const results = all(inParallel([1, 2, 3], 1, work, stop.signal));
    results.catch(() => undefined);
    await new Promise(setImmediate);
    stop.abort(new Error("stopped"));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await done(1);
    await expect(results).rejects.toThrow("stopped");
    expect(begun).toEqual([1]);
  });

  it("begins nothing for a caller that has stopped before", async () => {
    const { begun, work } = bench();
    await expect(all(inParallel([1], 1, work, AbortSignal.abort(new Error("stopped"))))).rejects.toThrow("stopped");
    expect(begun).toEqual([]);
  });

  it.each(CALLERS)("stops the running items when its reader leaves, and starts no more (%s)", async (_, signal) => {
    const { begun, signals, work, done } = bench();
    const results = inParallel([1, 2, 3, 4], 2, work, signal);
    const first = results.next();
    await done(1);
    await first;
    await results.return(undefined);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    await done(2);
    await done(3);
    expect(begun).toEqual([1, 2, 3]);
  });
});
