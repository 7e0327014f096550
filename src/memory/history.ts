import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import { AIMessage, type BaseMessage, AIMessageChunk, SystemMessage } from "@langchain/core/messages";
import { Runnable } from "@langchain/core/runnables";

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

/** A history from which the last turn can be removed. */
export interface UndoableHistory {
  /** Removes the last question and everything that answers it. */
  undo(): Promise<void>;
}

/** One question and its answer, without calls and thinking. */
export interface Turn {
  readonly question: string;
  readonly answer: string;
}

export function turnsOf(messages: readonly BaseMessage[]): Turn[] {
  const turns: { question: string; answer: string }[] = [];
  for (const message of messages) {
    if (message.type === "human") turns.push({ question: message.text, answer: "" });
    const turn = turns.at(-1);
    if (message.type === "ai" && turn) turn.answer += message.text;
  }
  return turns;
}

/** Asked by shape and not by class: a user's own history may do any of these. */
export function isDrafting<History extends BaseListChatMessageHistory>(
  history: History,
): history is History & DraftingHistory {
  return "addDraft" in history && "endAnswer" in history;
}

export function isUndoable<History extends BaseListChatMessageHistory>(
  history: History,
): history is History & UndoableHistory {
  return "undo" in history;
}

export function isSummarized<History extends BaseListChatMessageHistory>(
  history: History,
): history is History & SummarizedHistory {
  return "getSummary" in history && "addSummary" in history;
}

/** Puts an answer into the history: piece by piece where the history keeps drafts, and as a whole when it ends. */
export class AnswerKeeper {
  readonly #history: BaseListChatMessageHistory;
  readonly #onEnd: (complete: boolean) => void;
  #text = "";

  constructor(history: BaseListChatMessageHistory, onEnd: (complete: boolean) => void) {
    this.#history = history;
    this.#onEnd = onEnd;
  }

  /** To be called before the piece is shown. */
  add(text: string): void {
    this.#text += text;
    if (isDrafting(this.#history)) this.#history.addDraft(text);
  }

  /** Calls of tools with their results, which the answer follows. They contain the text that came before them. */
  async addCalls(messages: readonly BaseMessage[]): Promise<void> {
    this.#text = "";
    await this.#history.addMessages([...messages]);
  }

  /**
   * Keeps the answer as a message.
   * @param complete false when the answer was cut short, by the user or by a failure
   */
  async end(complete: boolean): Promise<void> {
    const answer = new AIMessage(this.#text);
    let isStored = false;
    try {
      if (isDrafting(this.#history)) await this.#history.endAnswer(answer, !complete);
      else if (this.#text !== "") await this.#history.addMessage(answer);
      isStored = true;
    } finally {
      this.#onEnd(complete && isStored);
    }
  }
}

/** Lets a model's messages or chunks through and looks at what they say about the size of the prompt. */
export class UsageMeter extends Runnable<BaseMessage, BaseMessage> {
  lc_namespace = ["langchain-gpt-oss", "memory"];
  readonly #onPromptTokens: (tokens: number) => void;

  constructor(onPromptTokens: (tokens: number) => void) {
    super();
    this.#onPromptTokens = onPromptTokens;
  }

  static override lc_name(): string {
    return "UsageMeter";
  }

  /** Notes what the server counted for this answer, and hands it on. */
  override invoke(message: BaseMessage): Promise<BaseMessage> {
    this.#look(message);
    return Promise.resolve(message);
  }

  override async *transform(messages: AsyncGenerator<BaseMessage>): AsyncGenerator<BaseMessage> {
    for await (const message of messages) {
      this.#look(message);
      yield message;
    }
  }

  #look(message: BaseMessage): void {
    if (!(AIMessage.isInstance(message) || AIMessageChunk.isInstance(message))) return;
    const tokens = message.usage_metadata?.input_tokens;
    if (tokens !== undefined && tokens > 0) this.#onPromptTokens(tokens);
  }
}

/** The summary as a message to the model. */
export function summaryMessage(text: string): SystemMessage {
  return new SystemMessage(`Summary of the conversation so far: ${text}`);
}

/**
 * One system message of all that stand at the beginning: most chat templates, gpt-oss's own among them, know only one.
 */
export function joinSystemMessages(messages: readonly BaseMessage[]): BaseMessage[] {
  const count = messages.findIndex(({ type }) => type !== "system");
  const first = messages.slice(0, count < 0 ? messages.length : count);
  if (first.length < 2) return [...messages];
  return [new SystemMessage(first.map(({ text }) => text).join("\n\n")), ...messages.slice(first.length)];
}
