import type { BaseMessage, AIMessage, ContentBlock } from "@langchain/core/messages";
import type { HarmonyMessage } from "../harmony/index.ts";
import type { WrittenCall } from "../inference/call-header.ts";
import type { AnswerTimings, AnswerTokens, ContentPart, Truncation } from "../inference/answer-part.ts";

/** The provider that messages of ChatGptOss name; LangChain's content blocks are chosen by it. */
export const PROVIDER = "gpt-oss";

/**
 * Ends the arguments of a call that are not JSON. LangChain completes JSON as far as it can when chunks are joined, so that a call which was
 * cut off would be made with half its arguments; no completion makes JSON of this, inside a string or outside.
 */
export const CUT_MARK = String.raw`\…\…`;

/** What ChatGptOss adds to a message's `response_metadata`. */
export interface GptOssMetadata {
  readonly model_provider: typeof PROVIDER;
  readonly model_name?: string;
  /** The same, as LangChain's standard tests expect it. */
  readonly model?: string;
  /** stop, length or tool_calls. */
  readonly finish_reason?: string;
  readonly timings?: AnswerTimings;
  /** What the answer's tokens were spent on; not there where the server does not say how many there were. */
  readonly tokens?: AnswerTokens;
  readonly cut?: Truncation;
  /** The stop sequence of the user's that ended the answer; it is not part of the answer. */
  readonly stop_sequence?: string;
  /** The model was asked twice and gave neither text nor call. */
  readonly empty_answer?: "nothing" | "analysis-only";
  /** The calls as the model wrote them, for the next request: another form would make the server process them again. */
  readonly written_calls?: readonly WrittenCall[];
  /** What came, and how it was read; only with the option `harmony`. */
  readonly harmony?: { readonly raw: string; readonly messages: readonly HarmonyMessage[] };
}

/** The analysis of a message, wherever LangChain keeps it. */
export function getReasoning(message: BaseMessage): string {
  const kept = message.additional_kwargs["reasoning_content"];
  if (typeof kept === "string" && kept !== "") return kept;
  if (typeof message.content === "string") return "";
  return message.content
    .map((block) => (block.type === "reasoning" && typeof block["reasoning"] === "string" ? block["reasoning"] : ""))
    .join("");
}

/** What the model told the user before it called a tool. */
export function getPreamble(message: BaseMessage): string {
  const { preamble } = message.response_metadata as { preamble?: unknown };
  const kept = message.additional_kwargs["preamble"] ?? preamble;
  return typeof kept === "string" ? kept : "";
}

/** What the tokens of a message of ChatGptOss were spent on. */
export function tokensOf(message: BaseMessage): AnswerTokens | undefined {
  return (message.response_metadata as Partial<GptOssMetadata>).tokens;
}

/** How fast a message of ChatGptOss came. */
export function getTimings(message: BaseMessage): AnswerTimings | undefined {
  return (message.response_metadata as Partial<GptOssMetadata>).timings;
}

type Translate = (message: AIMessage) => ContentBlock.Standard[];

/** LangChain keeps the translators of all providers in one map, shared by all copies of its core. */
interface TranslatorRegistry {
  lc_block_translators_registry?: Map<string, { translateContent: Translate; translateContentChunk: Translate }>;
}

/**
 * Standard content blocks: the thinking, what was said before a call, the answer, the calls. A preamble is not a text block, since
 * LangChain takes all of those for the answer. (Nor may `message.text` be asked here, which is made of these blocks.)
 */
function translate(message: AIMessage): ContentBlock.Standard[] {
  const [reasoning, preamble, text] = [getReasoning(message), getPreamble(message), textOf(message)];
  return [
    ...(reasoning === "" ? [] : [{ type: "reasoning" as const, reasoning }]),
    ...(preamble === "" ? [] : [{ type: "non_standard" as const, value: { type: "preamble", text: preamble } }]),
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...(message.tool_calls ?? []).map(({ id, name, args }) => ({ type: "tool_call" as const, id, name, args })),
  ];
}

function textOf({ content }: AIMessage): string {
  if (typeof content === "string") return content;
  return content
    .map((block) => (block.type === "text" && typeof block["text"] === "string" ? block["text"] : ""))
    .join("");
}

/** Blocks of the same place grow together when chunks are joined. */
const PLACES = { reasoning: 0, preamble: 1, text: 2, firstCall: 3 };

/** A part of an answer as a standard content block, to which later parts are added. */
export function blockOf(part: ContentPart): ContentBlock {
  if (part.type === "text") {
    const { channel, text } = part;
    if (channel === "final") return { type: "text", text, index: PLACES.text };
    if (channel === "analysis") return { type: "reasoning", reasoning: text, index: PLACES.reasoning };
    return { type: "non_standard", value: { type: "preamble", text }, index: PLACES.preamble };
  }
  const index = PLACES.firstCall + part.index;
  if (part.type === "tool-arguments") return { type: "tool_call_chunk", args: part.text, index };
  return { type: "tool_call_chunk", id: part.id, name: part.name, args: "", index };
}

/** Teaches LangChain to give `message.contentBlocks` for messages of ChatGptOss. */
export function registerContentBlocks(): void {
  const registry = (globalThis as TranslatorRegistry).lc_block_translators_registry;
  registry?.set(PROVIDER, { translateContent: translate, translateContentChunk: translate });
}
