import { AIMessageChunk, type BaseMessage, convertToChunk } from "@langchain/core/messages";
import { type HarmonyEvent, getHarmonyPurpose } from "../harmony/format.ts";
import { HarmonyParser, type HarmonyOptions } from "../harmony/parser.ts";
import { getPreamble, PROVIDER, getReasoning } from "./read-message.ts";

/** A piece of a completion's text and the channel it belongs to. Text without a channel is part of the answer. */
export interface HarmonyPart {
  readonly channel: "analysis" | "commentary" | "final";
  readonly text: string;
}

/** Joins two parts. If one is answer text, only answer text remains, so that a joined stream equals what `invoke` returns. */
class JoinedPart implements HarmonyPart {
  readonly channel: HarmonyPart["channel"];
  readonly text: string;

  constructor(channel: HarmonyPart["channel"], text: string) {
    this.channel = channel;
    this.text = text;
  }

  /** LangChain joins objects by a method of this name. */
  concat(next: HarmonyPart): HarmonyPart {
    if (next.channel === this.channel) return new JoinedPart(this.channel, this.text + next.text);
    return this.channel === "final" ? this : harmonyPart(next.channel, next.text);
  }
}

/** A part that LangChain can join with others. */
export function harmonyPart(channel: HarmonyPart["channel"], text: string): HarmonyPart {
  return new JoinedPart(channel, text);
}

/** What an output parser reads: a model's text, or its message or message chunk. */
export type ModelOutput = string | BaseMessage;

interface Metadata {
  readonly model_provider?: unknown;
}

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
    if ((metadata as Metadata).model_provider === PROVIDER) this.#isSplit = true;
    const parts = this.#readReasoning(extra["reasoning_content"] ?? extra["reasoning"]);
    const { preamble } = extra;
    if (typeof preamble === "string" && preamble !== "") parts.push(harmonyPart("commentary", preamble));
    if (typeof content === "string") return [...parts, ...this.#readText(content)];
    // a message may say the thinking in both places
    const blocks = parts.length > 0 ? content.filter(({ type }) => type !== "reasoning") : content;
    return [...parts, ...blocks.flatMap((block) => this.#readBlock(block))];
  }

  end(): HarmonyPart[] {
    return partsOfEvents(this.#parser.end());
  }

  #readText(text: string): HarmonyPart[] {
    if (text === "") return [];
    return this.#isSplit ? [harmonyPart("final", text)] : partsOfEvents(this.#parser.push(text));
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
    return [...before, harmonyPart("analysis", reasoning)];
  }
}

function partsOfEvents(events: readonly HarmonyEvent[]): HarmonyPart[] {
  const parts: HarmonyPart[] = [];
  for (const event of events) {
    if (event.type !== "content-delta") continue;
    const purpose = getHarmonyPurpose(event);
    if (purpose !== "tool-call" && purpose !== "other") parts.push(harmonyPart(CHANNEL_OF[purpose], event.text));
  }
  return parts;
}

/**
 * Reads one answer of any model class as message chunks in the form of ChatGptOss: the answer as text, the thinking and the preamble in
 * `additional_kwargs`. What ChatGptOss itself gives is handed on as it is.
 */
export class MessageReader {
  readonly #parts: PartReader;
  #lead: string;

  /** @param lead whitespace that belongs before the first piece, unless it begins with some */
  constructor({ lead = "", ...options }: HarmonyOptions & { readonly lead?: string | undefined } = {}) {
    this.#parts = new PartReader(options);
    this.#lead = lead;
  }

  read(output: ModelOutput): AIMessageChunk[] {
    if (typeof output === "string") return this.#led(this.#parts.read(output).map(chunkOf));
    if ((output.response_metadata as Metadata).model_provider === PROVIDER) return this.#led([asChunk(output)]);
    const chunks = this.#parts.read(output).map(chunkOf);
    const rest = restOf(asChunk(output));
    const last = chunks.pop();
    if (rest !== undefined) chunks.push(last?.concat(rest) ?? rest);
    else if (last !== undefined) chunks.push(last);
    return this.#led(chunks);
  }

  end(): AIMessageChunk[] {
    return this.#led(this.#parts.end().map(chunkOf));
  }

  #led(chunks: AIMessageChunk[]): AIMessageChunk[] {
    if (this.#lead === "") return chunks;
    const first = chunks.findIndex((chunk) => chunk.text !== "" || getReasoning(chunk) !== "");
    const chunk = chunks[first];
    if (chunk === undefined) return chunks;
    const lead = this.#lead;
    this.#lead = "";
    const channel = getReasoning(chunk) === "" ? "final" : "analysis";
    if (/^\s/.test(getReasoning(chunk) || chunk.text)) return chunks;
    return chunks.toSpliced(first, 0, chunkOf({ channel, text: lead }));
  }
}

function chunkOf({ channel, text }: HarmonyPart): AIMessageChunk {
  const response_metadata = { model_provider: PROVIDER };
  if (channel === "final") return new AIMessageChunk({ content: text, response_metadata });
  const additional_kwargs = channel === "analysis" ? { reasoning_content: text } : { preamble: text };
  return new AIMessageChunk({ content: "", additional_kwargs, response_metadata });
}

function asChunk(message: BaseMessage): AIMessageChunk {
  return AIMessageChunk.isInstance(message) ? message : (convertToChunk(message) as AIMessageChunk);
}

/** What a message says beside its text and its thinking: calls, usage, metadata. */
function restOf(message: AIMessageChunk): AIMessageChunk | undefined {
  const { id, tool_call_chunks = [], usage_metadata, response_metadata } = message;
  if (tool_call_chunks.length === 0 && usage_metadata === undefined && response_metadata["finish_reason"] === undefined)
    return undefined;
  return new AIMessageChunk({
    ...(id !== undefined && { id }),
    content: "",
    tool_call_chunks,
    ...(usage_metadata && { usage_metadata }),
    response_metadata: { ...response_metadata, model_provider: PROVIDER },
  });
}

/** The view `{ channel, text }` of message chunks in the form of ChatGptOss; an empty answer at the end where there was none. */
export async function* partsOf(chunks: AsyncIterable<AIMessageChunk>): AsyncGenerator<HarmonyPart> {
  let hasAnswer = false;
  for await (const chunk of chunks) {
    const [analysis, commentary, final] = [getReasoning(chunk), getPreamble(chunk), chunk.text];
    hasAnswer ||= final !== "";
    if (analysis !== "") yield harmonyPart("analysis", analysis);
    if (commentary !== "") yield harmonyPart("commentary", commentary);
    if (final !== "") yield harmonyPart("final", final);
  }
  if (!hasAnswer) yield harmonyPart("final", "");
}

/** The text of the answer alone; empty at the end where there was none. */
export async function* textsOf(chunks: AsyncIterable<AIMessageChunk>): AsyncGenerator<string> {
  let hasAnswer = false;
  for await (const { text } of chunks) {
    if (text === "") continue;
    hasAnswer = true;
    yield text;
  }
  if (!hasAnswer) yield "";
}
