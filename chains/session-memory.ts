import { type BaseListChatMessageHistory, InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { RunnableConfig } from "@langchain/core/runnables";
import { createMemory, GptOssError, type Memory } from "../src/index.ts";

/** Where conversations are kept. */
export interface SessionMemoryOptions {
  /**
   * One history, or one for each `configurable.sessionId` of the configuration, as with RunnableWithMessageHistory. Default: in memory,
   * one for each session.
   */
  readonly history?:
    | BaseListChatMessageHistory
    | ((sessionId: string) => BaseListChatMessageHistory | Promise<BaseListChatMessageHistory>);
  /** What of it is sent; default: all. Made for the same history, which is to be given too. */
  readonly memory?: Memory | ((history: BaseListChatMessageHistory) => Memory);
}

/** Finds the memory of the session that a configuration names; without a name there is one session. */
export function memoryBySession({ history, memory }: SessionMemoryOptions) {
  const open = async (sessionId: string): Promise<Memory> => {
    if (memory !== undefined && typeof memory !== "function") return memory;
    const kept =
      typeof history === "function" ? await history(sessionId) : (history ?? new InMemoryChatMessageHistory());
    return memory?.(kept) ?? createMemory({ history: kept });
  };
  const isOneConversation =
    (history !== undefined && typeof history !== "function") || (memory !== undefined && typeof memory !== "function");
  const sessions = new Map<string, Promise<Memory>>();
  return async ({ configurable = {} }: RunnableConfig): Promise<Memory> => {
    const given = (configurable as { readonly sessionId?: unknown }).sessionId;
    const sessionId = typeof given === "string" || typeof given === "number" ? String(given) : "";
    const known = sessions.get(sessionId);
    if (known !== undefined) return await known;
    if (isOneConversation && sessions.size > 0) throw otherSession(sessionId, [...sessions.keys()][0] ?? "");
    const opened = open(sessionId);
    sessions.set(sessionId, opened);
    // a history that could not be opened is asked for again
    opened.catch(() => sessions.delete(sessionId));
    return await opened;
  };
}

function otherSession(asked: string, first: string): GptOssError {
  return new GptOssError(
    "usage",
    `This chain has one history, for ${nameOf(first)}, but the call is for ${nameOf(asked)}.`,
    {
      hint: "Pass a function as `history`, which returns the history of a session.",
    },
  );
}

function nameOf(sessionId: string): string {
  return sessionId === "" ? "no sessionId" : `the session ${sessionId}`;
}
