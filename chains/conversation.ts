import { type BaseListChatMessageHistory, InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import { chatPromptOf, HarmonyOutputParser, type HarmonyPart, loadPrompt, type Prompt } from "../src/index.ts";
import { StreamingChain } from "./streaming.ts";

export interface ConversationOptions {
  readonly model: BaseChatModel;
  /** Default: prompts/chat.md. Its one variable is `input`. */
  readonly prompt?: Prompt;
  /** What was said so far, and where it is kept; default: in memory. */
  readonly history?: BaseListChatMessageHistory;
}

/**
 * A chat that remembers: prompt with history → model → harmony parser. Question and answer go into the history; an answer
 * that is cut short is kept as far as it came. Streams the answer's text.
 */
export function conversation(options: ConversationOptions): Runnable<string, string> {
  const channels = conversationChannels(options);
  return new StreamingChain(
    async function* (input, config) {
      for await (const part of await channels.stream(input, config)) {
        if (part.channel === "final") yield part.text;
      }
    },
    (texts) => texts.join(""),
  );
}

/** The same chat, streaming every channel as `{ channel, text }`: the thinking and the preambles too. Invoked, it gives the answer. */
export function conversationChannels({
  model,
  prompt = loadPrompt("chat"),
  history = new InMemoryChatMessageHistory(),
}: ConversationOptions): Runnable<string, HarmonyPart> {
  const answer = chatPromptOf(prompt).pipe(model).pipe(new HarmonyOutputParser().withReasoning());
  return new StreamingChain<string, HarmonyPart>(
    async function* (input, config) {
      // a copy: a history may give its own list, which grows
      const soFar = [...(await history.getMessages())];
      await history.addMessage(new HumanMessage(input));
      let final = "";
      try {
        for await (const part of await answer.stream({ input, history: soFar }, config)) {
          if (part.channel === "final") final += part.text;
          yield part;
        }
      } finally {
        if (final !== "") await history.addMessage(new AIMessage(final));
      }
    },
    (parts) => ({
      channel: "final",
      text: parts.map(({ channel, text }) => (channel === "final" ? text : "")).join(""),
    }),
  );
}
