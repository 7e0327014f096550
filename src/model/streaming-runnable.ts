import type { CallbackManagerForChainRun } from "@langchain/core/callbacks/manager";
import { patchConfig, Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { concat } from "@langchain/core/utils/stream";
import { LinkedSignal } from "../platform/linked-signal.ts";
import { withoutTracing } from "./tracing.ts";

/** Options for `createStreamingRunnable`. */
export interface StreamingRunnableOptions<Input, Output> {
  /** The name of its runs in traces and events. */
  readonly name: string;
  /**
   * Yields the outputs for one input. Pass `config` to everything that you call: it belongs to this run, and its signal aborts when the
   * caller's does and when the reader of the stream leaves.
   */
  readonly generate: (input: Input, config: RunnableConfig) => AsyncGenerator<Output>;
  /** Makes the output of `invoke`. Default: all that `generate` yields, joined. */
  readonly invoke?: (input: Input, config: RunnableConfig) => Promise<Output>;
  /** The output where `generate` yields nothing. */
  readonly empty?: Output;
  /**
   * How outputs become one, for `invoke`, for tracers and for the next step of a chain. `joined` (default): by LangChain's rules, as text,
   * lists and message chunks are. `replaced`: each output takes the place of the one before, as a growing object does.
   */
  readonly outputs?: "joined" | "replaced";
}

/**
 * Creates a runnable from an async generator. `stream` gives what it yields; `invoke` gives the same, joined. When the reader leaves, or a
 * signal aborts, the generator ends: its `finally` blocks run, and what it was waiting for is aborted. (RunnableLambda takes generators
 * too, but never runs the `finally` of one that its reader has left.)
 */
export function createStreamingRunnable<Input, Output>(
  options: StreamingRunnableOptions<Input, Output>,
): Runnable<Input, Output> {
  return new StreamingRunnable(options);
}

/** The class behind `createStreamingRunnable`, for runnables that need to be a class. */
export class StreamingRunnable<Input, Output> extends Runnable<Input, Output> {
  lc_namespace = ["langchain-gpt-oss", "runnables"];
  override lc_serializable = false;
  readonly #options: StreamingRunnableOptions<Input, Output>;

  constructor(options: StreamingRunnableOptions<Input, Output>) {
    super();
    this.name = options.name;
    this.#options = options;
  }

  static override lc_name(): string {
    return "StreamingRunnable";
  }

  override async invoke(input: Input, options?: Partial<RunnableConfig>): Promise<Output> {
    return await this._callWithConfig(
      async (value: Input, config, run) => {
        const { invoke } = this.#options;
        if (invoke !== undefined) return await invoke(value, configOfChildren(config ?? {}, run));
        const outputs = this.#outputs(onlyValue(value), run, config ?? {});
        return await joined(outputs, (first, second) => this._concatOutputChunks(first, second));
      },
      input,
      withoutTracing(options),
    );
  }

  override _streamIterator(input: Input, options?: Partial<RunnableConfig>): AsyncGenerator<Output> {
    return endedByLeaving(options?.signal, (signal) => this.transform(onlyValue(input), { ...options, signal }));
  }

  override async *transform(inputs: AsyncGenerator<Input>, options: Partial<RunnableConfig>): AsyncGenerator<Output> {
    yield* this._transformStreamWithConfig(
      inputs,
      (values, run, config) => this.#outputs(values, run, config ?? {}),
      withoutTracing(options),
    );
  }

  /** @internal */
  override _concatOutputChunks<Chunk>(first: Chunk, second: Chunk): Chunk {
    return this.#options.outputs === "replaced" ? second : super._concatOutputChunks(first, second);
  }

  /** What is yielded for all of the input, with what LangChain does not do: the generator and its run end however the reading ends. */
  async *#outputs(
    inputs: AsyncGenerator<Input>,
    run: CallbackManagerForChainRun | undefined,
    config: Partial<RunnableConfig>,
  ): AsyncGenerator<Output> {
    const { generate, empty, outputs } = this.#options;
    const generator = generate(await joined(inputs, joinInput), configOfChildren(config, run));
    const yielded = outputs === "replaced" ? replacingOutputs(generator) : generator;
    let isWaiting = false;
    let isEmpty = true;
    let ending: Promise<void> | undefined;
    const leave = async () => {
      await yielded.return(undefined).catch(() => undefined);
      await endRun(run, config.signal);
    };
    // a generator that waits for its reader does not notice the signal
    const end = () => {
      if (isWaiting) ending = leave();
      else yielded.return(undefined).catch(() => undefined);
    };
    config.signal?.addEventListener("abort", end, { once: true });
    try {
      for await (const output of yielded) {
        isEmpty = false;
        isWaiting = true;
        yield output;
        isWaiting = false;
      }
      config.signal?.throwIfAborted();
      if (isEmpty && empty !== undefined) yield empty;
      ending = Promise.resolve();
    } catch (error) {
      ending ??= Promise.resolve();
      throw error;
    } finally {
      config.signal?.removeEventListener("abort", end);
      await (ending ?? endRun(run, config.signal));
    }
  }
}

/** A stream of one value. */
async function* onlyValue<Value>(value: Value): AsyncGenerator<Value> {
  yield await Promise.resolve(value);
}

async function joined<Value>(
  values: AsyncIterable<Value>,
  join: (first: Value, second: Value) => Value,
): Promise<Value> {
  let whole: { value: Value } | undefined;
  for await (const value of values) whole = { value: whole === undefined ? value : join(whole.value, value) };
  return whole?.value as Value;
}

/** The input may arrive in pieces, from the step before in a chain. */
function joinInput<Input>(first: Input, second: Input): Input {
  return concat(first as never, second as never) as Input;
}

/** The run's own id and name are not those of the runs inside it. */
function configOfChildren(
  config: Partial<RunnableConfig>,
  run: CallbackManagerForChainRun | undefined,
): Partial<RunnableConfig> {
  const { runId: _id, runName: _name, ...children } = patchConfig(config, { callbacks: run?.getChild() });
  return children;
}

/** Ends a run whose reader has left. LangChain leaves it open; if it ends it after all, nothing more is reported. */
async function endRun(run: CallbackManagerForChainRun | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (run === undefined) return;
  await run.handleChainError(signal?.reason ?? new DOMException("The reader left.", "AbortError"));
  run.handleChainEnd = () => Promise.resolve();
  run.handleChainError = () => Promise.resolve();
}

/**
 * Makes each output take the place of the one before when LangChain's `concat` joins a stream: it asks objects for a method of
 * that name. Whatever can't have one (lists, text, objects with a property of that name) is only given out as the last output.
 */
async function* replacingOutputs<Output>(outputs: AsyncGenerator<Output>): AsyncGenerator<Output> {
  let held: { readonly output: Output } | undefined;
  for await (const output of outputs) {
    held = undefined;
    if (isReplaceable(output)) yield output;
    else held = { output };
  }
  if (held !== undefined) yield held.output;
}

const replacedBy = <Next>(next: Next): Next => next;

function isReplaceable(output: unknown): boolean {
  if (typeof output !== "object" || output === null || Array.isArray(output)) return false;
  if ("concat" in output) return output.concat === replacedBy;
  if (!Object.isExtensible(output)) return false;
  Object.defineProperty(output, "concat", { value: replacedBy });
  return true;
}

/**
 * Hands a signal to a generator that is aborted when its reader leaves. A generator that waits for its next value takes note of
 * `return()` only when that has come, which with a slow server may be minutes later; a signal reaches what it waits for at once.
 *
 * @param generate makes the generator; the signal is the reader's own too, if there is one
 */
export function endedByLeaving<Value>(
  signal: AbortSignal | undefined,
  generate: (signal: AbortSignal) => AsyncGenerator<Value>,
): AsyncGenerator<Value> {
  let linked: LinkedSignal | undefined;
  const generator = (async function* () {
    using own = new LinkedSignal(signal);
    linked = own;
    yield* generate(own.signal);
  })();
  const leave = generator.return.bind(generator);
  generator.return = async (value) => {
    linked?.abort();
    return await leave(value);
  };
  return generator;
}
