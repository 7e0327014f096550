import { messageOf } from "../../errors/errors.ts";
import { serveModule } from "../module-thread.ts";
import type { FromThread, ToThread } from "./module-program.ts";
import type { CallResponse, Invocable, ProgramFunction } from "./program.ts";
import { isInvocable, runProgram } from "./run-program.ts";

interface Waiting {
  readonly resolve: (response: CallResponse) => void;
  readonly reject: (error: Error) => void;
}

/** Runs a program for one result after the other. */
await serveModule((program, tell: (message: FromThread) => void) => {
  if (typeof program !== "function" && !isInvocable(program)) {
    throw new TypeError("it has no function and no Runnable as its default export");
  }
  const waiting = new Map<number, Waiting>();
  let abort = new AbortController();
  let calls = 0;
  const send = async (body: string) =>
    await new Promise<CallResponse>((resolve, reject) => {
      waiting.set(++calls, { resolve, reject });
      tell({ type: "send", call: calls, body });
    });
  const run = async ({ request, options }: Extract<ToThread, { type: "run" }>) => {
    abort = new AbortController();
    try {
      const given = { ...request, send, signal: abort.signal };
      const reply = await runProgram(program as ProgramFunction | Invocable, given, options);
      // cloned here, where what can't be cloned is an error like any other of the module
      tell({ type: "done", reply: structuredClone(reply) });
    } catch (error) {
      tell({ type: "threw", message: messageOf(error) });
    }
  };
  return (message: ToThread) => {
    if (message.type === "run") void run(message);
    else if (message.type === "abort") abort.abort();
    else if (message.type === "response") waiting.get(message.call)?.resolve(message.response);
    else waiting.get(message.call)?.reject(new Error(message.message));
  };
});
