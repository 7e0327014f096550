import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import type { AIMessage } from "@langchain/core/messages";

/** A history that also keeps the answer that is being written. */
export interface DraftingHistory {
  addDraft(text: string): void;
  endAnswer(message: AIMessage, interrupted: boolean): Promise<void>;
}

export interface HistorySummary {
  readonly text: string;
  /** How many messages, from the first on, it stands for. */
  readonly covered: number;
}

/** A history that also keeps the summary of the messages that are not sent any more. */
export interface SummarizedHistory {
  getSummary(): HistorySummary | undefined;
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
