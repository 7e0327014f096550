import type { Memory } from "../memory/memory.ts";
import { explainModelError } from "../model/model-error.ts";
import { GptOssError } from "../errors.ts";
import type { Strategy } from "../memory/memory-options.ts";
import type { Prompt } from "../prompts.ts";
import type { Answer } from "./answer.ts";
import { type Agent, askModel } from "./ask-model.ts";
import { memoryOf } from "./chat-chain.ts";
import { continuationOf, type Continuation } from "./continuation.ts";
import type { Conversation } from "./conversation.ts";
import { contextUseOf } from "./context-use.ts";
import type { KeptConversations } from "./kept-conversations.ts";
import type { OpenedModel } from "./opened-model.ts";
import type { StreamedAnswer } from "./stream-answer.ts";
import type { AskOptions, ContextUse, Finding, SessionLine, Talk, TalkSettings, Turn } from "./talk.ts";

export interface RememberedTalkOptions {
  readonly conversation: Conversation;
  readonly kept: KeptConversations;
  readonly prompt: Prompt;
  readonly settings: TalkSettings;
  readonly strategy: Strategy;
  readonly longMessages: "refuse" | "cut";
  /** Opens a model; the one of the settings when no name is given. */
  readonly open: (name?: string) => Promise<OpenedModel>;
  /** Told when it is known which model answers in a conversation. */
  readonly begin: (conversation: Conversation, opened: OpenedModel) => void;
  readonly onNotice: (sentence: string) => void;
  /** Told once in a conversation, before anything of it is dropped. */
  readonly onNearlyFull: (percent: number, turns: number) => void;
  /** Answers instead of the model alone, where there are tools. */
  readonly agent: Agent | undefined;
  readonly tools: readonly string[];
  readonly closeTools: () => Promise<void>;
}

/** From this share of the window on, the user is warned. */
const NEARLY_FULL = 0.8;

/** A talk that remembers: memory → prompt → model, with everything on disk before it is on the screen. */
export class RememberedTalk implements Talk {
  readonly #options: RememberedTalkOptions;
  #conversation: Conversation;
  #settings: TalkSettings;
  #opened: Promise<OpenedModel>;
  #memory: Promise<Memory> | undefined;
  #last: StreamedAnswer | undefined;
  #warned = false;
  /** What an interrupted turn still has to write down; the next one waits for it. */
  #settling: Promise<unknown> = Promise.resolve();

  constructor(options: RememberedTalkOptions) {
    this.#options = options;
    this.#conversation = options.conversation;
    this.#settings = options.settings;
    this.#opened = options.open();
    void this.#begin();
  }

  /** Resolves when the model can be asked, and rejects when it never will. */
  get opened(): Promise<OpenedModel> {
    return this.#opened;
  }

  get settings(): TalkSettings {
    return this.#settings;
  }

  get last(): Answer | undefined {
    return this.#last;
  }

  get tools(): readonly string[] {
    return this.#options.tools;
  }

  get isKept(): boolean {
    return this.#conversation.session !== undefined;
  }

  get title(): string | undefined {
    return this.#conversation.session?.state.title;
  }

  change(settings: Partial<TalkSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    if ("system" in settings) this.#forget();
  }

  async ask(question: string, options: AskOptions): Promise<Answer> {
    return await this.#answer(question, options);
  }

  async continueAnswer(options: AskOptions): Promise<Answer | undefined> {
    const last = this.#last ?? (await this.#interruptedBefore());
    if (last?.outcome !== "interrupted") return undefined;
    if (last.text === "" && last.thinking === "") return await this.#again(last.question, options);
    const { canContinue } = await this.#opened;
    if (!canContinue) throw cannotContinue();
    return await this.#again(last.question, options, continuationOf(last));
  }

  async turns(): Promise<readonly Turn[]> {
    await this.#settling;
    return await this.#conversation.turns();
  }

  async undo(turns: number): Promise<readonly string[]> {
    await this.#settling;
    this.#last = undefined;
    return await this.#conversation.undo(turns);
  }

  async begin(): Promise<string | undefined> {
    const { session } = this.#conversation;
    const left = session !== undefined && session.state.messages.length > 0 ? session.id : undefined;
    await this.#goTo(await this.#options.kept.begin());
    return left;
  }

  async model() {
    const { model, contextSize } = await this.#opened;
    return { name: model.model, baseUrl: model.baseUrl, contextSize };
  }

  async changeModel(name: string): Promise<void> {
    const opened = await this.#options.open(name);
    const before = await this.#opened;
    this.#opened = Promise.resolve(opened);
    this.#forget();
    await before.model.close();
  }

  async contextUse(): Promise<ContextUse> {
    const [opened, memory] = [await this.#opened, await this.#remember()];
    return await contextUseOf({
      opened,
      covered: memory.covered,
      conversation: this.#conversation,
      system: this.#settings.system,
      lastPromptTokens: this.#last?.figures.promptTokens ?? 0,
    });
  }

  rename(title: string): void {
    this.#conversation.session?.append({ type: "renamed", title });
  }

  sessions(): readonly SessionLine[] {
    return this.#options.kept.list();
  }

  search(words: string): readonly Finding[] {
    return this.#options.kept.search(words);
  }

  async resume(reference: string): Promise<void> {
    await this.#goTo(await this.#options.kept.open(reference, this.#conversation));
  }

  async exportAs(format: "md" | "json"): Promise<string> {
    return await this.#options.kept.exportAs(format, this.#conversation);
  }

  async #begin(): Promise<void> {
    try {
      this.#options.begin(this.#conversation, await this.#opened);
    } catch {
      // whoever asks hears why there is no model
    }
  }

  /** Lets go of the conversation and the model. */
  async close(): Promise<void> {
    await this.#settling;
    await this.#memory?.then((memory) => memory.close()).catch(() => undefined);
    this.#conversation.close();
    await this.#options.closeTools();
    await this.#opened.then(({ model }) => model.close()).catch(() => undefined);
  }

  async #goTo(conversation: Conversation): Promise<void> {
    await this.#settling;
    await this.#memory?.then((memory) => memory.close());
    if (conversation !== this.#conversation) this.#conversation.close();
    this.#conversation = conversation;
    this.#last = undefined;
    this.#warned = false;
    this.#forget();
    this.#options.begin(conversation, await this.#opened);
  }

  /** The prompt is another one now. */
  #forget(): void {
    this.#memory = undefined;
  }

  #remember(): Promise<Memory> {
    const { prompt, strategy, longMessages, onNotice } = this.#options;
    this.#memory ??= this.#opened.then(({ model, contextSize, room, counter }) =>
      memoryOf({
        model,
        conversation: this.#conversation,
        prompt,
        settings: this.#settings,
        strategy,
        longMessages,
        budget:
          contextSize === undefined || counter === undefined ? undefined : { context: contextSize, room, counter },
        onNotice,
      }),
    );
    return this.#memory;
  }

  /** The question stands in the conversation already, and is put there again together with the whole answer. */
  async #again(question: string, options: AskOptions, continuation?: Continuation): Promise<Answer> {
    await this.#settling;
    await this.#conversation.undo(1);
    return await this.#answer(question, options, continuation);
  }

  async #answer(question: string, options: AskOptions, continuation?: Continuation): Promise<Answer> {
    await this.#settling;
    const memory = this.#remember();
    const ready = this.#opened.then(async ({ model }) => ({ model, memory: await memory }));
    const { prompt, agent } = this.#options;
    const { answer, kept } = await askModel({
      ...options,
      agent,
      history: this.#conversation.history,
      question,
      prompt,
      settings: this.#settings,
      ready,
      continuation,
    });
    this.#settling = kept;
    this.#last = answer;
    if (answer.outcome !== "failed") return answer;
    const { model } = await this.#opened;
    return { ...answer, failure: explainModelError(answer.failure, model.baseUrl) };
  }

  /** Warns while there is still room: what comes next may not fit. */
  async warnIfNearlyFull(): Promise<void> {
    const { promptTokens, answerTokens = 0 } = this.#last?.figures ?? {};
    const { contextSize, room } = await this.#opened;
    if (this.#warned || promptTokens === undefined || contextSize === undefined) return;
    const share = (promptTokens + answerTokens) / (contextSize - room);
    if (share < NEARLY_FULL || (await this.#remember()).covered > 0) return;
    this.#warned = true;
    this.#options.onNearlyFull(Math.min(100, Math.round(share * 100)), (await this.turns()).length);
  }

  /** The last answer of a conversation that was left while it was answering. */
  async #interruptedBefore(): Promise<StreamedAnswer | undefined> {
    const last = this.#conversation.session?.state.messages.at(-1);
    if (last?.interrupted !== true) return undefined;
    const turn = (await this.turns()).at(-1);
    if (turn === undefined) return undefined;
    const empty = { thinking: "", preamble: "", calls: [], figures: {}, lastPiece: "" };
    return { ...empty, outcome: "interrupted", question: turn.question, text: turn.answer };
  }
}

function cannotContinue(): GptOssError {
  return new GptOssError("usage", "This server can't go on inside an answer: it has another chat template.", {
    hint: "Use a server that gpt-oss starts, or ask the question again with /retry.",
  });
}
