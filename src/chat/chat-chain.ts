import type { StructuredToolInterface } from "@langchain/core/tools";
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
  /** Offered to the model. */
  readonly tools: readonly StructuredToolInterface[];
  readonly strategy: Strategy;
  readonly longMessages: "refuse" | "cut";
  readonly budget: Budget | undefined;
  readonly onNotice: (sentence: string, wording: Reason) => void;
}

/** The memory of a conversation, made anew whenever what stands in the prompt changes. */
export function memoryOf(options: ChatChainOptions): Memory {
  const { model, conversation, prompt, settings, tools, strategy, longMessages, budget, onNotice } = options;
  return createMemory({
    history: conversation.history,
    model,
    prompt: chatPromptOf(prompt, settings.system),
    tools,
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
