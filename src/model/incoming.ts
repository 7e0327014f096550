import { type HarmonyEvent, type HarmonyMessage, HarmonyParser, purposeOf } from "../harmony/index.ts";
import { CallReader } from "./call-reader.ts";
import type { MessagePiece } from "./message-piece.ts";
import type { ServerKnowledge } from "./server-traits.ts";
import type { WireDelta } from "./wire.ts";

export interface IncomingOptions {
  readonly knowledge: ServerKnowledge;
  /** Names of the tools that were offered. */
  readonly tools: readonly string[];
  /** Ids of the calls in the conversation, which none of the answer's gets. */
  readonly usedIds?: ReadonlySet<string> | undefined;
  /** Thinking has come before, from an earlier request of the same answer. */
  readonly continuesReasoning?: boolean;
  /** How the prompt ended; defaults to `<|start|>assistant`. */
  readonly promptEndsWith?: string;
}

/** Control tokens at the beginning of a content: what a server has only half parsed goes on as harmony. */
const BEGINS_AS_HARMONY = /^\s*<\|(?:start|channel|message)\|>/;

/**
 * Reads the deltas of one answer: raw harmony, channels that the server has split off, or both mixed, as a server leaves them whose
 * parser gave up half way. Once reasoning has come apart, text is the answer, unless it begins with a control token.
 */
export class IncomingReader {
  readonly #parser: HarmonyParser;
  readonly #knowledge: ServerKnowledge;
  #isSplit = false;
  /** Whether any content has come; only its beginning tells whether it is harmony. */
  #sawContent = false;
  readonly #calls: CallReader;
  /** The call of raw harmony whose arguments are arriving. */
  #rawCall = 0;
  #reasoning: "none" | "open" | "closed" = "none";
  #raw = "";

  constructor({ knowledge, tools, usedIds, continuesReasoning, promptEndsWith }: IncomingOptions) {
    if (continuesReasoning) this.#reasoning = "closed";
    this.#knowledge = knowledge;
    this.#calls = new CallReader({ tools, usedIds });
    this.#parser = new HarmonyParser({ tools, ...(promptEndsWith !== undefined && { promptEndsWith }) });
  }

  /** The messages of the completion as the harmony parser read them; empty when the server has split them all. */
  get messages(): readonly HarmonyMessage[] {
    return this.#parser.messages;
  }

  /** The content as it arrived. */
  get raw(): string {
    return this.#raw;
  }

  /** Text has come that is held back. */
  get isHoldingText(): boolean {
    return this.#parser.isHoldingText;
  }

  read({ content, refusal, reasoning_content, reasoning, tool_calls, function_call }: WireDelta): MessagePiece[] {
    const pieces: MessagePiece[] = [];
    if (reasoning_content) pieces.push(...this.#readReasoning(reasoning_content, "reasoning_content"));
    else if (reasoning) pieces.push(...this.#readReasoning(reasoning, "reasoning"));
    if (content) pieces.push(...this.#readContent(content));
    if (refusal) pieces.push({ type: "text", text: refusal });
    if (tool_calls) pieces.push(...this.#calls.read(tool_calls));
    if (function_call) pieces.push(...this.#calls.read([function_call]));
    return this.#separated(pieces);
  }

  /** What was held back, at the end of the stream. */
  end(): MessagePiece[] {
    return this.#separated([...this.#piecesOf(this.#parser.end()), ...this.#calls.end()]);
  }

  #readReasoning(text: string, field: "reasoning_content" | "reasoning"): MessagePiece[] {
    this.#knowledge.sawReasoning(field);
    this.#isSplit = true;
    return [{ type: "reasoning", text }];
  }

  /** Several parts of thinking are told apart as everywhere: by a line break. An empty piece of it begins a part. */
  #separated(pieces: readonly MessagePiece[]): MessagePiece[] {
    return pieces.flatMap((piece): MessagePiece[] => {
      if (piece.type !== "reasoning" || piece.text === "") {
        if (this.#reasoning === "open") this.#reasoning = "closed";
        return piece.type === "reasoning" ? [] : [piece];
      }
      const isAnotherPart = this.#reasoning === "closed";
      this.#reasoning = "open";
      return [isAnotherPart ? { ...piece, text: `\n${piece.text}` } : piece];
    });
  }

  #readContent(text: string): MessagePiece[] {
    this.#raw += text;
    if (!this.#sawContent && this.#isSplit && BEGINS_AS_HARMONY.test(text)) this.#isSplit = false;
    this.#sawContent = true;
    if (this.#isSplit) return [{ type: "text", text }];
    return this.#piecesOf(this.#parser.push(text));
  }

  #piecesOf(events: readonly HarmonyEvent[]): MessagePiece[] {
    return events.flatMap((event): MessagePiece[] => {
      const purpose = purposeOf(event);
      if (event.type === "message-end" || purpose === "other") return [];
      if (event.type === "message-start") return this.#begin(event);
      if (purpose === "tool-call") return [{ type: "arguments", index: this.#rawCall, text: event.text }];
      return [{ type: purpose === "final" ? "text" : purpose, text: event.text }];
    });
  }

  #begin(event: HarmonyEvent): MessagePiece[] {
    if (event.channel !== undefined) this.#knowledge.sawHarmony();
    const purpose = purposeOf(event);
    if (purpose === "tool-call") {
      const name = (event.recipient ?? "").replace(/^functions\./, "");
      this.#rawCall = this.#calls.nextIndex();
      return [{ type: "call", index: this.#rawCall, id: this.#calls.uniqueId(), name }];
    }
    return purpose === "reasoning" ? [{ type: "reasoning", text: "" }] : [];
  }
}
