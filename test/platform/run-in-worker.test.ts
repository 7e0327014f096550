import { describe, expect, it } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { runInWorker, WorkerStoppedError } from "../../src/platform/run-in-worker.ts";

const ENTRY = "test/platform/support/tasks.worker.ts";

async function run(task: string, options: { readonly timeLimitMs?: number; readonly signal?: AbortSignal } = {}) {
  return await runInWorker(ENTRY, task, { timeLimitMs: 20_000, memoryMb: 64, ...options });
}

async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    (output) => ({ output }),
    (error: unknown) => (error instanceof WorkerStoppedError ? error.reason : error),
  );
}

/** Threads and timers that would keep the process alive. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name === "MessagePort" || name === "Worker");
}

describe("work in a thread", () => {
  it("answers with a copy", async () => {
    expect(await run("double")).toBe("42");
    expect(await run("objects")).toEqual({ list: [1n, new Date(0)], map: new Map([["key", undefined]]) });
  });

  it.each(["endless loop", "endless expression", "promise that never settles, with a timer"])(
    "is ended at its limit, and the event loop goes on: %s",
    async (task) => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 10);
      expect(await reasonOf(run(task, { timeLimitMs: 300 }))).toBe("time-limit");
      clearInterval(timer);
      expect(ticks).toBeGreaterThan(5);
    },
  );

  it.each(["promise that never settles", "exit", "exit with a status"])("ends without an answer: %s", async (task) => {
    expect(await reasonOf(run(task))).toBe("ended");
  });

  it("may use so much memory and no more", async () => {
    expect(await reasonOf(run("memory"))).toBe("out-of-memory");
  });

  it.each([
    ["throw", "out of it"],
    ["throw what can't be copied", "with a function"],
    ["answer what can't be copied", "could not be cloned"],
    ["reject later", "later"],
    ["recursion", "Maximum call stack size exceeded"],
  ])("passes on what goes wrong: %s", async (task, message) => {
    await expect(run(task)).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });

  it("passes on a module that can't be loaded", async () => {
    await expect(runInWorker("test/platform/none.worker.ts", undefined, { timeLimitMs: 1_000 })).rejects.toThrow(
      "none.worker.ts",
    );
  });

  it("ends with its signal, before it begins and in the middle", async () => {
    const reason = new Error("enough");
    await expect(run("endless loop", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const work = run("endless loop", { signal: controller.signal });
    setTimeout(() => {
      controller.abort(reason);
    }, 100);
    await expect(work).rejects.toBe(reason);
  });

  it("leaves no thread behind", async () => {
    const before = resources();
    const running = run("endless loop", { timeLimitMs: 100 });
    expect(resources().length).toBeGreaterThan(before.length);
    await reasonOf(running);
    await Promise.all(
      ["endless loop", "double", "exit", "throw", "memory"].map((task) => reasonOf(run(task, { timeLimitMs: 200 }))),
    );
    await sleep(50);
    expect(resources()).toEqual(before);
  });
});
