import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import {
  chatPromptOf,
  HarmonyOutputParser,
  type HarmonyPart,
  joinSystemMessages,
  loadPrompt,
  type Memory,
  type Prompt,
  type MemoryOutput,
} from "../src/index.ts";
import { memoryBySession, type SessionMemoryOptions } from "./session-memory.ts";
import { answerOf, finalOf, StreamingChain, inputText, type TextInput, alone } from "./streaming.ts";

/** Who talks, with which prompt, and where it is kept. Give a memory with a budget where a conversation may outgrow the context. */
export interface ConversationOptions extends SessionMemoryOptions {
  readonly model: BaseChatModel;
  /** Default: prompts/chat.md. Its one variable is `input`. */
  readonly prompt?: Prompt;
}

/**
 * A chat that remembers: prompt with history → model → harmony parser. Question and answer go into the history of the session that
 * `configurable.sessionId` names; an answer that is cut short is kept as far as it came. Streams the answer's text.
 */
export function conversation(options: ConversationOptions): Runnable<TextInput, string> {
  return finalOf(conversationChannels(options));
}

/** The same chat, streaming every channel as `{ channel, text }`: the thinking and the preambles too. Invoked, it gives the answer. */
export function conversationChannels({
  model,
  prompt = loadPrompt("chat"),
  ...kept
}: ConversationOptions): Runnable<TextInput, HarmonyPart> {
  const memoryOf = memoryBySession(kept);
  const chainWith = (memory: Memory) =>
    chatPromptOf(prompt)
      .pipe((value) => joinSystemMessages(value.toChatMessages()))
      .pipe(model)
      .pipe(memory.meter)
      .pipe(new HarmonyOutputParser().withReasoning());
  return new StreamingChain<TextInput, HarmonyPart>(async function* (input, config) {
    const memory = await memoryOf(config);
    yield* rememberAnswer({ memory, chain: chainWith(memory), answerIn: finalText }, inputText(input), config);
  }, answerOf);
}

function finalText({ channel, text }: HarmonyPart): string {
  return channel === "final" ? text : "";
}

/** A chain, the memory around it, and how to read its output. */
export interface RememberingOptions<Output> {
  readonly memory: Memory;
  /** Takes the question as `input` and what is sent of the conversation as `history`. */
  readonly chain: Runnable<MemoryOutput, Output>;
  /** The text of the answer in a piece of the chain's output; empty for anything else. */
  readonly answerIn: (piece: Output) => string;
  /** All pieces as one, for `invoke`. */
  readonly join: (pieces: Output[]) => Output;
}

/**
 * Puts a memory around a chain: the question goes into the history and comes to the chain with the window; the answer goes into the
 * history as it streams, also when it is cut short.
 */
export function remembering<Output>(options: RememberingOptions<Output>): Runnable<TextInput, Output> {
  const { join } = options;
  return new StreamingChain<TextInput, Output>(
    (input, config) => rememberAnswer(options, inputText(input), config),
    join,
  );
}

/** One question, its answer, and both in the memory. */
export async function* rememberAnswer<Output>(
  { memory, chain, answerIn }: Omit<RememberingOptions<Output>, "join">,
  input: string,
  config: RunnableConfig,
): AsyncGenerator<Output> {
  const question = await memory.invoke({ input }, config);
  const answer = memory.beginAnswer();
  let complete = false;
  try {
    for await (const piece of chain.transform(alone(question), config)) {
      const text = answerIn(piece);
      if (text !== "") answer.add(text);
      yield piece;
    }
    complete = config.signal?.aborted !== true;
  } finally {
    await answer.end(complete);
  }
}
