import { SystemMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import { createMemory, type Memory } from "../memory/memory.ts";
import type { Budget, Strategy } from "../memory/memory-options.ts";
import { chatPromptOf, type Prompt } from "../prompts.ts";
import type { Conversation } from "./conversation.ts";
import type { TalkSettings } from "./talk.ts";
import type { Reason } from "../errors.ts";

export interface ChatChainOptions {
  readonly model: ChatGptOss;
  readonly conversation: Conversation;
  readonly prompt: Prompt;
  readonly settings: TalkSettings;
  readonly strategy: Strategy;
  readonly longMessages: "refuse" | "cut";
  readonly budget: Budget | undefined;
  readonly onNotice: (sentence: string, wording: Reason) => void;
}

/** The prompt of a chat, with the system message that the user has set in it as it is. */
export function promptWith(prompt: Prompt, system: string | undefined): ChatPromptTemplate {
  const template = chatPromptOf(prompt);
  return system === undefined ? template : ChatPromptTemplate.fromMessages([new SystemMessage(system), template]);
}

/** The memory of a conversation, made anew whenever what stands in the prompt changes. */
export function memoryOf(options: ChatChainOptions): Memory {
  const { model, conversation, prompt, settings, strategy, longMessages, budget, onNotice } = options;
  return createMemory({
    history: conversation.history,
    model,
    prompt: promptWith(prompt, settings.system),
    strategy,
    longMessages,
    budget,
    onNotice,
  });
}

/** What one request says beyond the model's own defaults. */
export function callOptionsOf({ effort, temperature, topP, maxTokens, seed }: TalkSettings) {
  return {
    ...(effort !== undefined && { effort }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(seed !== undefined && { seed }),
    ...((temperature !== undefined || topP !== undefined) && {
      sampling: { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }) },
    }),
  };
}
