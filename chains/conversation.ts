import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk } from "@langchain/core/messages";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import {
  createChatPrompt,
  createStreamingRunnable,
  type HarmonyPart,
  loadPrompt,
  type Memory,
  type MemoryOutput,
  type Prompt,
  type ResumedTurn,
} from "../src/index.ts";
import { joinSystemMessages } from "../src/memory/history.ts";
import { MessageReader, partsOf, textsOf } from "../src/model/part-reader.ts";
import { memoryBySession, type SessionMemoryOptions } from "./session-memory.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** Options for `createConversation`. Give a memory with a budget where a conversation may outgrow the context. */
export interface ConversationOptions extends SessionMemoryOptions {
  readonly model: BaseChatModel;
  /** Default: prompts/chat.md. Its one variable is `input`. */
  readonly prompt?: Prompt;
  /** A system message before the prompt's own, taken as it is. */
  readonly system?: string | undefined;
  /** Called with the model's message when it is whole: its tokens and times are in it. */
  readonly onMessage?: ((message: AIMessageChunk) => void) | undefined;
  /** The first question was asked before and its answer interrupted; the answer is continued. Only its rest is streamed. */
  readonly resume?: ResumedTurn | undefined;
}

/**
 * A chat that remembers. Question and answer go into the history of the session that `configurable.sessionId` names; an answer that is
 * cut short is stored as far as it came. Streams the answer's text.
 */
export function createConversation(options: ConversationOptions): Runnable<TextInput, string> {
  const answer = answerWith(options);
  return createStreamingRunnable({
    name: "conversation",
    generate: (input, config) => textsOf(answer(input, config)),
  });
}

/** The same chat, streaming every channel as `{ channel, text }`: the thinking and the preambles too. Invoked, it gives the answer. */
export function createConversationChannels(options: ConversationOptions): Runnable<TextInput, HarmonyPart> {
  const answer = answerWith(options);
  return createStreamingRunnable({
    name: "conversation",
    generate: (input, config) => partsOf(answer(input, config)),
  });
}

/**
 * The same chat, streaming message chunks as ChatGptOss does: the answer as text, the thinking and the preamble in `additional_kwargs`,
 * tokens and times at the end.
 */
export function createConversationMessages(options: ConversationOptions): Runnable<TextInput, AIMessageChunk> {
  return createStreamingRunnable({ name: "conversation", generate: answerWith(options) });
}

function answerWith({ model, prompt = loadPrompt("chat"), system, onMessage, resume, ...stored }: ConversationOptions) {
  const memoryOf = memoryBySession(stored);
  const template = createChatPrompt(prompt, system);
  let resumed = resume;
  return async function* (input: TextInput, config: RunnableConfig): AsyncGenerator<AIMessageChunk> {
    const { from, lead } = resumed ?? {};
    resumed = undefined;
    const memory = await memoryOf(config);
    const callConfig = from === undefined ? config : { ...config, resumeFrom: from };
    const ask = async function* (question: MemoryOutput) {
      const sent = joinSystemMessages(await template.formatMessages(question));
      const reader = new MessageReader({ lead });
      let whole: AIMessageChunk | undefined;
      // not stream(), which reads a piece ahead of what is shown
      for await (const output of model.transform(only(sent), callConfig)) {
        void memory.meter.invoke(output);
        for (const chunk of reader.read(output)) {
          if (onMessage) whole = whole?.concat(chunk) ?? chunk;
          yield chunk;
        }
      }
      for (const chunk of reader.end()) {
        if (onMessage) whole = whole?.concat(chunk) ?? chunk;
        yield chunk;
      }
      if (whole !== undefined) onMessage?.(whole);
    };
    const partialAnswer = from?.channel === "final" ? from.text : "";
    yield* rememberAnswer({ memory, ask, answerIn: ({ text }) => text, partialAnswer }, inputText(input), config);
  };
}

/** A chain, the memory around it, and how to read its output. */
export interface ChainWithMemoryOptions<Output> {
  readonly memory: Memory;
  /** Takes the question as `input` and what is sent of the conversation as `history`. */
  readonly chain: Runnable<MemoryOutput, Output>;
  /** The text of the answer in a piece of the chain's output; empty for anything else. */
  readonly answerIn: (piece: Output) => string;
}

/**
 * Puts a memory around a chain: the question goes into the history and comes to the chain with the window; the answer goes into the
 * history as it streams, also when it is cut short.
 */
export function createChainWithMemory<Output>({
  memory,
  chain,
  answerIn,
}: ChainWithMemoryOptions<Output>): Runnable<TextInput, Output> {
  return createStreamingRunnable<TextInput, Output>({
    name: "remembering",
    generate: (input, config) => {
      const ask = (question: MemoryOutput) => chain.transform(only(question), config);
      return rememberAnswer({ memory, ask, answerIn }, inputText(input), config);
    },
  });
}

interface RememberedAnswer<Output> {
  readonly memory: Memory;
  readonly ask: (question: MemoryOutput) => AsyncGenerator<Output>;
  readonly answerIn: (piece: Output) => string;
  /** The beginning of an answer that is continued. */
  readonly partialAnswer?: string;
}

/** One question, its answer, and both in the memory. */
async function* rememberAnswer<Output>(
  { memory, ask, answerIn, partialAnswer = "" }: RememberedAnswer<Output>,
  input: string,
  config: RunnableConfig,
): AsyncGenerator<Output> {
  const question = await memory.invoke({ input }, config);
  const answer = memory.beginAnswer();
  if (partialAnswer !== "") answer.add(partialAnswer);
  let complete = false;
  try {
    for await (const piece of ask(question)) {
      const text = answerIn(piece);
      if (text !== "") answer.add(text);
      yield piece;
    }
    complete = config.signal?.aborted !== true;
  } finally {
    await answer.end(complete);
  }
}

/** A stream of one value. */
async function* only<Value>(value: Value): AsyncGenerator<Value> {
  yield await Promise.resolve(value);
}
