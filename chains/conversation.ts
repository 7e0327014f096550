import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable } from "@langchain/core/runnables";
import {
  chatPromptOf,
  HarmonyOutputParser,
  type HarmonyPart,
  joinSystemMessages,
  loadPrompt,
  type Memory,
  type Prompt,
} from "../src/index.ts";
import { answerOf, finalOf } from "./channels.ts";
import { rememberAnswer } from "./remembering.ts";
import { memoryBySession, type SessionMemoryOptions } from "./session-memory.ts";
import { StreamingChain } from "./streaming.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** Who talks, with which prompt, and where it is kept. Give a memory with a budget where a conversation may outgrow the context. */
export interface ConversationOptions extends SessionMemoryOptions {
  readonly model: BaseChatModel;
  /** Default: prompts/chat.md. Its one variable is `input`. */
  readonly prompt?: Prompt;
}

/**
 * A chat that remembers: prompt with history → model → harmony parser. Question and answer go into the history of the session that
 * `configurable.sessionId` names; an answer that is cut short is kept as far as it came. Streams the answer's text.
 */
export function conversation(options: ConversationOptions): Runnable<TextInput, string> {
  return finalOf(conversationChannels(options));
}

/** The same chat, streaming every channel as `{ channel, text }`: the thinking and the preambles too. Invoked, it gives the answer. */
export function conversationChannels({
  model,
  prompt = loadPrompt("chat"),
  ...kept
}: ConversationOptions): Runnable<TextInput, HarmonyPart> {
  const memoryOf = memoryBySession(kept);
  const chainWith = (memory: Memory) =>
    chatPromptOf(prompt)
      .pipe((value) => joinSystemMessages(value.toChatMessages()))
      .pipe(model)
      .pipe(memory.meter)
      .pipe(new HarmonyOutputParser().withReasoning());
  return new StreamingChain<TextInput, HarmonyPart>(async function* (input, config) {
    const memory = await memoryOf(config);
    yield* rememberAnswer({ memory, chain: chainWith(memory), answerIn }, inputText(input), config);
  }, answerOf);
}

function answerIn({ channel, text }: HarmonyPart): string {
  return channel === "final" ? text : "";
}
