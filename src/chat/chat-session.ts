import type { BaseMessage } from "@langchain/core/messages";
import type { GptOssError, ErrorDetail } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { type Turn, turnsOf } from "../memory/history.ts";
import type { ExportFormat, Strategy } from "../memory/memory-options.ts";
import { createMemory, type Memory } from "../memory/memory.ts";
import { SessionChatMessageHistory } from "../memory/session-history.ts";
import type { Session } from "../memory/session.ts";
import { explainModelError } from "../model/model-errors.ts";
import { createChatPrompt, type Prompt } from "../prompts/prompts.ts";
import { localDate } from "../terminal/format.ts";
import type { OnToolEvent } from "../tools/agent-guard.ts";
import type { ToolGroup, SwitchableTools } from "../tools/switchable-tools.ts";
import type { Answer } from "./answer.ts";
import { askModel, type AskOptions, type ChatSettings, type OpenedModel, type ReadyModel } from "./ask-model.ts";
import { type ContextUse, contextUseOf } from "./context-use.ts";
import { interruptedTurnOf, lastTurnOf, type ResumeOptions, resumeOptionsOf } from "./resume.ts";
import type { Finding, SavedSessions, SessionLine } from "./saved-sessions.ts";
import type { StreamedAnswer } from "./stream-answer.ts";

/** From this share of the context window on, the user is warned. */
const NEARLY_FULL = 0.8;

/** Adds tools to those that are on, removes them (all of them without words), or replaces them. */
export type ToolSwitch = "on" | "off" | "set";

/** The parts of a chat. */
export interface ChatSessionOptions {
  /** The conversation that the chat starts with. */
  readonly session: Session;
  readonly saved: SavedSessions;
  readonly prompts: { readonly plain: Prompt; readonly withTools: Prompt };
  readonly settings: ChatSettings;
  readonly strategy: Strategy;
  readonly longMessages: "refuse" | "cut";
  /** Opens a model; the one of the configuration if no name is given. */
  readonly open: (name?: string) => Promise<OpenedModel>;
  readonly tools: SwitchableTools;
  readonly onToolEvent: OnToolEvent;
  readonly onNotice: (sentence: string, wording: ErrorDetail) => void;
  /** Called with the error of each tool of a resumed session that is not available any more. */
  readonly onLostTool: (failure: GptOssError) => void;
  /** Called once in a session, before the first of its turns is left out. */
  readonly onNearlyFull: (percent: number, turns: number) => void;
}

/**
 * A chat: the current session, its memory, the model that answers and the tools that it may call. Everything is on the disk before it is
 * on the screen.
 */
export class ChatSession {
  readonly #options: ChatSessionOptions;
  #session: Session;
  #currentDate: string;
  #memory: Memory;
  /** The model, and the memory once it is set up for this model, the prompt and the tools. */
  #ready: Promise<ReadyModel> | undefined;
  #settings: ChatSettings;
  #opened: Promise<OpenedModel>;
  #last: StreamedAnswer | undefined;
  #warned = false;
  /** What an interrupted turn still has to store; the next one waits for it. */
  #storing: Promise<unknown> = Promise.resolve();

  constructor(options: ChatSessionOptions) {
    this.#options = options;
    this.#session = options.session;
    this.#currentDate = currentDateOf(options.session);
    this.#memory = this.#memoryOf(options.session);
    this.#settings = options.settings;
    this.#opened = options.open();
    // the reason why there is no model is reported to those who ask
    this.#begin().catch(() => undefined);
  }

  /** Resolves when the model can be asked, and rejects when it never will. */
  get opened(): Promise<OpenedModel> {
    return this.#opened;
  }

  get settings(): ChatSettings {
    return this.#settings;
  }

  change(settings: Partial<ChatSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    if ("system" in settings) this.#ready = undefined;
  }

  /** The last answer of this chat. */
  get last(): Answer | undefined {
    return this.#last;
  }

  /** Waits until the model is loaded, then asks it. A failure is an answer too, with its explanation. */
  async ask(question: string, options: AskOptions): Promise<Answer> {
    return await this.#answer(question, options);
  }

  /**
   * Resumes inside the last answer, which was interrupted; undefined if it was not.
   * @throws GptOssError `usage` when the server can't do that
   */
  async continueAnswer(options: AskOptions): Promise<Answer | undefined> {
    const last = this.#last ?? interruptedTurnOf(this.#session);
    if (last?.outcome !== "interrupted") return undefined;
    const { thinking, text } = last.current;
    if (text === "" && thinking === "") return await this.#askAgain(last.question, options);
    const { canContinue } = await this.#opened;
    if (!canContinue) throw createError("resumeProblem", []);
    return await this.#askAgain(last.question, options, resumeOptionsOf(last));
  }

  async turns(): Promise<readonly Turn[]> {
    await this.#storing;
    return turnsOf(await this.#memory.history.getMessages());
  }

  /** Removes the last turns. @returns their questions, the latest first */
  async undo(turns: number): Promise<readonly string[]> {
    await this.#storing;
    this.#last = undefined;
    return await this.#memory.undo(turns);
  }

  async model(): Promise<{
    readonly name: string;
    readonly baseUrl: string;
    readonly contextSize: number | undefined;
  }> {
    const { model, contextSize } = await this.#opened;
    return { name: model.model, baseUrl: model.baseUrl, contextSize };
  }

  async changeModel(name: string): Promise<void> {
    const opened = await this.#options.open(name);
    const before = await this.#opened;
    this.#opened = Promise.resolve(opened);
    this.#ready = undefined;
    await before.model.close();
  }

  async contextUse(): Promise<ContextUse> {
    const { memory } = await this.#prepare();
    return await contextUseOf({
      opened: await this.#opened,
      memory,
      system: systemOf(this.#prompt, this.#system),
      tools: this.#options.tools.tools,
      lastPromptTokens: this.#last?.figures.promptTokens ?? 0,
    });
  }

  /** Warns once, while there is still room: the next turn may not fit. */
  async warnIfNearlyFull(): Promise<void> {
    const { contextTokens } = this.#last?.figures ?? {};
    const { contextSize, room } = await this.#opened;
    if (this.#warned || contextTokens === undefined || contextSize === undefined) return;
    const share = contextTokens / (contextSize - room);
    if (share < NEARLY_FULL || (await this.#prepare()).memory.covered > 0) return;
    this.#warned = true;
    this.#options.onNearlyFull(Math.min(100, Math.round(share * 100)), (await this.turns()).length);
  }

  /** The tools that the model may call, by group. */
  get tools(): readonly ToolGroup[] {
    return this.#options.tools.groups;
  }

  /** @throws GptOssError `usage` that names the word */
  async switchTools(how: ToolSwitch, words: readonly string[]): Promise<void> {
    const { tools } = this.#options;
    try {
      await (how === "off" && words.length === 0 ? tools.off() : tools[how](words));
    } finally {
      // some of the words may have been done when another one failed
      this.#noteTools();
    }
  }

  /** False when the conversation is in memory only. */
  get isSaved(): boolean {
    return this.#session.path !== undefined;
  }

  /** Undefined when the conversation is in memory only. */
  get sessionId(): string | undefined {
    return this.isSaved ? this.#session.id : undefined;
  }

  get title(): string | undefined {
    return this.#session.state.title;
  }

  rename(title: string): void {
    this.#session.append({ type: "renamed", title });
  }

  sessions(): readonly SessionLine[] {
    return this.#options.saved.list();
  }

  search(words: string): readonly Finding[] {
    return this.#options.saved.search(words);
  }

  /** Leaves this session and starts a new one. @returns the id of the one that was left, if it is saved and not empty */
  async startNew(): Promise<string | undefined> {
    const left = this.#session.state.messages.length > 0 ? this.sessionId : undefined;
    await this.#goTo(await this.#options.saved.create());
    return left;
  }

  /** @throws GptOssError `usage` when none or more than one matches; `session-locked` */
  async resume(reference: string): Promise<void> {
    const { saved, tools, onLostTool } = this.#options;
    if (saved.find(reference) === this.sessionId) return;
    const session = await saved.open(reference);
    const offered = session.state.tools;
    if (offered !== undefined) for (const failure of await tools.restore(offered)) onLostTool(failure);
    await this.#goTo(session);
  }

  async exportAs(format: ExportFormat): Promise<string> {
    await this.#storing;
    return this.#options.saved.exportAs(format, this.#session);
  }

  /** Releases the session, the tools and the model. */
  async close(): Promise<void> {
    await this.#storing;
    await this.#memory.close();
    this.#session.close();
    await this.#options.tools.close();
    await this.#opened.then(({ model }) => model.close()).catch(() => undefined);
  }

  async #goTo(session: Session): Promise<void> {
    await this.#storing;
    await this.#memory.close();
    this.#session.close();
    this.#session = session;
    this.#currentDate = currentDateOf(session);
    this.#memory = this.#memoryOf(session);
    this.#ready = undefined;
    this.#last = undefined;
    this.#warned = false;
    await this.#begin();
  }

  /** Notes in the session what it starts with, when it is known which model answers. */
  async #begin(): Promise<void> {
    const { model, contextSize } = await this.#opened;
    const { effort } = this.#settings;
    const settings = { effort, currentDate: this.#currentDate, context: contextSize };
    this.#session.begin({ model: model.model, prompt: this.#prompt.name, settings });
    this.#noteTools();
  }

  get #prompt(): Prompt {
    const { prompts, tools } = this.#options;
    return tools.tools.length > 0 ? prompts.withTools : prompts.plain;
  }

  /** The user's system message, with the instructions of the project that the tools work on. */
  get #system(): string | undefined {
    return joinTexts(this.#settings.system, this.#options.tools.instructions);
  }

  /** The tools are stored with the session, and change the prompt. */
  #noteTools(): void {
    this.#session.offerTools(this.#options.tools.state);
    this.#ready = undefined;
  }

  #memoryOf(session: Session): Memory {
    const { strategy, longMessages, onNotice } = this.#options;
    return createMemory({ history: new SessionChatMessageHistory(session), strategy, longMessages, onNotice });
  }

  async #prepare(): Promise<ReadyModel> {
    const memory = this.#memory;
    this.#ready ??= this.#opened.then(async ({ model, contextSize, room, counter }) => {
      await memory.configure({
        model,
        prompt: createChatPrompt(this.#prompt, this.#system),
        tools: this.#options.tools.tools,
        budget:
          contextSize === undefined || counter === undefined ? undefined : { context: contextSize, room, counter },
      });
      return { model, memory };
    });
    return await this.#ready;
  }

  /** The session has the question already: it is stored again, with the calls so far and the whole answer. */
  async #askAgain(question: string, options: AskOptions, resume?: ResumeOptions): Promise<Answer> {
    await this.#storing;
    const calls = lastTurnOf(this.#session.state)?.calls ?? [];
    await this.#memory.undo();
    return await this.#answer(question, options, { calls, resume });
  }

  async #answer(question: string, options: AskOptions, resumed: ResumedTurn = { calls: [] }): Promise<Answer> {
    await this.#storing;
    const { tools, onToolEvent } = this.#options;
    const { answer, stored } = await askModel({
      ...options,
      tools: tools.tools,
      onToolEvent,
      currentDate: this.#currentDate,
      question,
      prompt: this.#prompt,
      settings: { ...this.#settings, system: this.#system },
      ready: this.#prepare(),
      calls: resumed.calls,
      continuation: resumed.resume,
    });
    this.#storing = stored;
    this.#last = answer;
    if (answer.outcome !== "failed") return answer;
    const { model } = await this.#opened;
    return { ...answer, failure: explainModelError(answer.failure, model.baseUrl) };
  }
}

/** Where an interrupted turn resumes. */
interface ResumedTurn {
  readonly calls: readonly BaseMessage[];
  readonly resume?: ResumeOptions | undefined;
}

/** `YYYY-MM-DD` of the session's first day. With another date, the server would process the whole conversation again. */
export function currentDateOf({ state }: Session): string {
  return state.started?.settings.currentDate ?? localDate(new Date());
}

function systemOf({ system }: Prompt, own: string | undefined): string | undefined {
  return joinTexts(own, system);
}

function joinTexts(...texts: readonly (string | undefined)[]): string | undefined {
  const given = texts.filter((text) => text !== undefined);
  return given.length === 0 ? undefined : given.join("\n\n");
}
