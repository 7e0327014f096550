import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import type { Memory, MemoryOutput } from "../src/index.ts";
import { alone, StreamingChain } from "./streaming.ts";
import { inputText, type TextInput } from "./text-input.ts";

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
