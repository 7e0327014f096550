import type { Runnable } from "@langchain/core/runnables";
import { createStreamingRunnable } from "../src/index.ts";
import { inParallel } from "./parallel.ts";

/** The chains to compare. */
export interface ComparisonOptions<Input> {
  /** By name: the same chain with another prompt, model or effort, for example. */
  readonly variants: Readonly<Record<string, Runnable<Input, string>>>;
  /** Variants at once; 1 by default, so that their times can be compared. */
  readonly concurrency?: number;
}

/** What one variant made of the input. */
export interface Comparison {
  readonly variant: string;
  /** Its answer; empty when it failed. */
  readonly text: string;
  readonly seconds: number;
  readonly failure?: unknown;
}

/**
 * Gives the same input to several variants: a look at what changes, before an experiment counts it. A variant that fails does not end
 * the others. Streams each comparison as a list of one, so that the pieces add up to the list that `invoke` returns.
 */
export function createComparison<Input>({
  variants,
  concurrency = 1,
}: ComparisonOptions<Input>): Runnable<Input, Comparison[]> {
  return createStreamingRunnable<Input, Comparison[]>({
    name: "compare",
    empty: [],
    async *generate(input, config) {
      const work = async ([variant, chain]: [string, Runnable<Input, string>], signal: AbortSignal) => {
        const began = performance.now();
        const seconds = () => (performance.now() - began) / 1_000;
        try {
          return { variant, text: await chain.invoke(input, { ...config, signal }), seconds: seconds() };
        } catch (failure) {
          if (config.signal?.aborted) throw failure;
          return { variant, text: "", seconds: seconds(), failure };
        }
      };
      for await (const comparison of inParallel(Object.entries(variants), concurrency, work, config.signal)) {
        yield [comparison];
      }
    },
  });
}
