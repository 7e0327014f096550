import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../errors/errors.ts";

/** What a thread tells: that it begins, then how it ended. */
export type WorkerMessage =
  | { readonly type: "begins" }
  | { readonly type: "done"; readonly output: unknown }
  | { readonly type: "failed"; readonly error: unknown };

/** The whole of a module that `runInWorker` names: answers the input that the thread was made for. */
export async function answerInWorker(task: (input: never) => unknown): Promise<void> {
  post({ type: "begins" });
  try {
    post({ type: "done", output: await task(workerData as never) });
  } catch (error) {
    try {
      // a DOMException arrives empty, the one of an answer that can't be copied among them
      post({ type: "failed", error: error instanceof DOMException ? new Error(error.message) : error });
    } catch {
      post({ type: "failed", error: new Error(messageOf(error)) }); // it holds what can't be copied
    }
  }
}

function post(message: WorkerMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is not a window
  parentPort?.postMessage(message);
}
