import type { BaseMessage } from "@langchain/core/messages";
import type { GptOssError, ErrorDetail } from "../errors/errors.ts";
import type { ExportFormat, Strategy } from "../memory/memory-options.ts";
import type { Memory } from "../memory/memory.ts";
import { explainModelError } from "../model/model-errors.ts";
import type { Prompt } from "../prompts/prompts.ts";
import type { ToolGroup, SwitchableTools } from "../tools/switchable-tools.ts";
import type { Answer } from "./answer.ts";
import { askModel, memoryOf, type Agent } from "./ask-model.ts";
import type {
  OpenedModel,
  AskOptions,
  ContextUse,
  Finding,
  SessionLine,
  ChosenSession,
  ChatSettings,
  ToolSwitch,
  Turn,
} from "./chat-session.ts";
import { contextUseOf } from "./context-use.ts";
import type { Conversation, SavedSessions } from "./conversation.ts";
import { resumeProblem, type ResumeOptions, resumeOptionsOf, interruptedTurnOf } from "./resume.ts";
import type { StreamedAnswer } from "./stream-answer.ts";

/** From this share of the window on, the user is warned. */
const NEARLY_FULL = 0.8;

/** A talk that remembers: memory → prompt → model, with everything on disk before it is on the screen. */
export class ModelSession implements ChosenSession {
  readonly #options: ModelSessionOptions;
  #conversation: Conversation;
  #settings: ChatSettings;
  #opened: Promise<OpenedModel>;
  #memory: Promise<Memory> | undefined;
  #last: StreamedAnswer | undefined;
  #warned = false;
  /** What an interrupted turn still has to write down; the next one waits for it. */
  #settling: Promise<unknown> = Promise.resolve();

  constructor(options: ModelSessionOptions) {
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

  get settings(): ChatSettings {
    return this.#settings;
  }

  get last(): Answer | undefined {
    return this.#last;
  }

  get tools(): readonly ToolGroup[] {
    return this.#options.tools.groups;
  }

  async switchTools(how: ToolSwitch, words: readonly string[]): Promise<void> {
    const { tools } = this.#options;
    try {
      await (how === "off" && words.length === 0 ? tools.off() : tools[how](words));
    } finally {
      // some of the words may have been done when another one failed
      this.#noteTools();
    }
  }

  get sessionId(): string | undefined {
    return this.#conversation.session?.id;
  }

  get isKept(): boolean {
    return this.#conversation.session !== undefined;
  }

  get title(): string | undefined {
    return this.#conversation.session?.state.title;
  }

  change(settings: Partial<ChatSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    if ("system" in settings) this.#forget();
  }

  async ask(question: string, options: AskOptions): Promise<Answer> {
    return await this.#answer(question, options);
  }

  async continueAnswer(options: AskOptions): Promise<Answer | undefined> {
    const last = this.#last ?? (await interruptedTurnOf(this.#conversation));
    if (last?.outcome !== "interrupted") return undefined;
    const { thinking, text } = last.current;
    if (text === "" && thinking === "") return await this.#again(last.question, options);
    const { canContinue } = await this.#opened;
    if (!canContinue) throw resumeProblem();
    return await this.#again(last.question, options, resumeOptionsOf(last));
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
      system: systemOf(this.#prompt, this.#toldSettings.system),
      tools: this.#options.tools.tools,
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
    const { kept, tools, onLostTool } = this.#options;
    const conversation = await kept.open(reference, this.#conversation);
    const offered = conversation.session?.state.tools;
    if (offered !== undefined) for (const failure of await tools.restore(offered)) onLostTool(failure);
    await this.#goTo(conversation);
  }

  async exportAs(format: ExportFormat): Promise<string> {
    await this.#settling;
    return this.#options.kept.exportAs(format, this.#conversation);
  }

  async #begin(): Promise<void> {
    try {
      this.#options.begin(this.#conversation, await this.#opened, this.#prompt);
      this.#noteTools();
    } catch {
      // whoever asks hears why there is no model
    }
  }

  /** Lets go of the conversation and the model. */
  async close(): Promise<void> {
    await this.#settling;
    await this.#memory?.then((memory) => memory.close()).catch(() => undefined);
    this.#conversation.close();
    await this.#options.tools.close();
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
    this.#options.begin(conversation, await this.#opened, this.#prompt);
    this.#noteTools();
  }

  /** The settings, with what a project says to those who work on it. */
  get #toldSettings(): ChatSettings {
    const { instructions } = this.#options.tools;
    if (instructions === undefined) return this.#settings;
    const { system } = this.#settings;
    return { ...this.#settings, system: system === undefined ? instructions : `${system}\n\n${instructions}` };
  }

  get #prompt(): Prompt {
    const { prompts, tools } = this.#options;
    return tools.tools.length > 0 ? prompts.withTools : prompts.plain;
  }

  /** What is offered goes with the session, and stands in the prompt. */
  #noteTools(): void {
    this.#conversation.session?.offerTools(this.#options.tools.state);
    this.#forget();
  }

  /** The prompt is another one now. */
  #forget(): void {
    this.#memory = undefined;
  }

  #remember(): Promise<Memory> {
    const { tools, strategy, longMessages, onNotice } = this.#options;
    this.#memory ??= this.#opened.then(({ model, contextSize, room, counter }) =>
      memoryOf({
        model,
        conversation: this.#conversation,
        prompt: this.#prompt,
        tools: tools.tools,
        settings: this.#toldSettings,
        strategy,
        longMessages,
        budget:
          contextSize === undefined || counter === undefined ? undefined : { context: contextSize, room, counter },
        onNotice,
      }),
    );
    return this.#memory;
  }

  /** The question stands in the conversation already, and is put there again together with the calls so far and the whole answer. */
  async #again(question: string, options: AskOptions, continuation?: ResumeOptions): Promise<Answer> {
    await this.#settling;
    const calls = (await this.#conversation.lastTurn())?.calls ?? [];
    await this.#conversation.undo(1);
    return await this.#answer(question, options, { calls, continuation });
  }

  async #answer(question: string, options: AskOptions, resumed: Resumed = { calls: [] }): Promise<Answer> {
    await this.#settling;
    const memory = this.#remember();
    const ready = this.#opened.then(async ({ model }) => ({ model, memory: await memory }));
    const { agent, tools } = this.#options;
    const { calls, continuation } = resumed;
    const { answer, kept } = await askModel({
      ...options,
      agent: tools.tools.length > 0 || calls.length > 0 ? agent : undefined,
      currentDate: this.#conversation.currentDate,
      question,
      prompt: this.#prompt,
      settings: this.#toldSettings,
      ready,
      calls,
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
    const { contextTokens } = this.#last?.figures ?? {};
    const { contextSize, room } = await this.#opened;
    if (this.#warned || contextTokens === undefined || contextSize === undefined) return;
    const share = contextTokens / (contextSize - room);
    if (share < NEARLY_FULL || (await this.#remember()).covered > 0) return;
    this.#warned = true;
    this.#options.onNearlyFull(Math.min(100, Math.round(share * 100)), (await this.turns()).length);
  }
}

/** What an interrupted turn goes on from. */
interface Resumed {
  readonly calls: readonly BaseMessage[];
  readonly continuation?: ResumeOptions | undefined;
}

function systemOf({ system }: Prompt, own: string | undefined): string | undefined {
  const both = [own, system].filter((text) => text !== undefined);
  return both.length === 0 ? undefined : both.join("\n\n");
}

/** What a talk that remembers is made of. */
export interface ModelSessionOptions {
  readonly conversation: Conversation;
  readonly kept: SavedSessions;
  readonly prompts: { readonly plain: Prompt; readonly withTools: Prompt };
  readonly settings: ChatSettings;
  readonly strategy: Strategy;
  readonly longMessages: "refuse" | "cut";
  /** Opens a model; the one of the settings when no name is given. */
  readonly open: (name?: string) => Promise<OpenedModel>;
  /** Told when it is known which model answers in a conversation. */
  readonly begin: (conversation: Conversation, opened: OpenedModel, prompt: Prompt) => void;
  readonly onNotice: (sentence: string, wording: ErrorDetail) => void;
  /** Told of each tool of a resumed conversation that can't be had any more. */
  readonly onLostTool: (failure: GptOssError) => void;
  /** Told once in a conversation, before anything of it is dropped. */
  readonly onNearlyFull: (percent: number, turns: number) => void;
  /** Answers instead of the model alone, where a tool is on. */
  readonly agent: Agent;
  readonly tools: SwitchableTools;
}
