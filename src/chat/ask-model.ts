import type { AIMessage, AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { createToolAgentMessages } from "../../chains/agent.ts";
import { createConversationMessages } from "../../chains/conversation.ts";
import type { TextInput } from "../../chains/text-input.ts";
import type { Effort } from "../config/effort.ts";
import type { Memory } from "../memory/memory.ts";
import type { TokenCounter } from "../memory/token-counter.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import type { Prompt } from "../prompts/prompts.ts";
import type { OnToolEvent } from "../tools/agent-guard.ts";
import type { AnswerPart } from "./answer.ts";
import type { ResumeOptions } from "./resume.ts";
import { type StreamedAnswer, streamAnswer } from "./stream-answer.ts";

/** The settings that a user can change during a chat. */
export interface ChatSettings {
  readonly effort?: Effort | undefined;
  readonly system?: string | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  /** Tokens. */
  readonly maxTokens?: number | undefined;
  readonly seed?: number | undefined;
}

/** A model that is ready to answer, and what is known about its server. */
export interface OpenedModel {
  readonly model: ChatGptOss;
  /** Tokens of one conversation. */
  readonly contextSize: number | undefined;
  /** Tokens of it that are reserved for an answer. */
  readonly room: number;
  /** Undefined where the server counts no tokens. */
  readonly counter: TokenCounter | undefined;
  /** It has our chat template, which can resume inside an answer. */
  readonly canContinue: boolean;
}

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly onPart: (part: AnswerPart) => void;
}

export interface ReadyModel {
  readonly model: ChatGptOss;
  readonly memory: Memory;
}

export interface AskModelOptions extends AskOptions {
  /** The tools that the model may call. */
  readonly tools: readonly StructuredToolInterface[];
  readonly onToolEvent: OnToolEvent;
  readonly question: string;
  readonly prompt: Prompt;
  readonly settings: ChatSettings;
  /** `YYYY-MM-DD`, as the prompt gives it to the model. */
  readonly currentDate: string;
  /** The model may still be loading. */
  readonly ready: Promise<ReadyModel>;
  /** Calls that were answered before this turn was interrupted, with their results. */
  readonly calls: readonly BaseMessage[];
  readonly continuation: ResumeOptions | undefined;
}

export interface AskedModel {
  readonly answer: StreamedAnswer;
  /** Resolves when all of the turn is stored; an interruption does not wait for that. */
  readonly stored: Promise<void>;
}

/** One turn, by the chains `createConversation` and `createToolAgent`: they store the question, and each piece of the answer before it is shown. */
export async function askModel(options: AskModelOptions): Promise<AskedModel> {
  const { question, signal, onPart, continuation, ready } = options;
  const { begun } = continuation ?? {};
  ready.catch(() => undefined);
  // the partial answer is drawn again, so that its tables and code are complete
  if (begun?.thinking) onPart({ type: "thinking", text: begun.thinking });
  if (begun?.text) onPart({ type: "text", text: begun.text });
  const answer = await streamAnswer({
    question,
    signal,
    onPart,
    begun,
    open: async (onMessage) => await chainOf(options, await ready, onMessage).stream(question, { signal }),
  });
  // a turn that was never asked has nothing to store; its answer says why
  const stored = ready.then(
    async ({ memory }) => await memory.stored(),
    () => undefined,
  );
  if (answer.outcome !== "interrupted") await stored;
  return { answer, stored };
}

/** The chain that answers this turn. With tools, the agent reports each of the model's messages to `onMessage`. */
function chainOf(
  { tools, onToolEvent, prompt, settings, currentDate, calls, continuation, onPart }: AskModelOptions,
  { model, memory }: ReadyModel,
  onMessage: (message: AIMessage) => void,
): Runnable<TextInput, AIMessageChunk> {
  const bound = model.withConfig({
    ...callOptionsOf(settings),
    currentDate,
    onProgress: ({ processed, total }) => {
      onPart({ type: "progress", processed, total });
    },
  });
  const { from, lead } = continuation ?? {};
  const isResumed = calls.length > 0 || continuation !== undefined;
  const turn = {
    model: bound,
    prompt,
    system: settings.system,
    memory,
    resume: isResumed ? { calls, from, lead } : undefined,
  };
  return tools.length === 0 && calls.length === 0
    ? createConversationMessages(turn)
    : createToolAgentMessages({ ...turn, tools, onToolEvent, onMessage });
}

/** What one request says beyond the model's own defaults. */
export function callOptionsOf({ effort, temperature, topP, maxTokens, seed }: ChatSettings) {
  return {
    ...(effort !== undefined && { effort }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(seed !== undefined && { seed }),
    ...((temperature !== undefined || topP !== undefined) && {
      sampling: { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }) },
    }),
  };
}
