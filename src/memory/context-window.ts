import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { GptOssError, systemCodeOf } from "../errors.ts";
import type { Budget, Strategy } from "./memory-options.ts";
import { askForSummary, joinSystemMessages, summaryMessage, summaryQuestion } from "./summarizer.ts";
import { fingerprint, mostTokensOf, turnStarts } from "./turns.ts";
import { planCut } from "./window.ts";

export interface ContextWindowOptions {
  readonly budget: Budget;
  readonly strategy: Strategy;
  /** Asked for summaries. */
  readonly model: BaseChatModel | undefined;
  /** The chain's own prompt, so that what is counted is what is sent. */
  readonly render: (input: string, history: readonly BaseMessage[]) => Promise<readonly BaseMessage[]>;
  readonly tools: readonly unknown[];
  /** Called with every cut, before anything is sent without what was dropped. */
  readonly onCut: (cut: Cut) => Promise<void>;
}

export interface Cut {
  /** Messages, from the first on, that are not sent any more. */
  readonly covered: number;
  /** What they said, where there is a summary. */
  readonly summary: string | undefined;
  readonly dropped: number;
  readonly turns: number;
}

/** Which messages of a conversation are sent: all from one turn on, after a summary of those before it. */
export class ContextWindow {
  covered = 0;
  summary: string | undefined;
  readonly #options: ContextWindowOptions;
  /** The server's count of the last prompt, and of which messages. */
  #counted: { readonly tokens: number; readonly messages: number; readonly fingerprint: string } | undefined;

  constructor(options: ContextWindowOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#options.budget.context - this.#options.budget.room;
  }

  /** What is sent of the conversation, without the new question. */
  messagesOf(messages: readonly BaseMessage[]): BaseMessage[] {
    return view(messages, this.covered, this.summary);
  }

  /** The server has read a prompt made of these messages, and it had so many tokens. */
  learn(messages: readonly BaseMessage[], tokens: number): void {
    this.#counted = { tokens, messages: messages.length, fingerprint: fingerprint(messages) };
  }

  /** Whether the question fits after these messages, with `reserve` tokens left. Counts only when the last count leaves it open. */
  async fits(messages: readonly BaseMessage[], input: string, reserve = 0): Promise<boolean> {
    const counted = this.#counted;
    if (counted !== undefined && counted.fingerprint === fingerprint(messages.slice(0, counted.messages))) {
      const news = [...messages.slice(counted.messages), new HumanMessage(input)];
      if (counted.tokens + mostTokensOf(news) + reserve <= this.size) return true;
    }
    return (await this.count(input, this.messagesOf(messages))) + reserve <= this.size;
  }

  /** Exact, by the server. */
  async count(input: string, history: readonly BaseMessage[]): Promise<number> {
    const { budget, render, tools } = this.#options;
    return await budget.counter.countMessages(await render(input, history), tools);
  }

  /** Makes room for the question and `reserve` more tokens by dropping the oldest turns, into a summary if that is the strategy. */
  async cut(messages: readonly BaseMessage[], input: string, signal: AbortSignal, reserve = 0): Promise<void> {
    const summary = this.#options.strategy === "summary" ? await this.#summarize(messages, signal) : undefined;
    const starts = turnStarts(messages).filter((start) => start >= this.covered);
    const borders = [...starts, messages.length];
    const measure = async (turns: number) => {
      const history = view(messages, borders[turns] ?? messages.length, summary ?? this.summary);
      return await this.count(input, history);
    };
    const dropped = await planCut({ turns: starts.length, budget: this.size, reserve, measure });
    if (dropped === starts.length && (await measure(dropped)) > this.size) throw this.tooLarge(await measure(dropped));
    this.#counted = undefined;
    this.summary = summary ?? this.summary;
    this.covered = borders[dropped] ?? messages.length;
    await this.#options.onCut({ covered: this.covered, summary, dropped, turns: starts.length });
  }

  /** The failure of something that can't be sent, whatever else is dropped. */
  tooLarge(tokens: number): GptOssError {
    const { context, room } = this.#options.budget;
    return new GptOssError(
      "context-overflow",
      `This message has ${tokens} tokens with its frame, and there is room for ${this.size}: ` +
        `the server's context of ${context}, less ${room} for the answer.`,
      { hint: "Send a part of it, have its middle left out with --cut-long, or start with a larger --context." },
    );
  }

  /** Asks at the end of the very conversation that the server has in its cache; shorter by its last turns if there is no room else. */
  async #summarize(messages: readonly BaseMessage[], signal: AbortSignal): Promise<string | undefined> {
    const { model, budget, render, tools } = this.#options;
    if (model === undefined) return undefined;
    const question = await summaryQuestion(this.size);
    const ends = [...turnStarts(messages), messages.length].filter((end) => end > this.covered).toReversed();
    for (const end of ends) {
      const rendered = await render("", this.messagesOf(messages.slice(0, end)));
      const asked = [...rendered.slice(0, -1), question];
      if ((await budget.counter.countMessages(asked, tools)) > this.size + budget.room / 2) continue;
      return await this.#ask(model, asked, signal);
    }
    return undefined;
  }

  /** A server that can't be reached is a failure; a model that gives no summary is not, as the conversation can go on without. */
  async #ask(model: BaseChatModel, asked: readonly BaseMessage[], signal: AbortSignal): Promise<string | undefined> {
    try {
      const text = await askForSummary(model, asked, signal);
      return text === "" ? undefined : await this.#shortened(text);
    } catch (error) {
      if (signal.aborted || systemCodeOf(error) !== undefined) throw error;
      return undefined;
    }
  }

  /** A model that does not keep to the length it was told must not fill the window with its summary. */
  async #shortened(text: string): Promise<string> {
    const { counter } = this.#options.budget;
    const frame = await counter.countMessages([new HumanMessage("")]);
    let short = text;
    while ((await counter.countMessages([new HumanMessage(short)])) - frame > this.size / 5)
      short = `${Array.from(short)
        .slice(0, Math.floor(Array.from(short).length * 0.8))
        .join("")}…`;
    return short;
  }
}

function view(messages: readonly BaseMessage[], covered: number, summary: string | undefined): BaseMessage[] {
  // what a history begins with as a system message always stays
  const pinned = messages.slice(
    0,
    Math.max(
      0,
      messages.findIndex(({ type }) => type !== "system"),
    ),
  );
  const kept = messages.slice(Math.max(covered, pinned.length)).map(asSent);
  const told = summary === undefined || covered === 0 ? [] : [summaryMessage(summary)];
  return joinSystemMessages([...pinned, ...told, ...kept]);
}

/** A long message is kept as it was typed, and sent as it was cut. */
function asSent(message: BaseMessage): BaseMessage {
  const sent = message.additional_kwargs["sent"];
  return message.type === "human" && typeof sent === "string" ? new HumanMessage(sent) : message;
}
