import { describe, expect, it } from "@jest/globals";
import { RunnableLambda } from "@langchain/core/runnables";
import { fakeModel } from "langchain";
import { createRouter } from "../../chains/index.ts";
import { createStreamingRunnable } from "../../src/index.ts";
import { parsePrompt } from "../../src/prompts/prompts.ts";
import { modelFor } from "../support/chat-model.ts";
import { raw, type Reply, startChatServer, stream } from "../support/chat-server.ts";

const routes = {
  maths: { when: "numbers", chain: RunnableLambda.from((question: string) => `maths: ${question}`) },
  会話: { when: "それ以外", chain: RunnableLambda.from((question: string) => `talk: ${question}`) },
};

const choosing = (name: unknown) => fakeModel().structuredResponse({ route: name });

function saying(text: string): Reply {
  return { chunks: stream(raw(`<|channel|>final<|message|>${text}`, 6)) };
}

describe("route", () => {
  it("gives the question to the chain that the model names", async () => {
    const chosen: string[] = [];
    const onRoute = (name: string) => chosen.push(name);
    expect(await createRouter({ model: choosing("maths"), routes, onRoute }).invoke("2 + 2")).toBe("maths: 2 + 2");
    expect(await createRouter({ model: choosing("会話"), routes, onRoute }).invoke("")).toBe("talk: ");
    expect(chosen).toEqual(["maths", "会話"]);
  });

  it("tells the model when each is the right one, and the question as it is", async () => {
    await using server = await startChatServer(saying('{"route":"会話"}'));
    expect(await createRouter({ model: modelFor(server), routes }).invoke("元気ですか？")).toBe("talk: 元気ですか？");
    const [system, question] = server.requests[0]?.messages ?? [];
    expect(system?.["content"]).toContain("maths: numbers\n会話: それ以外");
    expect(question?.["content"]).toBe("元気ですか？");
  });

  it("takes the caller's prompt", async () => {
    await using server = await startChatServer(saying('{"route":"maths"}'));
    const prompt = parsePrompt("---\nname: t\nvariables: [routes, question]\n---\n{{question}} of {{routes}}", "t.md");
    await createRouter({ model: modelFor(server), routes, prompt }).invoke("Which?");
    expect(server.requests[0]?.messages.at(-1)?.["content"]).toBe("Which? of maths: numbers\n会話: それ以外");
  });

  it("streams the answer of that chain piece by piece", async () => {
    const chain = createStreamingRunnable<string, string>({
      name: "words",
      async *generate() {
        yield* await Promise.resolve(["one ", "two"]);
      },
    });
    const pieces: string[] = [];
    const counting = createRouter({ model: choosing("count"), routes: { count: { when: "always", chain } } });
    for await (const piece of await counting.stream("?")) pieces.push(piece);
    expect(pieces).toEqual(["one ", "two"]);
  });

  it.each(["poems", "toString", "", 1, undefined])("takes no name that there is not: %p", async (name) => {
    const chosen: string[] = [];
    const onRoute = (given: string) => chosen.push(given);
    await expect(createRouter({ model: choosing(name), routes, onRoute }).invoke("?")).rejects.toMatchObject({
      code: "model-failed",
      message: "The model named none of the routes: maths, 会話.",
    });
    expect(chosen).toEqual([]);
  });

  it("gives up a model that keeps answering the question itself", async () => {
    await using server = await startChatServer(saying("It is 4."));
    await expect(createRouter({ model: modelFor(server), routes }).invoke("2 + 2")).rejects.toMatchObject({
      code: "model-failed",
    });
    expect(server.requests).toHaveLength(3);
  });

  it("asks no model where there is nothing to choose", async () => {
    const model = choosing("maths");
    await expect(createRouter({ model, routes: {} }).invoke("?")).rejects.toMatchObject({ code: "usage" });
    expect(model.callCount).toBe(0);
  });

  it("hands on a failure of the chosen chain", async () => {
    const chain = RunnableLambda.from((_question: string): string => {
      throw new Error("server gone");
    });
    const one = createRouter({ model: choosing("one"), routes: { one: { when: "always", chain } } });
    await expect(one.invoke("?")).rejects.toThrow("server gone");
  });

  it("ends with its signal while the model chooses", async () => {
    await using server = await startChatServer({ chunks: [], ending: "hang" });
    const stop = new AbortController();
    const asked = createRouter({ model: modelFor(server), routes }).invoke("?", { signal: stop.signal });
    while (server.requests.length === 0) await new Promise(setImmediate);
    stop.abort();
    await expect(asked).rejects.toThrow(/abort/i);
    await server.left;
  });

  describe("ends the chosen chain", () => {
    /** Gives one piece, and then none until it is told to stop. */
    function waiting() {
      let ended = false;
      const chain = createStreamingRunnable<string, string>({
        name: "hanging",
        async *generate(_question, { signal }) {
          try {
            yield "one";
            await new Promise((_resolve, reject) => {
              signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
            });
          } finally {
            ended = true;
          }
        },
      });
      const routed = createRouter({ model: choosing("one"), routes: { one: { when: "always", chain } } });
      return { routed, hasEnded: () => ended };
    }

    it("with the signal", async () => {
      const { routed, hasEnded } = waiting();
      const stop = new AbortController();
      const reading = (async () => {
        for await (const piece of await routed.stream("?", { signal: stop.signal })) if (piece === "one") stop.abort();
      })();
      await expect(reading).rejects.toThrow(/abort/i);
      expect(hasEnded()).toBe(true);
    });

    it("when its reader leaves", async () => {
      const { routed, hasEnded } = waiting();
      for await (const piece of await routed.stream("?")) if (piece === "one") break;
      expect(hasEnded()).toBe(true);
    });
  });
});
