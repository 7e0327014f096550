import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ChatGptOss } from "../model/chat-gpt-oss.ts";
import { approximateTokens } from "../model/token-count.ts";

/** Tokens of a text. */
export type CountTokens = (text: string) => Promise<number>;

/** By the server's own tokenizer for a ChatGptOss; an estimate, rather too high, for any other model: LangChain's own way downloads one. */
export function tokenCounterOf(model: BaseChatModel): CountTokens {
  if (model instanceof ChatGptOss) return (text) => model.getNumTokens(text);
  return (text) => Promise.resolve(approximateTokens(text));
}
