import type { BaseMessage } from "@langchain/core/messages";
import { type HarmonyEvent, purposeOf } from "../harmony/format.ts";
import { HarmonyParser, type HarmonyOptions } from "../harmony/parser.ts";

/** A piece of a completion's text and the channel it belongs to. Text without a channel is part of the answer. */
export interface HarmonyPart {
  readonly channel: "analysis" | "commentary" | "final";
  readonly text: string;
}

/** What an output parser reads: a model's text, or its message or message chunk. */
export type ModelOutput = string | BaseMessage;

const CHANNEL_OF = { final: "final", reasoning: "analysis", preamble: "commentary" } as const;

/**
 * Reads one completion from whatever a model class gives: raw harmony text, or text whose channels a server or a model class has
 * split off already. Once reasoning comes apart from the text, the text is the answer and its markers are only mentioned in it.
 */
export class PartReader {
  readonly #parser: HarmonyParser;
  #isSplit = false;

  constructor(options?: HarmonyOptions) {
    this.#parser = new HarmonyParser(options);
  }

  read(output: ModelOutput): HarmonyPart[] {
    if (typeof output === "string") return this.#readText(output);
    const { content, additional_kwargs: extra, response_metadata: metadata } = output;
    // ChatGptOss has told the channels apart already
    if ((metadata as { model_provider?: unknown }).model_provider === "gpt-oss") this.#isSplit = true;
    const parts = this.#readReasoning(extra["reasoning_content"] ?? extra["reasoning"]);
    const { preamble } = extra;
    if (typeof preamble === "string" && preamble !== "") parts.push({ channel: "commentary", text: preamble });
    if (typeof content === "string") return [...parts, ...this.#readText(content)];
    return [...parts, ...content.flatMap((block) => this.#readBlock(block))];
  }

  end(): HarmonyPart[] {
    return partsOf(this.#parser.end());
  }

  #readText(text: string): HarmonyPart[] {
    if (text === "") return [];
    return this.#isSplit ? [{ channel: "final", text }] : partsOf(this.#parser.push(text));
  }

  #readBlock(block: { readonly type?: unknown; readonly [field: string]: unknown }): HarmonyPart[] {
    if (block.type === "reasoning") return this.#readReasoning(block["reasoning"]);
    const { text } = block;
    return block.type === "text" && typeof text === "string" ? this.#readText(text) : [];
  }

  #readReasoning(reasoning: unknown): HarmonyPart[] {
    if (typeof reasoning !== "string" || reasoning === "") return [];
    const before = this.#isSplit ? [] : this.end();
    this.#isSplit = true;
    return [...before, { channel: "analysis", text: reasoning }];
  }
}

function partsOf(events: readonly HarmonyEvent[]): HarmonyPart[] {
  const parts: HarmonyPart[] = [];
  for (const event of events) {
    if (event.type !== "content-delta") continue;
    const purpose = purposeOf(event);
    if (purpose !== "tool-call" && purpose !== "other") parts.push({ channel: CHANNEL_OF[purpose], text: event.text });
  }
  return parts;
}
