import { ensureConfig, getCallbackManagerForConfig, type RunnableConfig } from "@langchain/core/runnables";

/** The two ways in which a runnable can let a stream through. */
export interface StreamWays<Output> {
  /** LangChain's, which tells callbacks and tracers. */
  readonly observed: (config: RunnableConfig) => AsyncGenerator<Output>;
  /** The same stream alone. */
  readonly bare: (config: RunnableConfig) => AsyncGenerator<Output>;
}

/**
 * Streams past LangChain's bookkeeping where nobody listens. To tell a tracer what went in and what came out, LangChain joins every piece
 * to those before it and enters an async context for each, in every stage of a chain: with a fast model that is most of what a stage costs.
 */
export async function* unlessObserved<Output>(
  options: Partial<RunnableConfig> | undefined,
  { observed, bare }: StreamWays<Output>,
): AsyncGenerator<Output> {
  const config = ensureConfig(options);
  yield* (await getCallbackManagerForConfig(config)) === undefined ? bare(config) : observed(config);
}
