import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import type { Config } from "../config/config.ts";
import { GptOssError } from "../errors.ts";
import { createMemory, type Memory } from "../memory/memory.ts";
import { STRATEGIES, type Strategy } from "../memory/memory-options.ts";
import { ServerTokenCounter } from "../memory/token-counter.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import { chatPromptOf, type Prompt } from "../prompts.ts";

export interface MemoryFlags {
  readonly memory?: string;
  readonly cutLong?: boolean;
}

interface ChatMemoryOptions {
  readonly model: ChatGptOss;
  readonly history: BaseListChatMessageHistory;
  readonly prompt: Prompt;
  readonly config: Config;
  readonly flags: MemoryFlags;
  readonly currentDate: string;
  readonly onNotice: (sentence: string) => void;
}

/** @throws GptOssError `usage` that names the strategies */
export function strategyOf({ memory }: MemoryFlags): Strategy {
  const strategy = STRATEGIES.find((name) => name === (memory ?? "summary"));
  if (strategy !== undefined) return strategy;
  throw new GptOssError("usage", `--memory is ${JSON.stringify(memory)}: it can be ${STRATEGIES.join(", ")}.`);
}

/** The memory of a chat. On a server that is no llama-server nobody counts tokens: everything is sent there. */
export function chatMemory(options: ChatMemoryOptions): Memory {
  const { model, history, prompt, config, flags, currentDate, onNotice } = options;
  const context = model.contextSize;
  const counter = new ServerTokenCounter({ ...model.connection, effort: config.effort, currentDate });
  return createMemory({
    history,
    model,
    prompt: chatPromptOf(prompt),
    strategy: strategyOf(flags),
    budget: context === undefined ? undefined : { context, room: roomForAnswer(context, config.maxTokens), counter },
    longMessages: flags.cutLong ? "cut" : "refuse",
    onNotice,
  });
}

/** Tokens: what one answer may have at most if that was said, else a quarter of the context; half of it at most. */
function roomForAnswer(context: number, maxTokens: number | undefined): number {
  return Math.floor(Math.min(maxTokens ?? context / 4, context / 2));
}
