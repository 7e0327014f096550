import type { ChatSession } from "./chat-session.ts";

/** A chat that is starting: its first messages are typed while the model is loaded, which may fail. */
export class ChatStartup {
  readonly chatSession: Promise<ChatSession>;
  readonly #failing: Promise<never>;
  #isReady = false;

  /** @param ready resolves when there can be answers, and rejects when there never will be */
  constructor(chatSession: Promise<ChatSession>, ready: Promise<unknown>) {
    this.chatSession = chatSession;
    this.#failing = ready.then(async () => {
      this.#isReady = true;
      return await new Promise<never>(() => undefined);
    });
    this.#failing.catch(() => undefined);
  }

  /** Waits for something, unless it turns out that there will never be an answer: rejects with the reason then. */
  async orFailure<Result>(action: Promise<Result>): Promise<Result> {
    // a race with a promise that never settles keeps what it raced with, an answer say, for as long as the chat lasts
    return this.#isReady ? await action : await Promise.race([action, this.#failing]);
  }

  /** Whether it is known by now that there will never be an answer. */
  async hasFailed(): Promise<boolean> {
    return !this.#isReady && (await Promise.race([this.#failing.catch(() => true), soon(false)]));
  }
}

/** After whatever has happened already. */
async function soon<Value>(value: Value): Promise<Value> {
  return await new Promise((resolve) => setImmediate(resolve, value));
}
