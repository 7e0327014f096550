import type { AIMessage, AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { ToolAgentOptions } from "../../chains/agent.ts";
import { createConversationMessages } from "../../chains/conversation.ts";
import type { TextInput } from "../../chains/text-input.ts";
import type { ErrorDetail } from "../errors/errors.ts";
import type { Budget, Strategy } from "../memory/memory-options.ts";
import { type Memory, createMemory } from "../memory/memory.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import { createChatPrompt, type Prompt } from "../prompts/prompts.ts";
import type { AskOptions, ChatSettings } from "./chat-session.ts";
import type { Conversation } from "./conversation.ts";
import type { ResumeOptions } from "./resume.ts";
import { type StreamedAnswer, streamAnswer } from "./stream-answer.ts";

/** Creates the agent that answers. It has its own tools and reports their calls. */
export type Agent = (options: Omit<ToolAgentOptions, "tools">) => Runnable<TextInput, AIMessageChunk>;

export interface AskModelOptions extends AskOptions {
  /** Answers instead of the model alone. */
  readonly agent: Agent | undefined;
  readonly question: string;
  readonly prompt: Prompt;
  readonly settings: ChatSettings;
  /** `YYYY-MM-DD`, told to the model. */
  readonly currentDate: string;
  /** The model may still be loading. */
  readonly ready: Promise<{ readonly model: ChatGptOss; readonly memory: Memory }>;
  /** Calls that were answered before this turn was interrupted, with their results. */
  readonly calls: readonly BaseMessage[];
  readonly continuation: ResumeOptions | undefined;
}

export interface AskedModel {
  readonly answer: StreamedAnswer;
  /** Resolves when all of the turn is kept; an interruption does not wait for that. */
  readonly kept: Promise<void>;
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
  const kept = ready.then(
    async ({ memory }) => await memory.stored(),
    () => undefined,
  );
  if (answer.outcome !== "interrupted") await kept;
  return { answer, kept };
}

/** The chain that answers this turn: with tools, the agent tells each of the model's messages to `onMessage`. */
function chainOf(
  { agent, prompt, settings, currentDate, calls, continuation, onPart }: AskModelOptions,
  { model, memory }: Awaited<AskModelOptions["ready"]>,
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
  return agent === undefined ? createConversationMessages(turn) : agent({ ...turn, onMessage });
}

export interface ChatChainOptions {
  readonly model: ChatGptOss;
  readonly conversation: Conversation;
  readonly prompt: Prompt;
  readonly settings: ChatSettings;
  /** Offered to the model. */
  readonly tools: readonly StructuredToolInterface[];
  readonly strategy: Strategy;
  readonly longMessages: "refuse" | "cut";
  readonly budget: Budget | undefined;
  readonly onNotice: (sentence: string, wording: ErrorDetail) => void;
}

/** The memory of a conversation. A change of the system prompt, the tools or the effort creates a new one. */
export function memoryOf(options: ChatChainOptions): Memory {
  const { model, conversation, prompt, settings, tools, strategy, longMessages, budget, onNotice } = options;
  return createMemory({
    history: conversation.history,
    model,
    prompt: createChatPrompt(prompt, settings.system),
    tools,
    strategy,
    longMessages,
    budget,
    onNotice,
  });
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
