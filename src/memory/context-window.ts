import type { ToolDefinition } from "@langchain/core/language_models/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { GptOssError } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { withoutStrayResults } from "../model/chat-messages.ts";
import { beginningOf } from "../terminal/unicode.ts";
import { joinSystemMessages, summaryMessage } from "./history.ts";
import type { Budget, Strategy } from "./memory-options.ts";
import { Summarizer } from "./summarizer.ts";

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
  /** Results of tools in earlier turns have left no room: from then on, only their beginnings are sent. */
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
   * The messages to send after a tool's result: all of them, or with results cut to their beginnings where they leave no
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
    throw createError("turnTooLong", [await count(messages), this.size]);
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
    return createError("messageTooLong", [tokens, this.size, context, room]);
  }

  /**
   * Asks at the end of what leaves: the server has it in its cache and processes only the question. Of a history that comes with more
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

/** A long message is stored as it was typed, and sent as it was cut. */
function asSent(message: BaseMessage): BaseMessage {
  const sent = message.additional_kwargs["sent"];
  return message.type === "human" && typeof sent === "string" ? new HumanMessage(sent) : message;
}

/** After a cut the window has at least this share of the budget: enough for the conversation, and little enough that the next cut is far. */
export const KEPT_SHARE = 1 / 3;

export interface CutPlan {
  /** Turns that could stay, oldest first; 0 is what is sent now. */
  readonly turns: number;
  /** Tokens. */
  readonly budget: number;
  /** Tokens of the budget that are to stay free. */
  readonly reserve?: number;
  /**
   * Tokens of everything that is sent when the first `dropped` turns are not: system message, summary, the turns that are left and the
   * new question. Never more for a larger `dropped`.
   */
  readonly measure: (dropped: number) => Promise<number>;
  readonly keptShare?: number;
}

/**
 * How many turns to drop, once the window is over its budget. The server processes everything after a cut again, so it is made rarely and
 * far: as many turns go as leave a share of the budget filled, and more if what is left would not fit.
 */
export async function planCut({
  turns,
  budget,
  reserve = 0,
  measure,
  keptShare = KEPT_SHARE,
}: CutPlan): Promise<number> {
  const known = new Map<number, Promise<number>>();
  const measured = (dropped: number) => {
    const tokens = known.get(dropped) ?? measure(dropped);
    known.set(dropped, tokens);
    return tokens;
  };
  const fewest = await firstWhere(turns, async (dropped) => (await measured(dropped)) + reserve <= budget);
  const tooFew = await firstWhere(turns, async (dropped) => (await measured(dropped)) < keptShare * budget);
  return Math.max(fewest, tooFew - 1);
}

/** The first number from 0 to `end` of which `test` holds (bisected: once true, always true), or `end`. */
export async function firstWhere(end: number, test: (value: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Where the turns of a conversation begin: at each question, and at the first message whatever it is. A call of a tool is always in one
 * turn with its result, since both stand between two questions.
 */
export function turnStarts(messages: readonly BaseMessage[]): readonly number[] {
  return messages.flatMap((message, index) => (index === 0 || message.type === "human" ? [index] : []));
}

/** The most tokens that a text can have: a token of a byte-level vocabulary is a byte or more, and a message has a frame. */
export function mostTokensOf(messages: readonly BaseMessage[]): number {
  const frame = 12;
  return messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message.toDict().data)) + frame, 0);
}

/** Changes whenever a message is added, taken away or edited (to another length). */
export function fingerprint(messages: readonly BaseMessage[]): string {
  return `${messages.length}:${messages.reduce((sum, message) => sum + message.text.length, 0)}`;
}

/** Bytes of UTF-8 that are left of a tool's result where the window has no room for all of it, some 250 tokens. */
export const SHORT_RESULT_BYTES = 1_024;

/** A conversation with only the beginnings of the results of tools. */
export function withShortResults(messages: readonly BaseMessage[], bytes: number = SHORT_RESULT_BYTES): BaseMessage[] {
  return messages.map((message) => (ToolMessage.isInstance(message) ? shortenedResult(message, bytes) : message));
}

/**
 * Cuts as few results as necessary to their beginnings, the oldest first; the last one as far as it fits.
 * @param fits asked about some ten candidates
 * @returns undefined when nothing that can be left out makes it fit
 */
export async function shortenResults(
  messages: readonly BaseMessage[],
  fits: (candidate: readonly BaseMessage[]) => Promise<boolean>,
): Promise<BaseMessage[] | undefined> {
  const results = messages.flatMap((message, index) => (ToolMessage.isInstance(message) ? [index] : []));
  const older = results.slice(0, -1);
  const candidate = (count: number) => {
    const end = older[count] ?? results.at(-1) ?? 0;
    return [...withShortResults(messages.slice(0, end)), ...messages.slice(end)];
  };
  const fewest = await firstWhere(older.length + 1, async (count) => await fits(candidate(count)));
  if (fewest <= older.length) return candidate(fewest);
  return await shortenLast(candidate(older.length), results.at(-1), fits);
}

async function shortenLast(
  messages: readonly BaseMessage[],
  last: number | undefined,
  fits: (candidate: readonly BaseMessage[]) => Promise<boolean>,
): Promise<BaseMessage[] | undefined> {
  const result = last === undefined ? undefined : messages[last];
  if (!ToolMessage.isInstance(result)) return undefined;
  const candidate = (steps: number) =>
    messages.with(last ?? 0, shortenedResult(result, bytesOf(result) - steps * STEP_BYTES));
  const steps = Math.ceil(Math.max(0, bytesOf(result) - SHORT_RESULT_BYTES) / STEP_BYTES);
  const fewest = await firstWhere(steps, async (count) => await fits(candidate(count)));
  const shortest = candidate(fewest);
  return (await fits(shortest)) ? shortest : undefined;
}

/** How exactly the last result is cut. */
const STEP_BYTES = 256;

function bytesOf({ text }: ToolMessage): number {
  return Buffer.byteLength(text);
}

function shortenedResult(message: ToolMessage, bytes: number): ToolMessage {
  const { text, tool_call_id, name, status } = message;
  const total = Buffer.byteLength(text);
  if (total <= bytes) return message;
  const head = beginningOf(text, Math.max(0, bytes));
  const content = `${head}\n[cut: ${Buffer.byteLength(head)} of ${total} bytes are still shown, since the context is full]`;
  return new ToolMessage({ content, tool_call_id, ...(name !== undefined && { name }), ...(status && { status }) });
}
