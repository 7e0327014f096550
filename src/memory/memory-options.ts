import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseMessage } from "@langchain/core/messages";
import type { BasePromptValueInterface } from "@langchain/core/prompt_values";
import type { Runnable } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { TokenCounter } from "./token-counter.ts";
import type { ErrorDetail } from "../errors/errors.ts";

/** As a page to read, a page for a browser, or JSON to import elsewhere; each is named by the ending of its file. */
export const EXPORT_FORMATS = ["md", "html", "json"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The names of the strategies. */
export const STRATEGIES = ["summary", "window", "none"] as const;

/** What happens to a conversation that has grown too long: told as a summary, forgotten from its beginning, or refused. */
export type Strategy = (typeof STRATEGIES)[number];

/** The tokens that there are for a conversation. */
export interface Budget {
  /** Tokens that the server has for a conversation. */
  readonly context: number;
  /** Tokens of them that are left free for an answer and its thinking. */
  readonly room: number;
  readonly counter: TokenCounter;
}

/** What a chain with a memory is asked, and the other variables of its prompt. */
export interface MemoryInput {
  readonly input: string;
  readonly [variable: string]: unknown;
}

/** What a prompt with a place for the history takes. */
export interface MemoryOutput extends MemoryInput {
  readonly history: BaseMessage[];
}

/** What is remembered, and what happens when it is too much. */
export interface MemoryOptions {
  /** What was said so far, and where it is stored. */
  readonly history: BaseListChatMessageHistory;
  /** Default: summary where there is a model to ask for one, else window. */
  readonly strategy?: Strategy | undefined;
  /** Without one everything is sent. */
  readonly budget?: Budget | undefined;
  /** Asked for summaries: the chain's own, whose server has the conversation in its cache. */
  readonly model?: BaseChatModel | undefined;
  /** The chain's own prompt, so that what is counted is what is sent. Default: the history and the question. */
  readonly prompt?: Runnable<MemoryOutput, BasePromptValueInterface> | undefined;
  /** Tools that are offered to the model, LangChain's own or in OpenAI's form: they take room too. */
  readonly tools?: readonly (StructuredToolInterface | Readonly<Record<string, unknown>>)[] | undefined;
  /** A single message that is larger than the window: refused with the numbers (default), or cut in its middle. */
  readonly longMessages?: "refuse" | "cut" | undefined;
  /** Told one sentence when something is not sent any more for the first time. */
  readonly onNotice?: ((sentence: string, wording: ErrorDetail) => void) | undefined;
}
