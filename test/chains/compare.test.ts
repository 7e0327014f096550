import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { type Runnable, RunnableLambda } from "@langchain/core/runnables";
import { createComparison, type Comparison } from "../../chains/index.ts";
import { alone } from "./support.ts";

const variants = {
  loud: RunnableLambda.from((text: string) => text.toUpperCase()),
  broken: RunnableLambda.from((_text: string): string => {
    throw new Error("no");
  }),
  plain: RunnableLambda.from((text: string) => text),
};

afterEach(() => {
  jest.restoreAllMocks();
});

/** Variants that note their beginnings and ends, and answer when the test says so. */
function awaited(...names: string[]) {
  const events: string[] = [];
  const finish = new Map<string, () => void>();
  const chains: Record<string, Runnable<string, string>> = {};
  for (const name of names) {
    chains[name] = RunnableLambda.from(async (_text: string, { signal }) => {
      events.push(`${name} begins`);
      const tell = () => events.push(`${name} is told to stop`);
      signal?.addEventListener("abort", tell);
      await new Promise<void>((resolve) => finish.set(name, resolve));
      signal?.removeEventListener("abort", tell);
      return name;
    });
  }
  const untilBegun = async (name: string) => {
    while (!finish.has(name)) await new Promise(setImmediate);
  };
  return { chains, events, untilBegun, finish: (name: string) => finish.get(name)?.() };
}

describe("compare", () => {
  it("gives what each variant makes of the input, failures too, as they come", async () => {
    const lists: Comparison[][] = [];
    for await (const list of await createComparison({ variants }).stream("hi")) lists.push(list);
    expect(lists.map((list) => list.length)).toEqual([1, 1, 1]);
    expect(lists.flat()).toMatchObject([
      { variant: "loud", text: "HI" },
      { variant: "broken", text: "", failure: expect.objectContaining({ message: "no" }) },
      { variant: "plain", text: "hi" },
    ]);
    expect(await createComparison({ variants, concurrency: 3 }).invoke("")).toMatchObject([
      { variant: "loud", text: "" },
      { variant: "broken", failure: expect.anything() },
      { variant: "plain", text: "" },
    ]);
  });

  it("gives an empty list for no variants", async () => {
    expect(await createComparison({ variants: {} }).invoke("hi")).toEqual([]);
  });

  it("tells the seconds of each, of one that failed too", async () => {
    let now = 0;
    jest.spyOn(performance, "now").mockImplementation(() => now);
    const slow = RunnableLambda.from((text: string) => ((now += 1_500), text));
    const failing = RunnableLambda.from((_text: string): string => {
      now += 250;
      throw new Error("no");
    });
    const compared = await createComparison({ variants: { slow, failing, quick: variants.plain } }).invoke("hi");
    expect(compared.map(({ seconds }) => seconds)).toEqual([1.5, 0.25, 0]);
  });

  it("runs them one after the other, so that none takes another's time", async () => {
    const { chains, events, untilBegun, finish } = awaited("a", "b");
    const compared = createComparison({ variants: chains }).invoke("hi");
    await untilBegun("a");
    expect(events).toEqual(["a begins"]);
    finish("a");
    await untilBegun("b");
    finish("b");
    expect((await compared).map(({ text }) => text)).toEqual(["a", "b"]);
  });

  it("runs as many at once as the options say, and keeps their order", async () => {
    const { chains, untilBegun, finish } = awaited("a", "b");
    const compared = createComparison({ variants: chains, concurrency: 2 }).invoke("hi");
    await Promise.all([untilBegun("a"), untilBegun("b")]);
    finish("b");
    finish("a");
    expect((await compared).map(({ text }) => text)).toEqual(["a", "b"]);
  });

  it("ends with the signal: running variants are aborted, and nothing else starts", async () => {
    const stop = new AbortController();
    const { chains, events, untilBegun, finish } = awaited("a", "b");
    const compared = createComparison({ variants: chains }).invoke("hi", { signal: stop.signal });
    await untilBegun("a");
    stop.abort();
    await expect(compared).rejects.toThrow(/abort/i);
    finish("a");
    await new Promise(setImmediate);
    expect(events).toEqual(["a begins", "a is told to stop"]);
  });

  it("takes the failure of a variant that was stopped for no result of its own", async () => {
    const stop = new AbortController();
    const variant = RunnableLambda.from((): string => {
      stop.abort();
      throw new Error("aborted");
    });
    const given = { signal: stop.signal };
    await expect(createComparison({ variants: { variant } }).transform(alone("hi"), given).next()).rejects.toThrow(
      /abort/i,
    );
    await expect(createComparison({ variants: { variant } }).invoke("hi", given)).rejects.toThrow(/abort/i);
  });

  it("begins nothing more once its reader has left", async () => {
    const { chains, events, untilBegun, finish } = awaited("a", "b", "c");
    const stream = createComparison({ variants: chains }).transform(alone("hi"), {});
    const first = stream.next();
    await untilBegun("a");
    finish("a");
    await first;
    await untilBegun("b");
    await stream.return(undefined);
    finish("b");
    await new Promise(setImmediate);
    expect(events).toEqual(["a begins", "b begins", "b is told to stop"]);
  });
});
