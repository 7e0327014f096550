import { type BaseMessage, SystemMessage } from "@langchain/core/messages";
import { isSummarized } from "../memory/history.ts";
import type { Conversation } from "./conversation.ts";
import type { OpenedModel } from "./opened-model.ts";
import type { ContextUse } from "./talk.ts";

export interface ContextUseOptions {
  readonly opened: OpenedModel;
  /** Messages, from the first on, that are not sent any more. */
  readonly covered: number;
  readonly conversation: Conversation;
  readonly system: string | undefined;
  /** What the server has said of the last prompt, for servers that count nothing else. */
  readonly lastPromptTokens: number;
}

/** What fills the context, counted by the server's own template and tokenizer. */
export async function contextUseOf(options: ContextUseOptions): Promise<ContextUse> {
  const { opened, covered, conversation, system, lastPromptTokens } = options;
  const { counter, contextSize, room } = opened;
  if (counter === undefined || contextSize === undefined) {
    return {
      size: undefined,
      used: lastPromptTokens,
      room,
      parts: { system: 0, summary: 0, questions: 0, answers: 0 },
    };
  }
  const { history } = conversation;
  const messages = (await history.getMessages()).slice(covered);
  const summary = isSummarized(history) && covered > 0 ? history.getSummary()?.text : undefined;
  const count = async (...added: readonly BaseMessage[]) => await counter.countMessages([...added]);
  // what a message adds is what it takes: the template writes something around an empty conversation too
  const none = await count();
  const own = system === undefined ? none : await count(new SystemMessage(system));
  const told = summary === undefined ? 0 : (await count(new SystemMessage(summary))) - none;
  const questions = (await count(...messages.filter(({ type }) => type === "human"))) - none;
  const all = (await count(...messages)) - none;
  return {
    size: contextSize,
    used: own + told + all,
    room,
    parts: { system: own, summary: told, questions, answers: Math.max(0, all - questions) },
  };
}
