import type { ToolDefinition } from "@langchain/core/language_models/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { GptOssError } from "../errors.ts";
import { failed } from "../failures/failure.ts";
import { withoutStrayResults } from "../model/pair-calls.ts";
import type { Budget, Strategy } from "./memory-options.ts";
import { Summarizer } from "./summarizer.ts";
import { shortenResults, withShortResults } from "./shorten-results.ts";
import { joinSystemMessages, summaryMessage } from "./system-messages.ts";
import { fingerprint, mostTokensOf, turnStarts } from "./turns.ts";
import { firstWhere, planCut } from "./window.ts";

export interface ContextWindowOptions {
  readonly budget: Budget;
  readonly strategy: Strategy;
  /** Asked for summaries. */
  readonly model: BaseChatModel | undefined;
  /** The chain's own prompt, so that what is counted is what is sent. */
  readonly render: (input: string, history: readonly BaseMessage[]) => Promise<readonly BaseMessage[]>;
  /** In OpenAI's form. */
  readonly tools: readonly ToolDefinition[];
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
  /** What tools have told in earlier turns has left no room: it is told by its beginning from then on. */
  #hasShortResults = false;
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
    return this.#view(messages, this.covered, this.summary);
  }

  /**
   * What is sent of a turn that goes on after a tool's result: all of it, or with results told by their beginnings where they leave no
   * room for the answer.
   * @throws GptOssError `context-overflow` when even that does not fit
   */
  async turn(messages: readonly BaseMessage[]): Promise<BaseMessage[]> {
    const { budget, tools } = this.#options;
    const count = async (candidate: readonly BaseMessage[]) => await budget.counter.countMessages(candidate, tools);
    const fits = async (candidate: readonly BaseMessage[]) => (await count(candidate)) <= this.size;
    if (await fits(messages)) return [...messages];
    const shortened = await shortenResults(messages, fits);
    if (shortened !== undefined) return shortened;
    throw failed("turnTooLong", [await count(messages), this.size]);
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
    if (await this.#fitsWithShortResults(messages, input, reserve)) return;
    const starts = turnStarts(messages).filter((start) => start >= this.covered);
    const border = (turns: number) => starts[turns] ?? messages.length;
    let summary: string | undefined;
    const measure = async (turns: number) =>
      await this.count(input, this.#view(messages, border(turns), summary ?? this.summary));
    const plan = async () => await planCut({ turns: starts.length, budget: this.size, reserve, measure });
    let dropped = await plan();
    if (this.#options.strategy === "summary" && dropped > 0) {
      summary = await this.#summarize(messages.slice(0, border(dropped)), signal);
      // what has become longer may leave too little room
      if ((await measure(dropped)) + reserve > this.size) dropped = Math.max(dropped, await plan());
    }
    if (dropped === starts.length && (await measure(dropped)) > this.size) throw this.tooLarge(await measure(dropped));
    this.#counted = undefined;
    this.summary = summary ?? this.summary;
    this.covered = border(dropped);
    await this.#options.onCut({ covered: this.covered, summary, dropped, turns: starts.length });
  }

  /** The results of earlier turns' tools are given up before any turn is. */
  async #fitsWithShortResults(messages: readonly BaseMessage[], input: string, reserve: number): Promise<boolean> {
    if (this.#hasShortResults || !messages.some(({ type }) => type === "tool")) return false;
    this.#hasShortResults = true;
    this.#counted = undefined;
    return (await this.count(input, this.messagesOf(messages))) + reserve <= this.size;
  }

  #view(messages: readonly BaseMessage[], covered: number, summary: string | undefined): BaseMessage[] {
    const sent = view(messages, covered, summary);
    return this.#hasShortResults ? withShortResults(sent) : sent;
  }

  /** The failure of something that can't be sent, whatever else is dropped. */
  tooLarge(tokens: number): GptOssError {
    const { context, room } = this.#options.budget;
    return failed("messageTooLong", [tokens, this.size, context, room]);
  }

  /**
   * Asks at the end of what leaves: the server has it in its cache, and reads only the question anew. Of a history that comes with more
   * than a window of it, the newest windowful is asked about.
   */
  async #summarize(leaving: readonly BaseMessage[], signal: AbortSignal): Promise<string | undefined> {
    const { model, budget, render, tools } = this.#options;
    if (model === undefined) return undefined;
    const summarizer = new Summarizer({ model, tools, counter: budget.counter, window: this.size });
    const question = await summarizer.question();
    const askedFrom = async (start: number) => {
      const rendered = await render("", this.#view(leaving, start, this.summary));
      return [...rendered.slice(0, -1), question];
    };
    const fits = async (start: number) =>
      (await budget.counter.countMessages(await askedFrom(start), tools)) <= this.size + budget.room / 2;
    const starts = [this.covered, ...turnStarts(leaving).filter((start) => start > this.covered)];
    const start = starts[await firstWhere(starts.length, async (index) => await fits(starts[index] ?? leaving.length))];
    return start === undefined ? undefined : await summarizer.extend(this.summary, await askedFrom(start), signal);
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
  return joinSystemMessages([...pinned, ...told, ...withoutStrayResults(kept)]);
}

/** A long message is kept as it was typed, and sent as it was cut. */
function asSent(message: BaseMessage): BaseMessage {
  const sent = message.additional_kwargs["sent"];
  return message.type === "human" && typeof sent === "string" ? new HumanMessage(sent) : message;
}
