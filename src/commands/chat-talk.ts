import type { Messages } from "../chat/language/index.ts";
import { describeFailure } from "../chat/describe-failure.ts";
import { Conversation } from "../chat/conversation.ts";
import { KeptConversations } from "../chat/kept-conversations.ts";
import { RememberedTalk } from "../chat/remembered-talk.ts";
import type { Config } from "../config/config.ts";
import { sessionsFolder } from "../memory/session-folder.ts";
import { loadPrompt } from "../prompts.ts";
import { strategyOf, type MemoryFlags } from "./chat-memory.ts";
import { openChatSession, type SessionFlags } from "./chat-session.ts";
import { openModel } from "./open-model.ts";
import { openTools } from "./chat-toolbox.ts";
import type { ChatConsole } from "./chat-console.ts";
import type { World } from "./world.ts";
import { phraseIn, sentencesOf } from "../failures/failure.ts";

export interface OpenTalkOptions {
  readonly flags: SessionFlags & MemoryFlags & { readonly tools?: string };
  /** Where tools are shown and asked about. */
  readonly console: ChatConsole;
  readonly config: Config;
  readonly world: World;
  readonly messages: Messages;
  readonly signal: AbortSignal;
  readonly onLoading: (fraction: number) => void;
  readonly onNotice: (sentence: string) => void;
  readonly onNearlyFull: (percent: number, turns: number) => void;
}

/** Opens the conversation that the flags name and begins to open the model. */
export async function openTalk(options: OpenTalkOptions): Promise<RememberedTalk> {
  const { flags, config, world, signal, onLoading, onNotice, onNearlyFull } = options;
  strategyOf(flags);
  const onUnsaved = (failure: unknown) => {
    onNotice(options.messages.notKept(describeFailure(failure, options.messages.language)));
  };
  const session = await openChatSession(flags, world, options.messages, onUnsaved);
  const { agent, tools } = await openTools(options, session.tools);
  const conversation = new Conversation(session.history, session.currentDate);
  return new RememberedTalk({
    conversation,
    kept: new KeptConversations(sessionsFolder(world.environment), flags.save !== false, onUnsaved),
    prompts: { plain: loadPrompt("chat"), withTools: loadPrompt("agent") },
    settings: { effort: config.effort },
    strategy: strategyOf(flags),
    longMessages: flags.cutLong ? "cut" : "refuse",
    open: (name) =>
      openModel({
        config: name === undefined ? config : { ...config, model: name },
        world,
        currentDate: conversation.currentDate,
        signal,
        onLoading,
        onNotice,
      }),
    begin: (begun, { model, contextSize }, prompt) => {
      begun.begin({
        model: model.model,
        prompt: prompt.name,
        settings: { effort: config.effort, currentDate: begun.currentDate, context: contextSize },
      });
    },
    onNotice: (_sentence, wording) => {
      onNotice(phraseIn(options.messages.language, wording));
    },
    onLostTool: (failure) => {
      onNotice(sentencesOf(failure, options.messages.language).message);
    },
    onNearlyFull,
    agent,
    tools,
  });
}
