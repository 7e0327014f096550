import { type CallHeader, withWrittenForm } from "../inference/call-header.ts";
import type { ChatMessage, ToolCall } from "../inference/messages.ts";

/** What is remembered of a call. */
export interface RememberedCall {
  /** The analysis before it. */
  readonly reasoning: string;
  /** As the model wrote them. */
  readonly arguments: string;
  /** In the form in which the model wrote it; undefined where the server does not pass it on. */
  readonly header?: CallHeader | undefined;
}

/** Characters of everything that is remembered. */
const MAX_CHARACTERS = 8_000_000;
const MAX_CALLS = 5_000;

/**
 * The thinking of tool loops that are open. Most clients drop it, and the model plans worse without it. A client may also write the
 * arguments of a call in another way, and no API has the form of its header. Without both, the model server would process the call again.
 *
 * A call is found by its client's key and its id, which the gateway makes from 144 random bits. A client that renumbers its calls finds
 * nothing, and never another client's thinking.
 */
export class ThinkingMemory {
  readonly #calls = new Map<string, RememberedCall>();
  readonly #maxCharacters: number;
  #characters = 0;

  constructor(maxCharacters = MAX_CHARACTERS) {
    this.#maxCharacters = maxCharacters;
  }

  get characters(): number {
    return this.#characters;
  }

  remember(client: string, callId: string, call: RememberedCall): void {
    const key = keyOf(client, callId);
    this.#drop(key);
    this.#calls.set(key, call);
    this.#characters += sizeOf(call);
    for (const oldest of this.#calls.keys()) {
      if (this.#characters <= this.#maxCharacters && this.#calls.size <= MAX_CALLS) break;
      this.#drop(oldest);
    }
  }

  recall(client: string, callId: string): RememberedCall | undefined {
    const key = keyOf(client, callId);
    const call = this.#calls.get(key);
    // what is used stays longest
    if (call !== undefined && this.#calls.delete(key)) this.#calls.set(key, call);
    return call;
  }

  /** Adds to a call what is known only at the end of the answer. */
  addHeader(client: string, callId: string, header: CallHeader): void {
    const call = this.recall(client, callId);
    if (call !== undefined) this.remember(client, callId, { ...call, header });
  }

  forget(client: string, callId: string): void {
    this.#drop(keyOf(client, callId));
  }

  /** A conversation with the thinking of its open tool loop. That of finished loops is forgotten: no prompt contains it again. */
  restore(client: string, messages: readonly ChatMessage[]): ChatMessage[] {
    const lastAnswer = messages.findLastIndex(
      ({ role, toolCalls = [] }) => role === "assistant" && toolCalls.length === 0,
    );
    return messages.map((message, position) => {
      const { toolCalls = [], reasoning } = message;
      if (toolCalls.length === 0) return message;
      const restored = toolCalls.map((call) => this.#restoreForm(client, call));
      if (position < lastAnswer) {
        for (const { id } of toolCalls) this.#forgetReasoning(client, id);
        return { ...message, toolCalls: restored };
      }
      const [remembered] = toolCalls.flatMap(({ id }) => this.recall(client, id) ?? []);
      const thinking = reasoning === undefined || reasoning === "" ? remembered?.reasoning : reasoning;
      return { ...message, toolCalls: restored, ...(thinking && { reasoning: thinking }) };
    });
  }

  #restoreForm(client: string, call: ToolCall): ToolCall {
    return withWrittenForm(call, this.recall(client, call.id));
  }

  #forgetReasoning(client: string, callId: string): void {
    const call = this.recall(client, callId);
    if (call !== undefined && call.reasoning !== "") this.remember(client, callId, { ...call, reasoning: "" });
  }

  #drop(key: string): void {
    const call = this.#calls.get(key);
    if (call === undefined) return;
    this.#calls.delete(key);
    this.#characters -= sizeOf(call);
  }
}

function keyOf(client: string, callId: string): string {
  return `${client}\n${callId}`;
}

function sizeOf(call: RememberedCall): number {
  return call.reasoning.length + call.arguments.length;
}
