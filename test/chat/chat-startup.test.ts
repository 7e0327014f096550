import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import type { ChatSession } from "../../src/chat/chat-session.ts";
import { ChatStartup } from "../../src/chat/chat-startup.ts";

const chatSession = new Promise<ChatSession>(() => undefined);
const never = new Promise<string>(() => undefined);

/** Collects garbage, which Node does not offer otherwise. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // what was reached by a weak reference is kept until the turn of the event loop ends
  await new Promise(setImmediate);
  collect();
}

/** Lets answers through, and keeps none of them. */
async function answer(opening: ChatStartup, times: number): Promise<WeakRef<object>[]> {
  const answers: WeakRef<object>[] = [];
  for (let time = 0; time < times; time++) {
    const text = { text: "こんにちは".repeat(100) };
    answers.push(new WeakRef(text));
    await opening.orFailure(Promise.resolve(text));
  }
  return answers;
}

describe("a chat that is starting", () => {
  it("passes results on before it is ready, and after", async () => {
    const opening = new ChatStartup(chatSession, Promise.resolve());
    expect(await opening.orFailure(Promise.resolve("typed"))).toBe("typed");
    await new Promise(setImmediate);
    expect(await opening.orFailure(Promise.resolve("answered"))).toBe("answered");
    expect(await opening.hasFailed()).toBe(false);
  });

  it("ends every wait with the reason when there will never be an answer", async () => {
    const opening = new ChatStartup(chatSession, Promise.reject(new Error("no model")));
    await expect(opening.orFailure(never)).rejects.toThrow("no model");
    expect(await opening.hasFailed()).toBe(true);
  });

  it("keeps none of the answers that it let through, for as long as the chat lasts", async () => {
    const opening = new ChatStartup(chatSession, Promise.resolve());
    await new Promise(setImmediate);
    const answers = await answer(opening, 20);
    await collectGarbage();
    // the engine may still hold the very last one
    expect(answers.slice(0, -1).filter((kept) => kept.deref() !== undefined)).toEqual([]);
    expect(await opening.hasFailed()).toBe(false);
  });

  it("says that nothing is known while it is being opened", async () => {
    expect(await new ChatStartup(chatSession, never).hasFailed()).toBe(false);
  });
});
