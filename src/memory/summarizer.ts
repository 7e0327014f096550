import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { HarmonyOutputParser } from "../harmony/index.ts";
import { chatPromptOf, loadPrompt } from "../prompts.ts";

/** A word of a summary takes some tokens; more of them in Japanese. */
const TOKENS_A_WORD = 4;
const WORDS = { least: 20, most: 200 };

/** The question that asks for a summary that takes a tenth of the budget at most. */
export async function summaryQuestion(budget: number): Promise<BaseMessage> {
  const words = Math.min(WORDS.most, Math.max(WORDS.least, Math.floor(budget / 10 / TOKENS_A_WORD / 10) * 10));
  const [question] = await chatPromptOf(loadPrompt("summarize")).formatMessages({ words, history: [] });
  return question ?? new HumanMessage("");
}

/** Asks for a summary of the conversation that ends in the question for it; an empty text when the model gave none. */
export async function askForSummary(
  model: BaseChatModel,
  conversation: readonly BaseMessage[],
  signal: AbortSignal,
): Promise<string> {
  const summary = await model.pipe(new HarmonyOutputParser()).invoke([...conversation], { signal });
  return summary.trim();
}

/** The summary as the model is told it. */
export function summaryMessage(text: string): SystemMessage {
  return new SystemMessage(`Summary of the conversation so far: ${text}`);
}

/**
 * One system message of all that stand at the beginning: most chat templates, gpt-oss's own among them, know only one.
 */
export function joinSystemMessages(messages: readonly BaseMessage[]): BaseMessage[] {
  const count = messages.findIndex(({ type }) => type !== "system");
  const first = messages.slice(0, count < 0 ? messages.length : count);
  if (first.length < 2) return [...messages];
  return [new SystemMessage(first.map(({ text }) => text).join("\n\n")), ...messages.slice(first.length)];
}
