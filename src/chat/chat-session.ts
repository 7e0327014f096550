import type { Effort } from "../config/effort.ts";
import type { ExportFormat } from "../memory/memory-options.ts";
import type { TokenCounter } from "../memory/token-counter.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import type { ToolGroup } from "../tools/switchable-tools.ts";
import type { Answer, AnswerPart } from "./answer.ts";

/** What may be changed in the middle of a chat. */
export interface ChatSettings {
  readonly effort?: Effort | undefined;
  readonly system?: string | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  /** Tokens. */
  readonly maxTokens?: number | undefined;
  readonly seed?: number | undefined;
}

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly onPart: (part: AnswerPart) => void;
}

/** One question and its answer, as they are kept. */
export interface Turn {
  readonly question: string;
  readonly answer: string;
}

/** A conversation that is kept, in a list. */
export interface SessionLine {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string | undefined;
  readonly turns: number;
  readonly title: string | undefined;
}

/** A message in which something was found. */
export interface Finding {
  readonly id: string;
  readonly at: string;
  readonly title: string | undefined;
  /** Around the first place, with what was searched between `[` and `]`. */
  readonly before: string;
  readonly found: string;
  readonly after: string;
}

/** What fills the context, in tokens. */
export interface ContextUse {
  /** Undefined where the server does not say. */
  readonly size: number | undefined;
  readonly used: number;
  /** Kept free for the answer. */
  readonly room: number;
  readonly parts: {
    readonly system: number;
    /** What the model is told of the tools that it may call. */
    readonly tools: number;
    readonly summary: number;
    readonly questions: number;
    /** Calls of tools and their results. */
    readonly calls: number;
    readonly answers: number;
  };
}

/** These beside those that are on, not these any more (none at all without words), or these and no others. */
export type ToolSwitch = "on" | "off" | "set";

/** The conversation that a chat is about, with the model that answers and the place where it is kept. */
export interface ChosenSession {
  readonly settings: ChatSettings;
  change(settings: Partial<ChatSettings>): void;
  /** The last answer of this chat. */
  readonly last: Answer | undefined;
  /** Waits until the model is there, then asks it. A failure is an answer too; what was thrown is explained in it. */
  ask(question: string, options: AskOptions): Promise<Answer>;
  /**
   * Goes on inside the last answer, which was interrupted; undefined when it was not.
   * @throws GptOssError `usage` when the server can't do that
   */
  continueAnswer(options: AskOptions): Promise<Answer | undefined>;
  turns(): Promise<readonly Turn[]>;
  /** Takes back the last turns. @returns their questions, the latest first */
  undo(turns: number): Promise<readonly string[]>;
  /** Leaves this conversation and begins a new one. @returns the old one's id, if it is kept */
  begin(): Promise<string | undefined>;

  model(): Promise<{ readonly name: string; readonly baseUrl: string; readonly contextSize: number | undefined }>;
  changeModel(name: string): Promise<void>;
  contextUse(): Promise<ContextUse>;
  /** Says once that the context will soon be full, and what is dropped then. */
  warnIfNearlyFull(): Promise<void>;

  /** Undefined when nothing of it is written to disk. */
  readonly sessionId: string | undefined;
  /** False when nothing of it is written to disk. */
  readonly isKept: boolean;
  /** What the model may use, and what of it is on. */
  readonly tools: readonly ToolGroup[];
  /** @throws GptOssError `usage` that names the word */
  switchTools(how: ToolSwitch, words: readonly string[]): Promise<void>;
  readonly title: string | undefined;
  rename(title: string): void;
  sessions(): readonly SessionLine[];
  search(words: string): readonly Finding[];
  /** @throws GptOssError `usage` when there is none, or more than one; `session-locked` */
  resume(reference: string): Promise<void>;
  exportAs(format: ExportFormat): Promise<string>;
}

/** A model that is ready to answer, and what is known of the server behind it. */
export interface OpenedModel {
  readonly model: ChatGptOss;
  /** Tokens of one conversation. */
  readonly contextSize: number | undefined;
  /** Tokens of it that are kept free for an answer. */
  readonly room: number;
  /** Undefined where the server counts no tokens. */
  readonly counter: TokenCounter | undefined;
  /** It has our chat template, which can go on inside an answer. */
  readonly canContinue: boolean;
}

/** A talk on its way: its first messages are typed while the model is loaded, which may fail. */
export class ChatStartup {
  readonly chatSession: Promise<ChosenSession>;
  readonly #failing: Promise<never>;
  #isReady = false;

  /** @param ready resolves when there can be answers, and rejects when there never will be */
  constructor(chatSession: Promise<ChosenSession>, ready: Promise<unknown>) {
    this.chatSession = chatSession;
    this.#failing = ready.then(async () => {
      this.#isReady = true;
      return await new Promise<never>(() => undefined);
    });
    this.#failing.catch(() => undefined);
  }

  /** Waits for something, unless it turns out that there will never be an answer: rejects with the reason then. */
  async orFailure<Result>(action: Promise<Result>): Promise<Result> {
    // a race with a promise that never settles keeps what it raced with, an answer say, for as long as the chat lasts
    return this.#isReady ? await action : await Promise.race([action, this.#failing]);
  }

  /** Whether it is known by now that there will never be an answer. */
  async hasFailed(): Promise<boolean> {
    return !this.#isReady && (await Promise.race([this.#failing.catch(() => true), soon(false)]));
  }
}

/** After whatever has happened already. */
async function soon<Value>(value: Value): Promise<Value> {
  return await new Promise((resolve) => setImmediate(resolve, value));
}
