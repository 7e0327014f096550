import { setTimeout as sleep } from "node:timers/promises";
import type { CallbackHandlerMethods } from "@langchain/core/callbacks/base";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import { concat } from "@langchain/core/utils/stream";
import { expect, it, jest } from "@jest/globals";
import { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import { type ChatServer, type Reply, startChatServer } from "./chat-server.ts";

/** A runnable under test. The server answers what the runnable asks by `replies`. */
export interface RunnableCase {
  /** The name of its runs. */
  readonly name: string;
  readonly make: (server: ChatServer) => Runnable;
  readonly input: unknown;
  readonly replies: readonly Reply[];
  /** Replies of which the last one never ends. */
  readonly endless: readonly Reply[];
  /** Makes two outputs comparable, where some of an output is measured. */
  readonly comparable?: (output: unknown) => unknown;
  /** A parser asks no model: it has nothing to cancel and sends nothing. */
  readonly asksModel?: boolean;
}

const RUN_ID = "01234567-89ab-4def-8123-456789abcdef";

interface Run {
  readonly id: string;
  readonly parent: string | undefined;
  readonly name: string | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Notes every run that a handler is told of. */
class RunRecorder {
  readonly started: Run[] = [];
  readonly ended: string[] = [];
  readonly failed: string[] = [];

  get handler(): CallbackHandlerMethods {
    return {
      handleChainStart: (...[, , id, parent, tags, metadata, , name]) => this.#start(id, parent, tags, metadata, name),
      handleChatModelStart: (...[, , id, parent, , tags, metadata, name]) =>
        this.#start(id, parent, tags, metadata, name),
      handleToolStart: (...[, , id, parent, tags, metadata, name]) => this.#start(id, parent, tags, metadata, name),
      handleChainEnd: (_output, id) => void this.ended.push(id),
      handleLLMEnd: (_output, id) => void this.ended.push(id),
      handleToolEnd: (_output, id) => void this.ended.push(id),
      handleChainError: (_error, id) => void this.failed.push(id),
      handleLLMError: (_error, id) => void this.failed.push(id),
      handleToolError: (_error, id) => void this.failed.push(id),
    };
  }

  get roots(): Run[] {
    return this.started.filter(({ parent }) => parent === undefined);
  }

  #start(id: string, parent: string | undefined, tags: string[] = [], metadata = {}, name?: string): void {
    this.started.push({ id, parent, tags, metadata, name });
  }
}

async function readAll(outputs: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const output of outputs) seen.push(output);
  return seen;
}

/** What LangChain's own steps make of a stream. */
function joined(outputs: readonly unknown[]): unknown {
  return outputs.slice(1).reduce((whole, output) => concat(whole as never, output as never), outputs[0]);
}

/** What every exported runnable promises; declares the tests of one. */
export function itKeepsTheContract({
  name,
  make,
  input,
  replies,
  endless,
  comparable = (output) => output,
  asksModel = true,
}: RunnableCase): void {
  const served = async <Result>(test: (chain: () => Runnable, server: ChatServer) => Promise<Result>) => {
    await using server = await startChatServer(...replies);
    return await test(() => make(server), server);
  };

  it("streams what adds up to what invoke returns", async () => {
    const invoked = await served((chain) => chain().invoke(input));
    const streamed = await served(async (chain) => await readAll(await chain().stream(input)));
    expect(streamed.length).toBeGreaterThan(0);
    expect(comparable(joined(streamed))).toEqual(comparable(invoked));
    const behind = await served(
      async (chain) =>
        await readAll(
          await chain()
            .pipe((output: unknown) => JSON.stringify(output))
            .stream(input),
        ),
    );
    expect(behind).toHaveLength(1);
    expect(comparable(JSON.parse(String(behind[0])))).toEqual(comparable(JSON.parse(JSON.stringify(invoked))));
  });

  it.each(["invoke", "stream"] as const)(
    "has one root run, with its name and the given id, and every run ends (%s)",
    async (way) => {
      const runs = new RunRecorder();
      const options = { runId: RUN_ID, callbacks: [runs.handler], tags: ["mine"], metadata: { owner: "me" } };
      await served(async (chain) => {
        if (way === "invoke") await chain().invoke(input, options);
        else await readAll(await chain().stream(input, options));
      });
      expect(runs.roots).toMatchObject([{ id: RUN_ID, name }]);
      expect(new Set(runs.started.map(({ id }) => id)).size).toBe(runs.started.length);
      expect(runs.ended.toSorted()).toEqual(runs.started.map(({ id }) => id).toSorted());
      expect(runs.failed).toEqual([]);
      // the model's run is told of tags and metadata too
      for (const { tags, metadata } of [runs.started[0], runs.started.at(-1)] as Run[]) {
        expect(tags).toContain("mine");
        expect(metadata).toMatchObject({ owner: "me" });
      }
    },
  );

  it("has its output in the last event", async () => {
    const invoked = await served((chain) => chain().invoke(input));
    await served(async (chain) => {
      const events = await readAll(chain().streamEvents(input, { version: "v2", runId: RUN_ID }));
      const last = events.at(-1) as { event: string; run_id: string; name: string; data: { output: unknown } };
      expect(last).toMatchObject({ run_id: RUN_ID, name, event: expect.stringMatching(/_end$/) });
      expect(comparable(last.data.output)).toEqual(comparable(invoked));
    });
  });

  if (!asksModel) return;

  it("hands `configurable` on to the model", async () => {
    const told: unknown[] = [];
    const spies = (["invoke", "_streamIterator"] as const).map((method) => {
      const spy = jest.spyOn(ChatGptOss.prototype, method);
      return { spy, note: () => told.push(...spy.mock.calls.map(([, options]) => options?.configurable)) };
    });
    await served(async (chain) => await readAll(await chain().stream(input, { configurable: { color: "blue" } })));
    for (const { spy, note } of spies) {
      note();
      spy.mockRestore();
    }
    expect(told.length).toBeGreaterThan(0);
    for (const configurable of told) expect(configurable).toMatchObject({ color: "blue" });
  });

  it("works on no more inputs of a batch at once than `maxConcurrency` allows", async () => {
    let [open, most] = [0, 0];
    const end = (_output: unknown, _id: string, parent?: string) => void (parent === undefined && open--);
    const handler: CallbackHandlerMethods = {
      handleChainStart: (...[, , , parent]) => {
        if (parent === undefined) most = Math.max(most, ++open);
      },
      handleChainEnd: end,
      handleChainError: end,
    };
    await served(async (chain) => {
      // a script of replies fits one run at a time
      await chain()
        .batch([input, input, input], { maxConcurrency: 1, callbacks: [handler] })
        .catch(() => undefined);
    });
    expect(most).toBe(1);
  });

  const endings: readonly (readonly [string, (stop: AbortController) => Partial<RunnableConfig>])[] = [
    ["the signal", (stop) => ({ signal: stop.signal })],
    ["the timeout", () => ({ timeout: 300 })],
  ];
  it.each(endings)("ends with %s, and so do the request and every run", async (_, optionsFor) => {
    for (const way of ["invoke", "stream"] as const) {
      await using server = await startChatServer(...endless);
      const stop = new AbortController();
      const runs = new RunRecorder();
      const options = { ...optionsFor(stop), callbacks: [runs.handler] };
      const reading = async () =>
        way === "invoke"
          ? await make(server).invoke(input, options)
          : await readAll(await make(server).stream(input, options));
      const outcome = reading().then(
        () => "ended",
        (error: unknown) => String(error),
      );
      if (options.timeout === undefined) {
        while (server.requests.length < endless.length) await sleep(5);
        stop.abort();
      }
      expect(await outcome).toMatch(/abort|timed? ?out/i);
      // a timeout may come before the request
      if (options.timeout === undefined) await server.left;
      while (runs.failed.length + runs.ended.length < runs.started.length) await sleep(5);
      expect(runs.failed).toContain(runs.roots[0]?.id);
    }
  });

  it("ends when its reader leaves, and so do the request and its run", async () => {
    await using server = await startChatServer(...endless);
    const runs = new RunRecorder();
    const iterator = (await make(server).stream(input, { callbacks: [runs.handler] }))[Symbol.asyncIterator]();
    const first = iterator.next();
    first.catch(() => undefined);
    while (server.requests.length < endless.length) await sleep(5);
    await iterator.return?.();
    await server.left;
    const root = runs.roots[0]?.id ?? "";
    while (!runs.failed.includes(root)) await sleep(5);
    expect(runs.ended).not.toContain(root);
  });
}
