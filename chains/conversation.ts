import { type BaseListChatMessageHistory, InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable } from "@langchain/core/runnables";
import {
  chatPromptOf,
  createMemory,
  HarmonyOutputParser,
  type HarmonyPart,
  joinSystemMessages,
  loadPrompt,
  type Memory,
  type Prompt,
} from "../src/index.ts";
import { answerOf, finalOf } from "./channels.ts";
import { remembering } from "./remembering.ts";

/** Who talks, with which prompt, and where it is kept. */
export interface ConversationOptions {
  readonly model: BaseChatModel;
  /** Default: prompts/chat.md. Its one variable is `input`. */
  readonly prompt?: Prompt;
  /** What was said so far, and where it is kept; default: in memory. */
  readonly history?: BaseListChatMessageHistory;
  /** What of it is sent; default: all. Give one with a budget where a conversation may outgrow the context. */
  readonly memory?: Memory;
}

/**
 * A chat that remembers: prompt with history → model → harmony parser. Question and answer go into the history; an answer
 * that is cut short is kept as far as it came. Streams the answer's text.
 */
export function conversation(options: ConversationOptions): Runnable<string, string> {
  return finalOf(conversationChannels(options));
}

/** The same chat, streaming every channel as `{ channel, text }`: the thinking and the preambles too. Invoked, it gives the answer. */
export function conversationChannels({
  model,
  prompt = loadPrompt("chat"),
  history = new InMemoryChatMessageHistory(),
  memory = createMemory({ history }),
}: ConversationOptions): Runnable<string, HarmonyPart> {
  const chain = chatPromptOf(prompt)
    .pipe((value) => joinSystemMessages(value.toChatMessages()))
    .pipe(model)
    .pipe(memory.meter)
    .pipe(new HarmonyOutputParser().withReasoning());
  return remembering({
    memory,
    chain,
    answerIn: ({ channel, text }) => (channel === "final" ? text : ""),
    join: answerOf,
  });
}
