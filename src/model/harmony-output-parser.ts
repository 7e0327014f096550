import { BaseTransformOutputParser } from "@langchain/core/output_parsers";
import type { ChatGeneration, Generation } from "@langchain/core/outputs";
import { type RunnableConfig, ensureConfig, getCallbackManagerForConfig } from "@langchain/core/runnables";
import type { HarmonyOptions } from "../harmony/parser.ts";
import { type HarmonyPart, type ModelOutput, PartReader } from "./part-reader.ts";

/** What both parsers have in common: one reader a run, so that no state passes from one run to another. */
abstract class HarmonyTransformParser<Output> extends BaseTransformOutputParser<Output> {
  lc_namespace = ["langchain-gpt-oss", "harmony"];
  readonly #options: HarmonyOptions;

  constructor(options: HarmonyOptions = {}) {
    super(options);
    this.#options = options;
  }

  protected get options(): HarmonyOptions {
    return this.#options;
  }

  /** The outputs that one piece of a completion gives. */
  protected abstract outputsOf(part: HarmonyPart): Output[];

  /** The output for a completion that does not stream. */
  protected abstract outputOf(final: string): Output;

  override _type(): string {
    return "harmony";
  }

  override getFormatInstructions(): string {
    return "";
  }

  override parse(text: string): Promise<Output> {
    return Promise.resolve(this.#parseWhole(text));
  }

  /** The base class would give blocks of content to `parse` as JSON. */
  override parseResult(generations: Generation[] | ChatGeneration[]): Promise<Output> {
    const generation = generations[0];
    if (generation === undefined) return this.parse("");
    return Promise.resolve(this.#parseWhole("message" in generation ? generation.message : generation.text));
  }

  /** The base class would read each piece on its own. */
  override async *_transform(outputs: AsyncGenerator<ModelOutput>): AsyncGenerator<Output> {
    yield* this.#read(outputs);
  }

  override async *transform(
    outputs: AsyncGenerator<ModelOutput>,
    options: Partial<RunnableConfig>,
  ): AsyncGenerator<Output> {
    yield* unlessObserved(options, {
      bare: () => this.#read(outputs),
      observed: (config) => super.transform(outputs, config),
    });
  }

  async *#read(outputs: AsyncGenerator<ModelOutput>): AsyncGenerator<Output> {
    const reader = new PartReader(this.#options);
    for await (const output of outputs) yield* this.#outputsOf(reader.read(output));
    yield* this.#outputsOf(reader.end());
  }

  /** `stream()` of a whole text or message gives its parts, as it does of pieces. */
  override async *_streamIterator(output: ModelOutput, config?: Partial<RunnableConfig>): AsyncGenerator<Output> {
    yield* this.transform(alone(output), config ?? {});
  }

  #outputsOf(parts: readonly HarmonyPart[]): Output[] {
    return parts.flatMap((part) => this.outputsOf(part));
  }

  #parseWhole(output: ModelOutput): Output {
    const reader = new PartReader(this.#options);
    const parts = [...reader.read(output), ...reader.end()];
    return this.outputOf(parts.map(({ channel, text }) => (channel === "final" ? text : "")).join(""));
  }
}

async function* alone(output: ModelOutput): AsyncGenerator<ModelOutput> {
  yield await Promise.resolve(output);
}

/** Gives `{ channel, text }` parts as they come: analysis, commentary that no tool gets, and the answer. Invoked without streaming, the answer. */
export class HarmonyPartsParser extends HarmonyTransformParser<HarmonyPart> {
  static override lc_name(): string {
    return "HarmonyPartsParser";
  }

  protected override outputsOf(part: HarmonyPart): HarmonyPart[] {
    return [part];
  }

  protected override outputOf(final: string): HarmonyPart {
    return { channel: "final", text: final };
  }
}

/** A LangChain output parser that gives the answer, the text of the final channel, as it streams. */
export class HarmonyOutputParser extends HarmonyTransformParser<string> {
  static override lc_name(): string {
    return "HarmonyOutputParser";
  }

  /** The same completion with its other channels: a parser that gives `{ channel, text }` parts. */
  withReasoning(): HarmonyPartsParser {
    return new HarmonyPartsParser(this.options);
  }

  protected override outputsOf({ channel, text }: HarmonyPart): string[] {
    return channel === "final" ? [text] : [];
  }

  protected override outputOf(final: string): string {
    return final;
  }
}

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
