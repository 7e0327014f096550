import { detectLanguage } from "../i18n/language.ts";
import type { OpenedModel } from "../chat/ask-model.ts";
import { localize } from "../i18n/error-messages.ts";
import type { Config } from "../config/config.ts";
import { ServerTokenCounter } from "../memory/token-counter.ts";
import { createChatModel } from "../model/create-chat-model.ts";
import type { CommandContext } from "./command-options.ts";

export interface OpenModelOptions {
  readonly config: Config;
  readonly world: CommandContext;
  /** `YYYY-MM-DD`, told to the model. */
  readonly currentDate: string;
  /** Gives up while the model is being loaded. */
  readonly signal: AbortSignal;
  readonly onLoading: (fraction: number) => void;
  readonly onNotice: (sentence: string) => void;
}

/** Opens the model of the settings, with what the commands that talk to it have to know of its server. */
export async function openModel(options: OpenModelOptions): Promise<OpenedModel> {
  const { config, world, currentDate, signal, onLoading, onNotice } = options;
  const model = await createChatModel({
    ...config,
    environment: world.environment,
    now: new Date(`${currentDate}T12:00`),
    signal,
    onLoading,
    onNotice: ({ message, wording }) => {
      const language = config.lang ?? detectLanguage(world.environment);
      onNotice(wording === undefined ? message : localize(language, wording));
    },
  });
  const { connection, contextSize, canContinue } = model;
  const ready = () => model.ready(signal);
  const counter = new ServerTokenCounter({ ...connection, effort: config.effort, currentDate, ready });
  return {
    model,
    contextSize,
    room: roomForAnswer(contextSize ?? 0, config.maxTokens),
    // a server that does not report its context is not llama-server, and can't count tokens
    counter: contextSize === undefined ? undefined : counter,
    canContinue,
  };
}

/** Tokens: what one answer may have at most if that was said, else a quarter of the context; half of it at most. */
function roomForAnswer(context: number, maxTokens: number | undefined): number {
  return Math.floor(Math.min(maxTokens ?? context / 4, context / 2));
}
