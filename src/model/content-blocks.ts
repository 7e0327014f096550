import type { AIMessage, ContentBlock } from "@langchain/core/messages";
import type { MessagePiece } from "./message-piece.ts";
import { PROVIDER, preambleOf, reasoningOf } from "./read-message.ts";

type Translate = (message: AIMessage) => ContentBlock.Standard[];

/** LangChain keeps the translators of all providers in one map, shared by all copies of its core. */
interface TranslatorRegistry {
  lc_block_translators_registry?: Map<string, { translateContent: Translate; translateContentChunk: Translate }>;
}

/**
 * Standard content blocks: the thinking, what was said before a call, the answer, the calls. A preamble is no text block, since
 * LangChain takes all of those for the answer. (Nor may `message.text` be asked here, which is made of these blocks.)
 */
function translate(message: AIMessage): ContentBlock.Standard[] {
  const [reasoning, preamble, text] = [reasoningOf(message), preambleOf(message), textOf(message)];
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

/** A piece of an answer as a standard content block, which the pieces after it add to. */
export function blockOf(piece: MessagePiece): ContentBlock {
  const { type } = piece;
  if (type === "reasoning") return { type, reasoning: piece.text, index: PLACES.reasoning };
  if (type === "text") return { type, text: piece.text, index: PLACES.text };
  if (type === "preamble") return { type: "non_standard", value: { type, text: piece.text }, index: PLACES.preamble };
  const index = PLACES.firstCall + piece.index;
  if (type === "arguments") return { type: "tool_call_chunk", args: piece.text, index };
  return { type: "tool_call_chunk", id: piece.id, name: piece.name, args: "", index };
}

/** Teaches LangChain to give `message.contentBlocks` for messages of ChatGptOss. */
export function registerContentBlocks(): void {
  const registry = (globalThis as TranslatorRegistry).lc_block_translators_registry;
  registry?.set(PROVIDER, { translateContent: translate, translateContentChunk: translate });
}
