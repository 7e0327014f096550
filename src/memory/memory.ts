import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { createError, localize, errorDetail } from "../i18n/error-messages.ts";
import { withoutStrayResults } from "../model/chat-messages.ts";
import { toOpenAITool } from "../model/native-definition.ts";
import { LinkedSignal } from "../platform/linked-signal.ts";
import { AnswerKeeper, isSummarized, isUndoable, joinSystemMessages, turnsOf, UsageMeter } from "./history.ts";
import { ContextWindow, type Cut } from "./context-window.ts";
import { headAndTail } from "./summarizer.ts";
import type { MemoryInput, MemoryOptions, MemoryOutput, Strategy } from "./memory-options.ts";

/** A cut is made between two turns when less than this share of the window is left: most questions are shorter. */
const NEARLY_FULL = 1 / 32;
/** Most of the window that a message which was cut may take. */
const LONG_MESSAGE_SHARE = 3 / 4;

/**
 * The memory of one conversation, to stand in front of a chain: it takes the question, puts it into the history, and hands on question
 * and window. The answer comes back through `beginAnswer`.
 */
export class Memory extends Runnable<MemoryInput, MemoryOutput> implements AsyncDisposable {
  lc_namespace = ["langchain-gpt-oss", "memory"];
  /** Stands behind the model: what the server says it has read is the count that the next turn starts from. */
  readonly meter: UsageMeter;
  #options: MemoryOptions;
  #window: ContextWindow | undefined;
  readonly #closing = new AbortController();
  /** Stops what is being done between two turns. */
  #stopSettling: AbortController | undefined;
  #asked: readonly BaseMessage[] = [];
  #settling: Promise<void> = Promise.resolve();
  /** Questions and answers that are being stored. */
  readonly #storing = new Set<Promise<unknown>>();
  #opened = false;
  #noticed = false;

  constructor(options: MemoryOptions) {
    super();
    this.#options = options;
    this.#window = options.budget && this.#openWindow(options.budget);
    this.meter = new UsageMeter((tokens) => this.#window?.learn(this.#asked, tokens));
  }

  static override lc_name(): string {
    return "Memory";
  }

  /** Everything said so far. */
  get history(): MemoryOptions["history"] {
    return this.#options.history;
  }

  /** Uses another model, prompt, budget or other tools from the next turn on. What is not named stays as it is. */
  async configure(changes: Partial<Omit<MemoryOptions, "history">>): Promise<void> {
    await this.#settling;
    this.#options = { ...this.#options, ...changes };
    const before = this.#window;
    const { budget } = this.#options;
    this.#window = budget && this.#openWindow(budget);
    // without a summary, turns that did not fit may fit now
    this.#opened = this.#window !== undefined && before?.summary !== undefined;
    if (this.#window === undefined || before?.summary === undefined) return;
    this.#window.covered = before.covered;
    this.#window.summary = before.summary;
  }

  /**
   * Removes the last turns from the history and from what is sent. A summary that is being written is given up.
   * @returns their questions, the latest first; fewer than asked for where the conversation has fewer
   * @throws GptOssError `usage` when the history can't do that
   */
  async undo(turns = 1): Promise<readonly string[]> {
    const { history } = this.#options;
    if (!isUndoable(history)) throw createError("historyCannotUndo", []);
    this.#stopSettling?.abort();
    await this.#settling;
    await this.stored();
    const questions: string[] = [];
    while (questions.length < turns) {
      const last = turnsOf(await history.getMessages()).at(-1);
      if (last === undefined) break;
      await history.undo();
      questions.push(last.question);
    }
    this.#resume(await history.getMessages());
    return questions;
  }

  /**
   * Keeps the question, then chooses what is sent with it.
   * @throws GptOssError `context-overflow` when the question alone is too large (it is not stored then), or the conversation with strategy none
   */
  override async invoke(given: MemoryInput, config?: Partial<RunnableConfig>): Promise<MemoryOutput> {
    const asked = this.#ask(given, config);
    this.#noteStoring(asked);
    return await asked;
  }

  async #ask(given: MemoryInput, config?: Partial<RunnableConfig>): Promise<MemoryOutput> {
    await this.#settling;
    const { history } = this.#options;
    const window = this.#window;
    const before = [...(await history.getMessages())];
    this.#resume(before);
    const fits = window === undefined || (await window.fits(before, given.input));
    const input = fits ? given.input : await this.#sendable(window, given.input);
    const cutShort = input === given.input ? {} : { additional_kwargs: { sent: input } };
    await history.addMessage(new HumanMessage({ content: given.input, ...cutShort }));
    if (!fits && !(await window.fits(before, input))) {
      using linked = new LinkedSignal(config?.signal, this.#closing.signal);
      await this.#makeRoom(window, before, input, linked.signal);
    }
    this.#asked = [...before, new HumanMessage(input)];
    return { ...given, input, history: this.#window?.messagesOf(before) ?? withoutStrayResults(before) };
  }

  /**
   * The messages to send after a tool's result, given all messages of the request. Results are cut to their beginnings if they leave no
   * room for the answer.
   * @throws GptOssError `context-overflow` when even that does not fit
   */
  async turn(messages: readonly BaseMessage[]): Promise<BaseMessage[]> {
    return this.#window === undefined ? [...messages] : await this.#window.turn(messages);
  }

  /** Messages, from the first on, that are not sent any more. */
  get covered(): number {
    return this.#window?.covered ?? 0;
  }

  /** Tokens of what would be sent now, without a question. */
  async tokens(): Promise<number | undefined> {
    const messages = await this.#options.history.getMessages();
    return await this.#window?.count("", this.#window.messagesOf(messages));
  }

  /** Where the answer to the last question goes, piece by piece. */
  beginAnswer(): AnswerKeeper {
    let end: (() => void) | undefined;
    this.#noteStoring(new Promise<void>((resolve) => (end = resolve)));
    return new AnswerKeeper(this.#options.history, (complete) => {
      end?.();
      if (complete) this.#settling = this.#settle();
    });
  }

  /** Resolves when no question and no answer is being stored, also those of a turn whose reader has left. */
  async stored(): Promise<void> {
    while (this.#storing.size > 0) await Promise.all(this.#storing);
  }

  #noteStoring(work: Promise<unknown>): void {
    const noted = work
      .catch(() => undefined)
      .finally(() => {
        this.#storing.delete(noted);
      });
    this.#storing.add(noted);
  }

  /** Resolves when the work between two turns is done. */
  async settled(): Promise<void> {
    await this.#settling;
  }

  /** Gives up the work between two turns; the next memory of this history does it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#settling;
  }

  /** For `await using`; the same as close. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #strategy(): Strategy {
    const { strategy, model } = this.#options;
    return strategy ?? (model === undefined ? "window" : "summary");
  }

  #openWindow(budget: NonNullable<MemoryOptions["budget"]>): ContextWindow {
    const { model, tools = [], prompt } = this.#options;
    return new ContextWindow({
      budget,
      strategy: this.#strategy,
      model,
      tools: tools.map(toOpenAITool),
      render: async (input, history) => {
        const rendered = prompt && (await prompt.invoke({ input, history: [...history] })).toChatMessages();
        return joinSystemMessages(rendered ?? [...history, new HumanMessage(input)]);
      },
      onCut: (cut) => this.#keep(cut),
    });
  }

  /** Starts from the history's last summary, also after an undo. */
  #resume(messages: readonly BaseMessage[]): void {
    const window = this.#window;
    if (!window || (this.#opened && window.covered <= messages.length)) return;
    const { history } = this.#options;
    const summary = isSummarized(history) ? history.getSummary() : undefined;
    if (summary) this.#noticed = true;
    window.covered = summary?.covered ?? 0;
    window.summary = summary?.text;
    this.#opened = true;
  }

  /** The question as it is sent: as it was typed, or without its middle when it alone is too large. */
  async #sendable(window: ContextWindow, input: string): Promise<string> {
    const alone = (text: string) => window.count(text, window.messagesOf([]));
    const tokens = await alone(input);
    if (tokens <= window.size) return input;
    if (this.#options.longMessages !== "cut") throw window.tooLarge(tokens);
    const most = window.size * LONG_MESSAGE_SHARE;
    return await headAndTail(input, async (candidate) => (await alone(candidate)) <= most);
  }

  async #makeRoom(
    window: ContextWindow,
    before: readonly BaseMessage[],
    input: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#strategy === "none") {
      throw createError("conversationFull", [window.size]);
    }
    await window.cut(before, input, signal);
  }

  /** Makes room between two turns, while the answer is being read, if there is hardly any left. */
  async #settle(): Promise<void> {
    const window = this.#window;
    if (!window || this.#strategy === "none") return;
    const stop = new AbortController();
    this.#stopSettling = stop;
    try {
      const messages = await this.#options.history.getMessages();
      const reserve = Math.ceil(window.size * NEARLY_FULL);
      if (await window.fits(messages, "", reserve)) return;
      using linked = new LinkedSignal(this.#closing.signal, stop.signal);
      await window.cut(messages, "", linked.signal, reserve);
    } catch {
      // nothing is lost: the next turn makes room itself, and reports why it can't
    }
  }

  async #keep({ covered, summary, dropped, turns }: Cut): Promise<void> {
    const { history, onNotice } = this.#options;
    if (summary !== undefined && isSummarized(history)) await history.addSummary(summary, covered);
    if (this.#noticed) return;
    this.#noticed = true;
    const wording = errorDetail(summary === undefined ? "oldestDropped" : "oldestSummarized", dropped, turns);
    onNotice?.(localize("en", wording), wording);
  }
}

/** The memory of one conversation: keeps it in `history` and sends what fits. See docs/memory.md. */
export function createMemory(options: MemoryOptions): Memory {
  return new Memory(options);
}
