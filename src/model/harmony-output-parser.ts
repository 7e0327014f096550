import { BaseTransformOutputParser } from "@langchain/core/output_parsers";
import type { ChatGeneration, Generation } from "@langchain/core/outputs";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { HarmonyOptions } from "../harmony/parser.ts";
import { type HarmonyPart, harmonyPart, type ModelOutput, PartReader } from "./part-reader.ts";

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
  override async *_transform(pieces: AsyncGenerator<ModelOutput>): AsyncGenerator<Output> {
    const reader = new PartReader(this.#options);
    let hasAnswer = false;
    const note = ({ channel }: HarmonyPart) => (hasAnswer ||= channel === "final");
    for await (const piece of pieces) {
      for (const part of reader.read(piece)) {
        note(part);
        yield* this.outputsOf(part);
      }
    }
    for (const part of reader.end()) {
      note(part);
      yield* this.outputsOf(part);
    }
    // what is streamed adds up to what `invoke` returns: an answer, if only an empty one
    if (!hasAnswer) yield this.outputOf("");
  }

  /** `stream()` of a whole text or message gives its parts, as it does of pieces. */
  override async *_streamIterator(output: ModelOutput, config?: Partial<RunnableConfig>): AsyncGenerator<Output> {
    yield* this.transform(alone(output), config ?? {});
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
export class HarmonyChannelOutputParser extends HarmonyTransformParser<HarmonyPart> {
  static override lc_name(): string {
    return "HarmonyPartsParser";
  }

  protected override outputsOf(part: HarmonyPart): HarmonyPart[] {
    return [part];
  }

  protected override outputOf(final: string): HarmonyPart {
    return harmonyPart("final", final);
  }
}

/** A LangChain output parser that gives the answer, the text of the final channel, as it streams. */
export class HarmonyOutputParser extends HarmonyTransformParser<string> {
  static override lc_name(): string {
    return "HarmonyOutputParser";
  }

  /** The same completion with its other channels: a parser that gives `{ channel, text }` parts. */
  withReasoning(): HarmonyChannelOutputParser {
    return new HarmonyChannelOutputParser(this.options);
  }

  protected override outputsOf({ channel, text }: HarmonyPart): string[] {
    return channel === "final" ? [text] : [];
  }

  protected override outputOf(final: string): string {
    return final;
  }
}
