import { RunnableLambda } from "@langchain/core/runnables";
import { describe, expect, it } from "@jest/globals";
import { fakeModel } from "langchain";
import { z } from "zod";
import { compare, type Comparison, extract, route } from "../../chains/index.ts";
import { inParallel } from "../../chains/parallel.ts";

describe("extract", () => {
  const schema = z.object({ name: z.string(), age: z.number() });

  it("gives the object", async () => {
    const model = fakeModel().structuredResponse({ name: "Alice", age: 30 });
    expect(await extract({ model, schema }).invoke("Alice is 30.")).toEqual({ name: "Alice", age: 30 });
  });
});

describe("route", () => {
  const routes = {
    maths: { when: "numbers", chain: RunnableLambda.from((question: string) => `maths: ${question}`) },
    talk: { when: "anything else", chain: RunnableLambda.from((question: string) => `talk: ${question}`) },
  };

  it("gives the question to the chain that the model names", async () => {
    const chosen: string[] = [];
    const model = fakeModel().structuredResponse({ route: "maths" });
    expect(await route({ model, routes, onRoute: (name) => chosen.push(name) }).invoke("2 + 2")).toBe("maths: 2 + 2");
    expect(chosen).toEqual(["maths"]);
  });

  it.each(["poems", "toString"])("takes no name that there is not: %s", async (name) => {
    const model = fakeModel().structuredResponse({ route: name });
    await expect(route({ model, routes }).invoke("?")).rejects.toThrow(/route/);
  });
});

describe("compare", () => {
  const variants = {
    loud: RunnableLambda.from((text: string) => text.toUpperCase()),
    broken: RunnableLambda.from((_text: string): string => {
      throw new Error("no");
    }),
    plain: RunnableLambda.from((text: string) => text),
  };

  it("gives what each variant makes of the input, failures too, as they come", async () => {
    const lists: Comparison[][] = [];
    for await (const list of await compare({ variants }).stream("hi")) lists.push(list);
    expect(lists.map((list) => list.length)).toEqual([1, 2, 3]);
    expect(await compare({ variants }).invoke("hi")).toMatchObject([
      { variant: "loud", text: "HI" },
      { variant: "broken", text: "", failure: expect.objectContaining({ message: "no" }) },
      { variant: "plain", text: "hi" },
    ]);
  });

  it("ends with the signal", async () => {
    const stop = new AbortController();
    const variant = RunnableLambda.from((): string => {
      stop.abort();
      throw new Error("aborted");
    });
    const comparison = compare({ variants: { variant, plain: variants.plain } });
    await expect(comparison.invoke("hi", { signal: stop.signal })).rejects.toThrow(/abort/i);
  });
});

describe("inParallel", () => {
  it("gives nothing for nothing, everything in order, and no more at once than it may", async () => {
    const all = async (items: number[], concurrency: number) => {
      let [open, most] = [0, 0];
      const results: number[] = [];
      const work = async (item: number) => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, (7 - item) % 5));
        open--;
        return item * 2;
      };
      for await (const result of inParallel(items, concurrency, work)) results.push(result);
      return { results, most };
    };
    expect(await all([], 3)).toEqual({ results: [], most: 0 });
    expect(await all([1, 2, 3, 4, 5, 6], 2)).toEqual({ results: [2, 4, 6, 8, 10, 12], most: 2 });
    expect(await all([1, 2], 9)).toEqual({ results: [2, 4], most: 2 });
  });
});
