import { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import type { AIMessage, BaseMessage } from "@langchain/core/messages";
import type { DraftingHistory, SummarizedHistory } from "./history.ts";
import type { Session } from "./session.ts";

/** A session as LangChain's chat history: any chain that takes a history reads and writes a file that lasts. */
export class SessionChatMessageHistory
  extends BaseListChatMessageHistory
  implements DraftingHistory, SummarizedHistory
{
  lc_namespace = ["langchain-gpt-oss", "memory"];
  readonly session: Session;

  constructor(session: Session) {
    super();
    this.session = session;
  }

  override getMessages(): Promise<BaseMessage[]> {
    return Promise.resolve(this.session.state.messages.map(({ message }) => message));
  }

  /** On the disk when it resolves. */
  override addMessage(message: BaseMessage): Promise<void> {
    return settled(() => {
      this.session.addMessage(message);
    });
  }

  /** Keeps a piece of the answer that is being written. */
  addDraft(text: string): void {
    this.session.addDraft(text);
  }

  /** Puts the message in the draft's place. `interrupted`: it is not whole. */
  endAnswer(message: AIMessage, interrupted: boolean): Promise<void> {
    return settled(() => {
      this.session.endAnswer(message, interrupted);
    });
  }

  /** The summary and how many messages, from the first on, it covers. */
  getSummary() {
    const { summary, messages } = this.session.state;
    if (summary === undefined) return undefined;
    return { text: summary.text, covered: messages.filter(({ seq }) => seq <= summary.seq).length };
  }

  /** Keeps a summary that stands for the first `covered` messages. */
  addSummary(text: string, covered: number): Promise<void> {
    return settled(() => {
      const last = this.session.state.messages[covered - 1];
      if (last !== undefined) this.session.append({ type: "summary", seq: last.seq, text });
    });
  }

  /** Takes back the last turn: the last question and all that answers it. */
  undo(): Promise<void> {
    return settled(() => {
      const question = this.session.state.messages.findLast(({ message }) => message.type === "human");
      if (question !== undefined) this.session.append({ type: "undone", seq: question.seq });
    });
  }

  /** The messages stay in the file, as undone. */
  override clear(): Promise<void> {
    return settled(() => {
      const first = this.session.state.messages[0];
      if (first !== undefined) this.session.append({ type: "undone", seq: first.seq });
    });
  }
}

/** What it throws becomes a rejection. */
async function settled(action: () => void): Promise<void> {
  await Promise.resolve();
  action();
}
