import { type Runnable, type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";

/**
 * A runnable from an async generator: `stream` gives what it yields as it comes, `invoke` everything joined.
 * RunnableLambda does this at run time, which its type does not say.
 */
export function streaming<Input, Output>(
  generate: (input: Input, config: RunnableConfig) => AsyncGenerator<Output>,
): Runnable<Input, Output> {
  return RunnableLambda.from<Input, AsyncGenerator<Output>>(generate) as unknown as Runnable<Input, Output>;
}
