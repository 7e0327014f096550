import type { MessagePort } from "node:worker_threads";
import { messageOf } from "../../errors/errors.ts";
import { answerInWorker } from "../../platform/answer-in-worker.ts";
import type { ModuleReply } from "./javascript-check.ts";

interface Input {
  /** Of the user's module. */
  readonly url: string;
  readonly port: MessagePort;
}

/** Loads a user's module and judges one answer after the other, until the port is closed. */
await answerInWorker(async ({ url, port }: Input) => {
  const reply = (message: ModuleReply) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is not a window
    port.postMessage(message);
  };
  const closed = new Promise<void>((resolve) => {
    port.on("close", resolve);
  });
  reply({ type: "begins" });
  const { default: check } = (await import(url)) as { readonly default?: unknown };
  if (typeof check !== "function") throw new TypeError("it has no function as its default export");
  port.on("message", (judged: unknown) => {
    void judge(check as (judged: unknown) => unknown, judged).then(reply);
  });
  reply({ type: "loaded" });
  await closed;
});

async function judge(check: (judged: unknown) => unknown, judged: unknown): Promise<ModuleReply> {
  try {
    // cloned here, where what can't be cloned is an error like any other of the module
    return { type: "judged", output: structuredClone(await check(judged)) };
  } catch (error) {
    return { type: "threw", message: messageOf(error) };
  }
}
