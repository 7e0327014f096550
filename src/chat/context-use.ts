import { AIMessage, type BaseMessage, SystemMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { Memory } from "../memory/memory.ts";
import { isSummarized } from "../memory/history.ts";
import { toOpenAITool } from "../model/native-definition.ts";
import type { OpenedModel } from "./ask-model.ts";

/** What fills the context, in tokens. */
export interface ContextUse {
  /** Undefined where the server does not say. */
  readonly size: number | undefined;
  readonly used: number;
  /** Reserved for the answer. */
  readonly room: number;
  readonly parts: {
    readonly system: number;
    /** The descriptions of the tools that the model may call. */
    readonly tools: number;
    readonly summary: number;
    readonly questions: number;
    /** Tool calls and their results. */
    readonly calls: number;
    readonly answers: number;
  };
}

export interface ContextUseOptions {
  readonly opened: OpenedModel;
  readonly memory: Memory;
  readonly system: string | undefined;
  readonly tools: readonly StructuredToolInterface[];
  /** What the server has said of the last prompt, for servers that count nothing else. */
  readonly lastPromptTokens: number;
}

/** What fills the context, counted by the server's own template and tokenizer. */
export async function contextUseOf(options: ContextUseOptions): Promise<ContextUse> {
  const { opened, memory, system, tools, lastPromptTokens } = options;
  const { counter, contextSize, room } = opened;
  if (counter === undefined || contextSize === undefined) {
    return {
      size: undefined,
      used: lastPromptTokens,
      room,
      parts: { system: 0, tools: 0, summary: 0, questions: 0, calls: 0, answers: 0 },
    };
  }
  const { covered, history } = memory;
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
