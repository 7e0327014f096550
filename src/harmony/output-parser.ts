import { isBaseMessage, type BaseMessage } from "@langchain/core/messages";
import { BaseTransformOutputParser } from "@langchain/core/output_parsers";
import type { HarmonyEvent } from "./message.ts";
import { HarmonyParser } from "./parser.ts";
import { purposeOf } from "./summarize.ts";

/** A piece of a completion's text and the channel it belongs to. Text without a channel is part of the answer. */
export interface HarmonyPart {
  readonly channel: "analysis" | "commentary" | "final";
  readonly text: string;
}

/** Reads one completion from whatever a model class gives: raw harmony text, or text whose channels are already apart. */
class PartReader {
  readonly #parser = new HarmonyParser();

  read(chunk: string | BaseMessage): HarmonyPart[] {
    if (typeof chunk === "string" || !isBaseMessage(chunk)) return partsOf(this.#parser.push(String(chunk)));
    return [
      ...reasoningOf(chunk).map((text) => ({ channel: "analysis" as const, text })),
      ...partsOf(this.#parser.push(chunk.text)),
    ];
  }

  end(): HarmonyPart[] {
    return partsOf(this.#parser.end());
  }
}

const CHANNEL_OF = { final: "final", reasoning: "analysis", preamble: "commentary" } as const;

function partsOf(events: readonly HarmonyEvent[]): HarmonyPart[] {
  return events.flatMap((event) => {
    if (event.type !== "content-delta") return [];
    const purpose = purposeOf(event);
    return purpose === "tool-call" || purpose === "other" ? [] : [{ channel: CHANNEL_OF[purpose], text: event.text }];
  });
}

/** Reasoning that a server has split off: llama-server's and SGLang's `reasoning_content`, vLLM's `reasoning`, or content blocks. */
function reasoningOf(message: BaseMessage): string[] {
  const { reasoning_content: content, reasoning } = message.additional_kwargs;
  const blocks = typeof message.content === "string" ? [] : message.content;
  const fromBlocks = blocks.map((block) => (block.type === "reasoning" ? block["reasoning"] : undefined));
  return [content ?? reasoning, ...fromBlocks].filter(
    (text): text is string => typeof text === "string" && text !== "",
  );
}

/** Gives `{ channel, text }` parts as they come: analysis, commentary without a recipient, and the answer. */
export class HarmonyPartsParser extends BaseTransformOutputParser<HarmonyPart> {
  static override lc_name(): string {
    return "HarmonyPartsParser";
  }

  lc_namespace = ["langchain-gpt-oss", "harmony"];

  /** The answer alone, as one part: the shape of a whole that does not stream. */
  override parse(text: string): Promise<HarmonyPart> {
    const reader = new PartReader();
    const final = [...reader.read(text), ...reader.end()].filter(({ channel }) => channel === "final");
    return Promise.resolve({ channel: "final", text: final.map((part) => part.text).join("") });
  }

  override getFormatInstructions(): string {
    return "";
  }

  /** One reader a run: state never passes from one run to another. */
  override async *_transform(input: AsyncGenerator<string | BaseMessage>): AsyncGenerator<HarmonyPart> {
    const reader = new PartReader();
    for await (const chunk of input) yield* reader.read(chunk);
    yield* reader.end();
  }
}

/** A LangChain output parser that gives the answer: the text of the final channel, as it streams. */
export class HarmonyOutputParser extends BaseTransformOutputParser<string> {
  static override lc_name(): string {
    return "HarmonyOutputParser";
  }

  lc_namespace = ["langchain-gpt-oss", "harmony"];

  override async parse(text: string): Promise<string> {
    return (await new HarmonyPartsParser().parse(text)).text;
  }

  override getFormatInstructions(): string {
    return "";
  }

  override async *_transform(input: AsyncGenerator<string | BaseMessage>): AsyncGenerator<string> {
    for await (const part of new HarmonyPartsParser()._transform(input)) {
      if (part.channel === "final") yield part.text;
    }
  }

  /** The same, with the other channels: a parser that gives `{ channel, text }` parts. */
  withReasoning(): HarmonyPartsParser {
    return new HarmonyPartsParser();
  }
}
