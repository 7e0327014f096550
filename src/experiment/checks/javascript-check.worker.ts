import { messageOf } from "../../errors/errors.ts";
import { serveModule } from "../module-thread.ts";
import type { CheckReply } from "./javascript-check.ts";

type Check = (judged: unknown) => unknown;

/** Judges one answer after the other. */
await serveModule((exported, send: (reply: CheckReply) => void) => {
  if (typeof exported !== "function") throw new TypeError("it has no function as its default export");
  return (judged: unknown) => void judge(exported as Check, judged).then(send);
});

async function judge(check: Check, judged: unknown): Promise<CheckReply> {
  try {
    // cloned here, where what can't be cloned is an error like any other of the module
    return { type: "judged", output: structuredClone(await check(judged)) };
  } catch (error) {
    return { type: "threw", message: messageOf(error) };
  }
}
