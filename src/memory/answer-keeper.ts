import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { isDrafting } from "./history.ts";

/** Puts an answer into the history: piece by piece where the history keeps drafts, and as a whole when it ends. */
export class AnswerKeeper {
  readonly #history: BaseListChatMessageHistory;
  readonly #onEnd: () => void;
  #text = "";

  constructor(history: BaseListChatMessageHistory, onEnd: () => void) {
    this.#history = history;
    this.#onEnd = onEnd;
  }

  /** To be called before the piece is shown. */
  add(text: string): void {
    this.#text += text;
    if (isDrafting(this.#history)) this.#history.addDraft(text);
  }

  /** Calls of tools with their results, which the answer follows. A text that came before them stands in them. */
  async addCalls(messages: readonly BaseMessage[]): Promise<void> {
    this.#text = "";
    await this.#history.addMessages([...messages]);
  }

  /**
   * Keeps the answer as a message.
   * @param complete false when the answer was cut short, by the user or by a failure
   */
  async end(complete: boolean): Promise<void> {
    const answer = new AIMessage(this.#text);
    if (isDrafting(this.#history)) await this.#history.endAnswer(answer, !complete);
    else if (this.#text !== "") await this.#history.addMessage(answer);
    if (complete) this.#onEnd();
  }
}
