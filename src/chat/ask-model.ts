import type { BaseListChatMessageHistory } from "@langchain/core/chat_history";
import { AIMessageChunk } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import type { HarmonyPart } from "../harmony/index.ts";
import type { AnswerKeeper } from "../memory/answer-keeper.ts";
import type { Memory } from "../memory/memory.ts";
import { joinSystemMessages } from "../memory/system-messages.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import type { Prompt } from "../prompts.ts";
import { callOptionsOf, promptWith } from "./chat-chain.ts";
import type { Continuation } from "./continuation.ts";
import { type StreamedAnswer, streamAnswer } from "./stream-answer.ts";
import type { AskOptions, TalkSettings } from "./talk.ts";

/** Answers with tools; it keeps question, calls and answer by itself. */
export type Agent = (options: {
  readonly model: ChatGptOss;
  readonly prompt: Prompt;
  readonly history: BaseListChatMessageHistory;
  readonly memory: Memory;
}) => Runnable<string, HarmonyPart>;

export interface AskModelOptions extends AskOptions {
  /** Answers instead of the model alone. */
  readonly agent: Agent | undefined;
  readonly history: BaseListChatMessageHistory;
  readonly question: string;
  readonly prompt: Prompt;
  readonly settings: TalkSettings;
  /** The model may still be loading. */
  readonly ready: Promise<{ readonly model: ChatGptOss; readonly memory: Memory }>;
  readonly continuation: Continuation | undefined;
}

export interface AskedModel {
  readonly answer: StreamedAnswer;
  /** Resolves when all of the turn is kept; an interruption does not wait for that. */
  readonly kept: Promise<void>;
}

/** One turn: the question goes into the memory, then to the model; the answer is kept piece by piece before it is shown. */
export async function askModel(options: AskModelOptions): Promise<AskedModel> {
  const { question, signal, onPart, continuation } = options;
  const { begun, lead } = continuation ?? {};
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
    open: async () => {
      const opened = await opening;
      ({ keeper } = opened);
      return await opened.stream();
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
  readonly stream: () => Promise<AsyncIterable<AIMessageChunk>>;
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
  const { question, ready, prompt, settings, signal, onPart, continuation, agent, history } = options;
  const { model, memory } = await ready;
  if (agent !== undefined) {
    const own = settings.system === undefined ? prompt : { ...prompt, system: settings.system };
    const answering = agent({ model: model.withConfig(callOptionsOf(settings)), prompt: own, history, memory });
    return { keeper: undefined, stream: async () => chunksOf(await answering.stream(question, { signal })) };
  }
  const asked = await memory.invoke({ input: question }, { signal });
  const keeper = memory.beginAnswer();
  if (continuation?.begun.text) keeper.add(continuation.begun.text);
  const bound = model.withConfig({
    ...callOptionsOf(settings),
    ...(continuation && { continueFrom: continuation.from }),
    onProgress: ({ processed, total }) => {
      onPart({ type: "progress", processed, total });
    },
  });
  const chain = promptWith(prompt, settings.system)
    .pipe((value) => joinSystemMessages(value.toChatMessages()))
    .pipe(bound)
    .pipe(memory.meter);
  const stream = async () => (await chain.stream(asked, { signal })) as AsyncIterable<AIMessageChunk>;
  return { keeper, stream };
}
