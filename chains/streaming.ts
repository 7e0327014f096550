import { patchConfig, Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { endedByLeaving, unlessObserved, withoutTracing, type HarmonyPart, GptOssError } from "../src/index.ts";

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

/** The text of the final channel in all parts of an answer, as one part. */
export function answerOf(parts: readonly HarmonyPart[]): HarmonyPart {
  return { channel: "final", text: parts.map(({ channel, text }) => (channel === "final" ? text : "")).join("") };
}

/** A chain that streams the answer's text alone, from one that streams every channel. */
export function finalOf<Input>(channels: Runnable<Input, HarmonyPart>): Runnable<Input, string> {
  return new StreamingChain(
    async function* (input, config) {
      // not stream(): a reader who leaves would not wait for what the inner chain puts away then
      for await (const { channel, text } of channels.transform(alone(input), config))
        if (channel === "final") yield text;
    },
    (texts) => texts.join(""),
  );
}

/** What a chain reads: text, alone or under the name that prompts give to a question. */
export type TextInput = string | { readonly input: string };

/** The text of an input. Anything else would reach the model as "[object Object]". */
export function inputText(given: unknown): string {
  const text: unknown =
    typeof given === "object" && given !== null ? (given as { readonly input?: unknown }).input : given;
  if (typeof text === "string") return text;
  throw new GptOssError("usage", "The input of this chain is not text.", {
    hint: 'Pass a string, or an object such as { input: "Hello" }.',
  });
}
