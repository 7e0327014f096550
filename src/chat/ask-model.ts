import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import { type AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { Reason } from "../errors/errors.ts";
import { type AnswerKeeper, joinSystemMessages } from "../memory/history.ts";
import type { Budget, Strategy } from "../memory/memory-options.ts";
import { type Memory, createMemory } from "../memory/memory.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import type { HarmonyPart } from "../model/part-reader.ts";
import { chatPromptOf, type Prompt } from "../prompts/prompts.ts";
import type { ResumedTurn } from "../tools/index.ts";
import type { AskOptions, ChatSettings } from "./chat-session.ts";
import type { Conversation } from "./conversation.ts";
import type { ResumeOptions } from "./resume.ts";
import { type StreamedAnswer, streamAnswer } from "./stream-answer.ts";

/** Answers with tools; it keeps question, calls and answer by itself. */
export type Agent = (options: {
  readonly model: ChatGptOss;
  readonly prompt: Prompt;
  /** The user's own system message. */
  readonly system: string | undefined;
  readonly history: BaseListChatMessageHistory;
  readonly memory: Memory;
  readonly resume: ResumedTurn | undefined;
  readonly onMessage: (message: AIMessage) => void;
}) => Runnable<string, HarmonyPart>;

export interface AskModelOptions extends AskOptions {
  /** Answers instead of the model alone. */
  readonly agent: Agent | undefined;
  readonly history: BaseListChatMessageHistory;
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

/** One turn: the question goes into the memory, then to the model; the answer is kept piece by piece before it is shown. */
export async function askModel(options: AskModelOptions): Promise<AskedModel> {
  const { question, signal, onPart, continuation } = options;
  const { begun } = continuation ?? {};
  // an agent puts it in itself
  const lead = options.agent === undefined ? continuation?.lead : undefined;
  const opening = open(options);
  opening.catch(() => undefined);
  let keeper: AnswerKeeper | undefined;
  let closing: Promise<unknown> = Promise.resolve();
  // what stands of an answer that goes on is shown again, so that tables and code come out whole
  if (begun?.thinking) onPart({ type: "thinking", text: begun.thinking });
  if (begun?.text) onPart({ type: "text", text: begun.text });
  const answer = await streamAnswer({
    question,
    signal,
    onPart,
    begun,
    lead,
    onClosing: (ending) => {
      closing = ending;
    },
    keep: (text) => keeper?.add(text),
    open: async (endMessage) => {
      const opened = await opening;
      ({ keeper } = opened);
      return await opened.stream(endMessage);
    },
  });
  const kept = keep(opening, closing, answer.outcome === "answered");
  if (answer.outcome !== "interrupted") await kept;
  return { answer, kept };
}

async function keep(
  opening: Promise<{ readonly keeper: AnswerKeeper | undefined }>,
  closing: Promise<unknown>,
  isComplete: boolean,
): Promise<void> {
  // a turn that was never asked has nothing to keep; why, its answer says
  const opened = await opening.catch(() => undefined);
  await opened?.keeper?.end(isComplete);
  await closing;
}

interface OpenedTurn {
  readonly keeper: AnswerKeeper | undefined;
  readonly stream: (endMessage: (message: AIMessage) => void) => Promise<AsyncIterable<AIMessageChunk>>;
}

/** The parts of an agent's answer in the shape of a model's. */
async function* chunksOf(parts: AsyncIterable<HarmonyPart>): AsyncGenerator<AIMessageChunk> {
  for await (const { channel, text } of parts) {
    if (channel === "final") yield new AIMessageChunk(text);
    else if (channel === "analysis")
      yield new AIMessageChunk({ content: "", additional_kwargs: { reasoning_content: text } });
    else yield new AIMessageChunk({ content: "", additional_kwargs: { preamble: text } });
  }
}

/** Puts the question into the memory, and makes ready to ask it. */
async function open(options: AskModelOptions): Promise<OpenedTurn> {
  const { settings, currentDate, onPart, ready, agent } = options;
  const { model, memory } = await ready;
  const bound = model.withConfig({
    ...callOptionsOf(settings),
    currentDate,
    onProgress: ({ processed, total }) => {
      onPart({ type: "progress", processed, total });
    },
  });
  return agent === undefined
    ? await openModelTurn(options, bound, memory)
    : openAgentTurn({ ...options, agent }, bound, memory);
}

async function openModelTurn(options: AskModelOptions, model: ChatGptOss, memory: Memory): Promise<OpenedTurn> {
  const { question, prompt, settings, signal, continuation } = options;
  const asked = await memory.invoke({ input: question }, { signal });
  const keeper = memory.beginAnswer();
  if (continuation?.begun.text) keeper.add(continuation.begun.text);
  const chain = chatPromptOf(prompt, settings.system)
    .pipe((value) => joinSystemMessages(value.toChatMessages()))
    .pipe(continuation ? model.withConfig({ resumeFrom: continuation.from }) : model)
    .pipe(memory.meter);
  const stream = async () => (await chain.stream(asked, { signal })) as AsyncIterable<AIMessageChunk>;
  return { keeper, stream };
}

/** The agent keeps question, calls and answer by itself. */
function openAgentTurn(
  { agent, question, prompt, settings, signal, history, calls, continuation }: AskModelOptions & { agent: Agent },
  model: ChatGptOss,
  memory: Memory,
): OpenedTurn {
  const { from, lead } = continuation ?? {};
  const isResumed = calls.length > 0 || continuation !== undefined;
  const resume = isResumed ? { calls, from, lead } : undefined;
  const { system } = settings;
  return {
    keeper: undefined,
    stream: async (onMessage) => {
      const answering = agent({ model, prompt, system, history, memory, resume, onMessage });
      return chunksOf(await answering.stream(question, { signal }));
    },
  };
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
  readonly onNotice: (sentence: string, wording: Reason) => void;
}

/** The memory of a conversation. A change of the system prompt, the tools or the effort creates a new one. */
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
