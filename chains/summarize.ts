import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import {
  createChatPrompt,
  type CountTokens,
  createStreamingRunnable,
  HarmonyOutputParser,
  loadPrompt,
  type Prompt,
  splitText,
  createTokenCounter,
} from "../src/index.ts";
import { inParallel } from "./parallel.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** Who summarizes, and how short. */
export interface SummarizerOptions {
  readonly model: BaseChatModel;
  /** Default: prompts/summarize-text.md. Its variables are `text` and `words`. */
  readonly prompt?: Prompt;
  /** Most words of the summary; 150 by default. */
  readonly words?: number;
  /** Most tokens of a text that is read in one go; 4,000 by default. It has to fit the context together with an answer. */
  readonly pieceTokens?: number;
  /** Parts that are read at once; 4 by default. A server with fewer slots lets the others wait. */
  readonly concurrency?: number;
  /** Default: the server's own tokenizer. */
  readonly countTokens?: CountTokens;
  /** Told how many of a long text's parts are read. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** Summarizes a text of any length: a short one in one call; of a long one the parts, side by side, and then their summaries. */
export function createSummarizer({
  model,
  prompt = loadPrompt("summarize-text"),
  words = 150,
  pieceTokens = 4_000,
  concurrency = 4,
  countTokens = createTokenCounter(model),
  onProgress,
}: SummarizerOptions): Runnable<TextInput, string> {
  const ask = createChatPrompt(prompt).pipe(model).pipe(new HarmonyOutputParser());

  /** Summaries of summaries, until what is left can be read in one go. */
  async function shorten(text: string, config: RunnableConfig): Promise<string> {
    const pieces = await splitText(text, pieceTokens, countTokens);
    if (pieces.length <= 1) return text;
    const summaries: string[] = [];
    const work = (piece: string, signal: AbortSignal) => ask.invoke({ text: piece, words }, { ...config, signal });
    for await (const summary of inParallel(pieces, concurrency, work, config.signal)) {
      summaries.push(summary.trim());
      onProgress?.(summaries.length, pieces.length);
    }
    const shorter = summaries.join("\n\n");
    // a model that writes as much as it reads would never finish
    return shorter.length < text.length
      ? await shorten(shorter, config)
      : shorter.slice(0, Math.floor(text.length / 2));
  }

  return createStreamingRunnable({
    name: "summarize",
    async *generate(text: TextInput, config) {
      yield* await ask.stream({ text: await shorten(inputText(text), config), words }, config);
    },
  });
}
