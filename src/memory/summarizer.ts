import type { ToolDefinition } from "@langchain/core/language_models/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import { systemCodeOf } from "../errors/errors.ts";
import { HarmonyOutputParser } from "../model/harmony-output-parser.ts";
import { createChatPrompt, loadPrompt } from "../prompts/prompts.ts";
import { foldText } from "../terminal/unicode.ts";
import type { TokenCounter } from "./token-counter.ts";

/** A word of a summary takes some tokens; more of them in Japanese. */
const TOKENS_A_WORD = 4;
const WORDS = { least: 20, most: 200 };
/** The share of the window that a summary should take, and the share from which it is condensed or cut. */
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
   * @returns undefined when the model gave nothing: a conversation can continue without a summary
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
  const messages = await createChatPrompt(loadPrompt(prompt)).formatMessages({ ...variables, history: [] });
  return messages.at(-1) ?? new HumanMessage("");
}

const sentences = new Intl.Segmenter("ja", { granularity: "sentence" });
const words = new Intl.Segmenter("ja", { granularity: "word" });

/**
 * A summary that grows: the sentences so far stay word for word, and those of `addition` that are not among them follow. What was once
 * noted is not told and retold by a model until it is lost, and a model that repeats what it was told adds nothing. A sentence that differs
 * from one already noted only in words that nobody said is an invention, and left out.
 * @param said all that the addition was made of
 */
export function extendSummary(summary: string, addition: string, said: string): string {
  const known = sentencesOf(summary).map(comparable);
  const saidWords = new Set(wordsOf(foldText(said)));
  const news = sentencesOf(addition).filter((sentence) => {
    const key = comparable(sentence);
    if (key === "" || known.includes(key) || known.some((other) => isInvented(key, other, saidWords))) return false;
    known.push(key);
    return true;
  });
  const parts = [summary.trim(), news.join("").trim()].filter((part) => part !== "");
  const isProse = /[.!?。！？]$/.test(parts[0] ?? "") && !parts.some((part) => /\n|^[-*•#\d]/.test(part));
  return parts.join(isProse ? " " : "\n");
}

/** Whether at least half of it repeats the beginning of a known sentence, followed by words that nobody said. */
function isInvented(sentence: string, known: string, said: ReadonlySet<string>): boolean {
  const [own, other] = [wordsOf(sentence), wordsOf(known)];
  const differs = own.findIndex((word, index) => word !== other[index]);
  return differs > 0 && differs >= own.length / 2 && !own.slice(differs).some((word) => said.has(word));
}

function wordsOf(text: string): readonly string[] {
  return Array.from(words.segment(text)).flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
}

/** Sentences and lines with what stands between them. */
function sentencesOf(text: string): readonly string[] {
  return Array.from(sentences.segment(text), ({ segment }) => segment);
}

/** A sentence without its bullet, its end, its emphasis, case and width. */
function comparable(sentence: string): string {
  return foldText(sentence)
    .replaceAll("**", "")
    .replace(/^\s*(?:[-*•>]|#+|\d+[.)])\s+/, "")
    .replace(/[\s.!?。]+$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** What stands for the middle of a message that was cut. */
const gap = (count: number) => `\n[… ${count} characters left out …]\n`;

/**
 * The beginning and the end of a text, as much of them as fits; the middle is left out and said to be.
 * @param fits asked about some ten candidates
 */
export async function headAndTail(text: string, fits: (candidate: string) => Promise<boolean>): Promise<string> {
  // by characters, so that none is cut in two
  const characters = Array.from(text);
  const candidate = (kept: number) => {
    const head = Math.ceil(kept / 2);
    const tail = kept - head;
    return (
      characters.slice(0, head).join("") +
      gap(characters.length - kept) +
      characters.slice(characters.length - tail).join("")
    );
  };
  let [low, high] = [0, characters.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await fits(candidate(middle))) low = middle;
    else high = middle - 1;
  }
  return candidate(low);
}
