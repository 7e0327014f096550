import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import type { AIMessage } from "@langchain/core/messages";

/** A history that also keeps the answer that is being written. */
export interface DraftingHistory {
  /** Keeps a piece of the answer that is being written. */
  addDraft(text: string): void;
  /** Puts the message in the draft's place. `interrupted`: it is not whole. */
  endAnswer(message: AIMessage, interrupted: boolean): Promise<void>;
}

/** The beginning of a conversation in a few sentences. */
export interface HistorySummary {
  readonly text: string;
  /** How many messages, from the first on, it stands for. */
  readonly covered: number;
}

/** A history that also keeps the summary of the messages that are not sent any more. */
export interface SummarizedHistory {
  /** The latest one; undefined when everything is still sent. */
  getSummary(): HistorySummary | undefined;
  /** Keeps a summary that stands for the first `covered` messages. */
  addSummary(text: string, covered: number): Promise<void>;
}

/** Asked by shape and not by class: a history of one's own may do either. */
export function isDrafting<History extends BaseListChatMessageHistory>(
  history: History,
): history is History & DraftingHistory {
  return "addDraft" in history && "endAnswer" in history;
}

export function isSummarized<History extends BaseListChatMessageHistory>(
  history: History,
): history is History & SummarizedHistory {
  return "getSummary" in history && "addSummary" in history;
}
