import type { ToolDefinition } from "@langchain/core/language_models/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import { systemCodeOf } from "../errors.ts";
import { HarmonyOutputParser } from "../harmony/output-parser.ts";
import { chatPromptOf, loadPrompt } from "../prompts.ts";
import { headAndTail } from "./long-message.ts";
import { extendSummary } from "./running-summary.ts";
import type { TokenCounter } from "./token-counter.ts";

/** A word of a summary takes some tokens; more of them in Japanese. */
const TOKENS_A_WORD = 4;
const WORDS = { least: 20, most: 200 };
/** What a model is told to take of the window for a summary, and what it may take before it is condensed or cut. */
const SHARE = { told: 1 / 10, most: 1 / 5 };

export interface SummarizerOptions {
  readonly model: BaseChatModel;
  /** Offered in the conversation: they stand in what the server has in its cache. */
  readonly tools?: readonly ToolDefinition[];
  readonly counter: TokenCounter;
  /** Tokens of the window that the summary is a part of. */
  readonly window: number;
}

/** Keeps the summary of a conversation: adds what is new, and has it condensed when it has grown too long. */
export class Summarizer {
  readonly #options: SummarizerOptions;

  constructor(options: SummarizerOptions) {
    this.#options = options;
  }

  /** What a conversation is asked at its end. */
  async question(): Promise<BaseMessage> {
    return await questionOf("summarize", { words: this.#words });
  }

  /**
   * The summary so far and what the model answers to the question for more.
   * @param asked the conversation with the question at its end
   * @returns undefined when the model gave nothing, as a conversation can go on without
   */
  async extend(
    summary: string | undefined,
    asked: readonly BaseMessage[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      // thinking may have taken all the room that there was for an answer
      const addition = (await this.#ask(asked, signal)) || (await this.#ask(asked, signal));
      if (addition === "") return undefined;
      const said = asked.slice(0, -1).map(({ text }) => text);
      return await this.#bounded(extendSummary(summary ?? "", addition, said.join("\n")), signal);
    } catch (error) {
      if (signal.aborted || systemCodeOf(error) !== undefined) throw error;
      return undefined;
    }
  }

  get #words(): number {
    const words = (this.#options.window * SHARE.told) / TOKENS_A_WORD;
    return Math.min(WORDS.most, Math.max(WORDS.least, Math.floor(words / 10) * 10));
  }

  /** It knows of the tools, and may not call one. */
  get #model(): Runnable<BaseMessage[], BaseMessage> {
    const { model, tools = [] } = this.#options;
    return tools.length === 0 ? model : (model.bindTools?.([...tools], { tool_choice: "none" }) ?? model);
  }

  async #ask(messages: readonly BaseMessage[], signal: AbortSignal): Promise<string> {
    return (await this.#model.pipe(new HarmonyOutputParser()).invoke([...messages], { signal })).trim();
  }

  /** Condensed when it is too long; with its middle left out when the model can't keep to a length. */
  async #bounded(summary: string, signal: AbortSignal): Promise<string> {
    const { counter, window } = this.#options;
    const frame = await counter.countMessages([new HumanMessage("")]);
    const fits = async (text: string) =>
      (await counter.countMessages([new HumanMessage(text)])) - frame <= window * SHARE.most;
    if (await fits(summary)) return summary;
    const question = await questionOf("condense", { words: this.#words, summary });
    const condensed = extendSummary("", await this.#ask([question], signal), summary);
    return condensed !== "" && (await fits(condensed)) ? condensed : await headAndTail(summary, fits);
  }
}

async function questionOf(prompt: string, variables: Readonly<Record<string, unknown>>): Promise<BaseMessage> {
  const messages = await chatPromptOf(loadPrompt(prompt)).formatMessages({ ...variables, history: [] });
  return messages.at(-1) ?? new HumanMessage("");
}
