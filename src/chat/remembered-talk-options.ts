import type { GptOssError, Reason } from "../errors.ts";
import type { Strategy } from "../memory/memory-options.ts";
import type { Prompt } from "../prompts.ts";
import type { SwitchableTools } from "../tools/index.ts";
import type { Agent } from "./ask-model.ts";
import type { Conversation } from "./conversation.ts";
import type { KeptConversations } from "./kept-conversations.ts";
import type { OpenedModel } from "./opened-model.ts";
import type { TalkSettings } from "./talk.ts";

/** What a talk that remembers is made of. */
export interface RememberedTalkOptions {
  readonly conversation: Conversation;
  readonly kept: KeptConversations;
  readonly prompts: { readonly plain: Prompt; readonly withTools: Prompt };
  readonly settings: TalkSettings;
  readonly strategy: Strategy;
  readonly longMessages: "refuse" | "cut";
  /** Opens a model; the one of the settings when no name is given. */
  readonly open: (name?: string) => Promise<OpenedModel>;
  /** Told when it is known which model answers in a conversation. */
  readonly begin: (conversation: Conversation, opened: OpenedModel, prompt: Prompt) => void;
  readonly onNotice: (sentence: string, wording: Reason) => void;
  /** Told of each tool of a resumed conversation that can't be had any more. */
  readonly onLostTool: (failure: GptOssError) => void;
  /** Told once in a conversation, before anything of it is dropped. */
  readonly onNearlyFull: (percent: number, turns: number) => void;
  /** Answers instead of the model alone, where a tool is on. */
  readonly agent: Agent;
  readonly tools: SwitchableTools;
}
