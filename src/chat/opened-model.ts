import type { TokenCounter } from "../memory/token-counter.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";

/** A model that is ready to answer, and what is known of the server behind it. */
export interface OpenedModel {
  readonly model: ChatGptOss;
  /** Tokens of one conversation. */
  readonly contextSize: number | undefined;
  /** Tokens of it that are kept free for an answer. */
  readonly room: number;
  /** Undefined where the server counts no tokens. */
  readonly counter: TokenCounter | undefined;
  /** It has our chat template, which can go on inside an answer. */
  readonly canContinue: boolean;
}
