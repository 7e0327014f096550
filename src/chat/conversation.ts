import type { BaseMessage } from "@langchain/core/messages";
import { SessionHistory } from "../memory/session-history.ts";
import type { Session, StartDetails } from "../memory/session.ts";
import { UnkeptHistory } from "../memory/unkept-history.ts";
import { localDate } from "../text/local-date.ts";
import type { Turn } from "./talk.ts";

/** One conversation: what was said, on disk or in memory alone. */
export class Conversation {
  readonly history: SessionHistory | UnkeptHistory;
  /** `YYYY-MM-DD` of its first day, which the model is told: another date would make the server read everything anew. */
  readonly currentDate: string;

  /** @param currentDate where the history itself does not say; today by default */
  constructor(history: SessionHistory | UnkeptHistory = new UnkeptHistory(), currentDate?: string) {
    this.history = history;
    this.currentDate = this.session?.state.started?.settings.currentDate ?? currentDate ?? localDate(new Date());
  }

  /** Undefined when it is not on disk. */
  get session(): Session | undefined {
    return this.history instanceof SessionHistory ? this.history.session : undefined;
  }

  async turns(): Promise<Turn[]> {
    const turns: { question: string; answer: string }[] = [];
    for (const message of await this.history.getMessages()) {
      if (message.type === "human") turns.push({ question: message.text, answer: "" });
      const turn = turns.at(-1);
      if (message.type === "ai" && turn) turn.answer += message.text;
    }
    return turns;
  }

  /** The last turn with the calls of tools in it and their results, and the text that comes after them. */
  async lastTurn(): Promise<(Turn & { readonly calls: readonly BaseMessage[] }) | undefined> {
    const messages = await this.history.getMessages();
    const asked = messages.findLastIndex(({ type }) => type === "human");
    const question = messages[asked];
    if (question === undefined) return undefined;
    const rest = messages.slice(asked + 1);
    const end = rest.findLastIndex(({ type }) => type === "tool") + 1;
    const answer = rest.slice(end).map(({ text }) => text);
    return { question: question.text, calls: rest.slice(0, end), answer: answer.join("") };
  }

  /** Takes back the last turns. @returns their questions, the latest first */
  async undo(count: number): Promise<string[]> {
    const questions: string[] = [];
    for (let left = count; left > 0; left--) {
      const last = (await this.turns()).at(-1);
      if (last === undefined) break;
      questions.push(last.question);
      await this.history.undo();
    }
    return questions;
  }

  /** Told once, when it is known what answers. */
  begin(details: StartDetails): void {
    if (this.history instanceof SessionHistory) this.history.session.begin(details);
    else this.history.begin(details);
  }

  close(): void {
    this.session?.close();
  }
}
