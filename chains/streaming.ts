import { patchConfig, Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { endedByLeaving, unlessObserved, withoutTracing } from "../src/index.ts";

/** What a chain does with one input: yields its outputs as they come. */
export type Generate<Input, Output> = (input: Input, config: RunnableConfig) => AsyncGenerator<Output>;

/**
 * A runnable from an async generator: `stream` gives what it yields as it comes, `invoke` all of it through `join`.
 * RunnableLambda takes generators too, but leaves one standing when its reader stops early: its `finally` never runs.
 */
export class StreamingChain<Input, Output> extends Runnable<Input, Output> {
  static override lc_name(): string {
    return "StreamingChain";
  }

  lc_namespace = ["langchain-gpt-oss", "chains"];
  readonly #generate: Generate<Input, Output>;
  readonly #join: (outputs: Output[]) => Output;

  constructor(generate: Generate<Input, Output>, join: (outputs: Output[]) => Output) {
    super();
    this.#generate = generate;
    this.#join = join;
  }

  override async invoke(input: Input, options?: Partial<RunnableConfig>): Promise<Output> {
    return await this._callWithConfig(
      async (value: Input, config, run) => {
        const outputs: Output[] = [];
        const inner = patchConfig(config, { callbacks: run?.getChild() });
        for await (const output of this.#generate(value, inner)) outputs.push(output);
        return this.#join(outputs);
      },
      input,
      withoutTracing(options),
    );
  }

  override _streamIterator(input: Input, options?: Partial<RunnableConfig>): AsyncGenerator<Output> {
    return endedByLeaving(options?.signal, (signal) => this.transform(alone(input), { ...options, signal }));
  }

  override async *transform(inputs: AsyncGenerator<Input>, options: Partial<RunnableConfig>): AsyncGenerator<Output> {
    const generate = this.#generate;
    const each = async function* (values: AsyncGenerator<Input>, config: RunnableConfig) {
      for await (const value of values) yield* generate(value, config);
    };
    yield* unlessObserved<Output>(withoutTracing(options), {
      bare: (config) => each(inputs, config),
      observed: (observedConfig) =>
        this._transformStreamWithConfig(
          inputs,
          (values, run, config) => each(values, patchConfig(config, { callbacks: run?.getChild() })),
          observedConfig,
        ),
    });
  }
}

/** A stream of one value. */
export async function* alone<Value>(value: Value): AsyncGenerator<Value> {
  yield await Promise.resolve(value);
}
