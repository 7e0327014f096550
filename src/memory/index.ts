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
export type { AnswerKeeper } from "./history.ts";
export type { Damage } from "./session-event.ts";
export { Session, type OpenSessionOptions, type StartDetails } from "./session.ts";
export type { NewSessionEvent, SessionEvent } from "./session-event.ts";
export type { SessionMessage, SessionSummary, SessionState } from "./session-event.ts";
export type { UsageMeter } from "./history.ts";
export { SessionHistory } from "./session-history.ts";
export { newSessionId, sessionsFolder } from "./session-folder.ts";
export { joinSystemMessages } from "./history.ts";
export { ServerTokenCounter, type ServerTokenCounterOptions, type TokenCounter } from "./token-counter.ts";
