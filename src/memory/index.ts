/** Conversation memory: sessions on disk, the history that LangChain reads, the window that fits the context, summaries. */
export { createMemory, Memory } from "./memory.ts";
export {
  type Budget,
  type MemoryInput,
  type MemoryOptions,
  type MemoryOutput,
  STRATEGIES,
  type Strategy,
} from "./memory-options.ts";
export type { DraftingHistory, HistorySummary, SummarizedHistory } from "./history.ts";
export { Session, type OpenSessionOptions } from "./session.ts";
export { SessionHistory } from "./session-history.ts";
export { newSessionId, sessionsFolder } from "./session-folder.ts";
export { joinSystemMessages } from "./system-messages.ts";
export { ServerTokenCounter, type ServerTokenCounterOptions, type TokenCounter } from "./token-counter.ts";
