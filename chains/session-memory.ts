import { type BaseListChatMessageHistory, InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { RunnableConfig } from "@langchain/core/runnables";
import { createMemory, GptOssError, type Memory } from "../src/index.ts";

/** A memory, which sends what fits, or a history, of which everything is sent. */
export type ConversationMemory = Memory | BaseListChatMessageHistory;

/** Where conversations are stored. */
export interface SessionMemoryOptions {
  /**
   * The memory of one conversation, or a function that returns one for each `configurable.sessionId` of the configuration. Default: in
   * memory, one for each session.
   */
  readonly memory?: ConversationMemory | ((sessionId: string) => ConversationMemory | Promise<ConversationMemory>);
}

/** Finds the memory of the session that a configuration names; without a name there is one session. */
export function memoryBySession({ memory }: SessionMemoryOptions) {
  const open = async (sessionId: string): Promise<Memory> => {
    const opened =
      typeof memory === "function" ? await memory(sessionId) : (memory ?? new InMemoryChatMessageHistory());
    return "getMessages" in opened ? createMemory({ history: opened }) : opened;
  };
  const isOneConversation = memory !== undefined && typeof memory !== "function";
  const sessions = new Map<string, Promise<Memory>>();
  return async ({ configurable = {} }: RunnableConfig): Promise<Memory> => {
    const given = (configurable as { readonly sessionId?: unknown }).sessionId;
    const sessionId = typeof given === "string" || typeof given === "number" ? String(given) : "";
    const known = sessions.get(sessionId);
    if (known !== undefined) return await known;
    if (isOneConversation && sessions.size > 0) throw otherSession(sessionId, [...sessions.keys()][0] ?? "");
    const opened = open(sessionId);
    sessions.set(sessionId, opened);
    // a memory that could not be opened is asked for again
    opened.catch(() => sessions.delete(sessionId));
    return await opened;
  };
}

function otherSession(asked: string, first: string): GptOssError {
  return new GptOssError(
    "usage",
    `This chain has one memory, for ${nameOf(first)}, but the call is for ${nameOf(asked)}.`,
    {
      hint: "Pass a function as `memory`, which returns the memory of a session.",
    },
  );
}

function nameOf(sessionId: string): string {
  return sessionId === "" ? "no sessionId" : `the session ${sessionId}`;
}
