import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ChatGptOss } from "../model/chat-gpt-oss.ts";

/** Tokens of a text. */
export type CountTokens = (text: string) => Promise<number>;

const TOKENS_PER_ASCII_CHARACTER = 0.3;

/** By the server's own tokenizer for a ChatGptOss; an estimate, rather too high, for any other model: LangChain's own way downloads one. */
export function tokenCounterOf(model: BaseChatModel): CountTokens {
  return model instanceof ChatGptOss ? (text) => model.getNumTokens(text) : (text) => Promise.resolve(estimate(text));
}

function estimate(text: string): number {
  const ascii = text.replaceAll(/[^\0-\x7F]/g, "").length;
  return Math.ceil(ascii * TOKENS_PER_ASCII_CHARACTER + (text.length - ascii));
}
