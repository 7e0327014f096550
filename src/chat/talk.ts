import type { Effort } from "../config/effort.ts";
import type { ToolGroup } from "../tools/switchable-tools.ts";
import type { ExportFormat } from "../memory/export-session.ts";
import type { Answer, AnswerPart } from "./answer.ts";

/** What may be changed in the middle of a chat. */
export interface TalkSettings {
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
export interface Talk {
  readonly settings: TalkSettings;
  change(settings: Partial<TalkSettings>): void;
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
