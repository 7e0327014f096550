import { AIMessage, type BaseMessage, SystemMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { isSummarized } from "../memory/history.ts";
import { toOpenAITool } from "../model/native-definition.ts";
import type { Conversation } from "./conversation.ts";
import type { OpenedModel, ContextUse } from "./chat-session.ts";

export interface ContextUseOptions {
  readonly opened: OpenedModel;
  /** Messages, from the first on, that are not sent any more. */
  readonly covered: number;
  readonly conversation: Conversation;
  readonly system: string | undefined;
  readonly tools: readonly StructuredToolInterface[];
  /** What the server has said of the last prompt, for servers that count nothing else. */
  readonly lastPromptTokens: number;
}

/** What fills the context, counted by the server's own template and tokenizer. */
export async function contextUseOf(options: ContextUseOptions): Promise<ContextUse> {
  const { opened, covered, conversation, system, tools, lastPromptTokens } = options;
  const { counter, contextSize, room } = opened;
  if (counter === undefined || contextSize === undefined) {
    return {
      size: undefined,
      used: lastPromptTokens,
      room,
      parts: { system: 0, tools: 0, summary: 0, questions: 0, calls: 0, answers: 0 },
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
  const offered = (await counter.countMessages([], tools.map(toOpenAITool))) - none;
  const questions = (await count(...messages.filter(({ type }) => type === "human"))) - none;
  // with what follows them, since the thinking beside calls is sent only until an answer follows
  const all = (await count(...messages)) - none;
  const calls = all - ((await count(...messages.filter((message) => !isOfCall(message)))) - none);
  return {
    size: contextSize,
    used: own + offered + told + all,
    room,
    parts: {
      system: own,
      tools: offered,
      summary: told,
      questions,
      calls,
      answers: Math.max(0, all - questions - calls),
    },
  };
}

function isOfCall(message: BaseMessage): boolean {
  return message.type === "tool" || (AIMessage.isInstance(message) && (message.tool_calls ?? []).length > 0);
}
