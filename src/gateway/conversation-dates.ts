import { createHash } from "node:crypto";
import type { ChatMessage } from "../inference/messages.ts";
import { localDate } from "../terminal/format.ts";

const MAX_CONVERSATIONS = 1_000;

/**
 * Remembers the date on which each conversation started. The prompt begins with it, so a new date at midnight would make the model server
 * process the whole conversation again.
 */
export class ConversationDates {
  readonly #dates = new Map<string, string>();
  readonly #today: () => string;

  constructor(today = () => localDate(new Date())) {
    this.#today = today;
  }

  dateOf(client: string, messages: readonly ChatMessage[]): string {
    const firstAnswer = messages.findIndex(({ role }) => role === "assistant");
    const opening = firstAnswer < 0 ? messages : messages.slice(0, firstAnswer);
    const key = createHash("sha256")
      .update(JSON.stringify([client, opening]))
      .digest("base64url");
    const date = (firstAnswer < 0 ? undefined : this.#dates.get(key)) ?? this.#today();
    this.#dates.delete(key);
    this.#dates.set(key, date);
    const [oldest] = this.#dates.keys();
    if (this.#dates.size > MAX_CONVERSATIONS && oldest !== undefined) this.#dates.delete(oldest);
    return date;
  }
}
