import { randomBytes } from "node:crypto";
import { type HarmonyEvent, type HarmonyMessage, HarmonyParser, purposeOf } from "../harmony/index.ts";
import type { ServerKnowledge } from "./server-traits.ts";
import type { WireDelta } from "./wire.ts";

/** A piece of a message, whatever the server made of the model's output. */
export type MessagePiece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** Commentary that no tool gets: what the model tells the user before it calls. */
  | { readonly type: "preamble"; readonly text: string }
  /** A call begins; `index` counts the calls of the message. */
  | { readonly type: "call"; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: "arguments"; readonly index: number; readonly text: string };

export interface IncomingOptions {
  readonly knowledge: ServerKnowledge;
  /** Names of the tools that were offered. */
  readonly tools: readonly string[];
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
  #calls = 0;
  /** Our index of a call by the server's. */
  readonly #callOf = new Map<number, number>();
  #reasoningParts = 0;
  #raw = "";

  constructor({ knowledge, tools, promptEndsWith }: IncomingOptions) {
    this.#knowledge = knowledge;
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

  read({ content, reasoning_content, reasoning, tool_calls }: WireDelta): MessagePiece[] {
    const pieces: MessagePiece[] = [];
    if (reasoning_content) pieces.push(...this.#readReasoning(reasoning_content, "reasoning_content"));
    else if (reasoning) pieces.push(...this.#readReasoning(reasoning, "reasoning"));
    if (content) pieces.push(...this.#readContent(content));
    for (const [position, call] of (tool_calls ?? []).entries()) {
      pieces.push(...this.#readCall(call.index ?? position, call.id, call.function));
    }
    return pieces;
  }

  /** What was held back, at the end of the stream. */
  end(): MessagePiece[] {
    return this.#piecesOf(this.#parser.end());
  }

  #readReasoning(text: string, field: "reasoning_content" | "reasoning"): MessagePiece[] {
    this.#knowledge.sawReasoning(field);
    this.#isSplit = true;
    return [{ type: "reasoning", text }];
  }

  #readContent(text: string): MessagePiece[] {
    this.#raw += text;
    if (!this.#sawContent && this.#isSplit && BEGINS_AS_HARMONY.test(text)) this.#isSplit = false;
    this.#sawContent = true;
    if (this.#isSplit) return [{ type: "text", text }];
    return this.#piecesOf(this.#parser.push(text));
  }

  #readCall(
    serverIndex: number,
    id: string | null | undefined,
    call:
      { readonly name?: string | null | undefined; readonly arguments?: string | null | undefined } | null | undefined,
  ): MessagePiece[] {
    const known = this.#callOf.get(serverIndex);
    const index = known ?? this.#calls++;
    const pieces: MessagePiece[] = [];
    if (known === undefined) {
      this.#callOf.set(serverIndex, index);
      pieces.push({ type: "call", index, id: id ?? newCallId(), name: call?.name ?? "" });
    }
    if (call?.arguments) pieces.push({ type: "arguments", index, text: call.arguments });
    return pieces;
  }

  #piecesOf(events: readonly HarmonyEvent[]): MessagePiece[] {
    return events.flatMap((event): MessagePiece[] => {
      const purpose = purposeOf(event);
      if (event.type === "message-end" || purpose === "other") return [];
      if (event.type === "message-start") return this.#begin(event);
      if (purpose === "tool-call") return [{ type: "arguments", index: this.#calls - 1, text: event.text }];
      return [{ type: purpose === "final" ? "text" : purpose, text: event.text }];
    });
  }

  #begin(event: HarmonyEvent): MessagePiece[] {
    if (event.channel !== undefined) this.#knowledge.sawHarmony();
    const purpose = purposeOf(event);
    if (purpose === "tool-call") {
      const name = (event.recipient ?? "").replace(/^functions\./, "");
      return [{ type: "call", index: this.#calls++, id: newCallId(), name }];
    }
    // several parts of thinking are told apart as everywhere: by a line break
    return purpose === "reasoning" && this.#reasoningParts++ > 0 ? [{ type: "reasoning", text: "\n" }] : [];
  }
}

/** Calls of raw harmony have no id, and LangChain tells results by theirs. */
function newCallId(): string {
  return `call_${randomBytes(12).toString("base64url")}`;
}
