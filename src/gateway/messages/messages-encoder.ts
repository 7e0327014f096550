import { randomBytes } from "node:crypto";
import type { AnswerEnd } from "../../inference/answer-part.ts";
import type { AnswerEvent } from "../answer-events.ts";
import { anthropicErrorBody, type ApiError } from "../api-error.ts";
import { serverSentEvent } from "../event-stream.ts";
import type { ModelEncoder } from "../model-api.ts";
import { tokenCounts } from "../token-counts.ts";

export interface MessagesEncoderOptions {
  readonly model: string;
  readonly showsThinking: boolean;
}

type Block =
  | { readonly type: "thinking"; thinking: string; readonly signature: string }
  | { readonly type: "text"; text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; input: unknown };

/** Anthropic's signature proves that thinking is unchanged. Clients send it back; nobody here checks it. */
const SIGNATURE = "gpt-oss";

/** An answer as Anthropic's Messages. */
export class MessagesEncoder implements ModelEncoder {
  readonly #options: MessagesEncoderOptions;
  readonly #id = `msg_${randomBytes(18).toString("hex")}`;
  readonly #content: Block[] = [];
  #block: Block | undefined;
  /** Arguments that cannot be sent yet, since they do not begin like an object. */
  #heldArguments = "";
  #isSendingArguments = false;
  #isPreamble = false;
  #end: AnswerEnd | undefined;

  constructor(options: MessagesEncoderOptions) {
    this.#options = options;
  }

  start(): string {
    return event("message_start", { message: this.#message() });
  }

  /** An empty piece of what is being written. Claude Code ignores pings and cuts a stream of them after 300 s. */
  heartbeat(): string {
    let opened = "";
    if (this.#block === undefined) {
      opened = this.#openBlock(this.#options.showsThinking ? newThinking() : { type: "text", text: "" });
    }
    return opened + this.#delta(emptyDelta(this.#block));
  }

  encode(event: AnswerEvent): string {
    switch (event.type) {
      case "reasoning":
        return this.#addThinking(event.text);
      case "text":
        return this.#addText(event.text, event.isPreamble);
      case "call":
        this.#heldArguments = "";
        this.#isSendingArguments = false;
        return (
          this.#closeBlock() + this.#openBlock({ type: "tool_use", id: event.id, name: event.tool.name, input: {} })
        );
      case "arguments":
        return this.#addArguments(event.text);
      case "call-end":
        return this.#endCall(event.arguments);
      case "end":
        return this.#finish(event.end);
      case "logprobs":
      case "restart":
        return "";
    }
  }

  fail(error: ApiError): string {
    return serverSentEvent(anthropicErrorBody(error), "error");
  }

  result() {
    return this.#message();
  }

  #addThinking(text: string): string {
    if (!this.#options.showsThinking) return "";
    const opened = this.#block?.type === "thinking" ? "" : this.#closeBlock() + this.#openBlock(newThinking());
    if (this.#block?.type === "thinking") this.#block.thinking += text;
    return opened + this.#delta({ type: "thinking_delta", thinking: text });
  }

  #addText(text: string, isPreamble: boolean): string {
    // what is said before a call and the answer are two messages of the model's
    const isSame = this.#block?.type === "text" && (this.#isPreamble === isPreamble || this.#block.text === "");
    this.#isPreamble = isPreamble;
    const opened = isSame ? "" : this.#closeBlock() + this.#openBlock({ type: "text", text: "" });
    if (this.#block?.type === "text") this.#block.text += text;
    return opened + this.#delta({ type: "text_delta", text });
  }

  #addArguments(text: string): string {
    if (!this.#isSendingArguments) {
      this.#heldArguments += text;
      if (!/^\s*\{/.test(this.#heldArguments)) return "";
      this.#isSendingArguments = true;
      return this.#delta({ type: "input_json_delta", partial_json: this.#heldArguments });
    }
    return this.#delta({ type: "input_json_delta", partial_json: text });
  }

  #endCall(written: string): string {
    const input = inputOf(written);
    if (this.#block?.type === "tool_use") this.#block.input = input;
    const late = this.#isSendingArguments
      ? ""
      : this.#delta({ type: "input_json_delta", partial_json: JSON.stringify(input) });
    return late + this.#closeBlock();
  }

  #openBlock(block: Block): string {
    this.#block = block;
    const empty = block.type === "thinking" ? { ...block, signature: "" } : block;
    return event("content_block_start", { index: this.#content.length, content_block: empty });
  }

  #closeBlock(): string {
    const block = this.#block;
    if (block === undefined) return "";
    const signed = block.type === "thinking" ? this.#delta({ type: "signature_delta", signature: SIGNATURE }) : "";
    const stopped = event("content_block_stop", { index: this.#content.length });
    this.#content.push(block);
    this.#block = undefined;
    return signed + stopped;
  }

  #delta(delta: object): string {
    return event("content_block_delta", { index: this.#content.length, delta });
  }

  #finish(end: AnswerEnd): string {
    const closed = this.#closeBlock();
    this.#end = end;
    const { stop_reason, stop_sequence, usage } = this.#message();
    return (
      closed + event("message_delta", { delta: { stop_reason, stop_sequence }, usage }) + event("message_stop", {})
    );
  }

  #message() {
    return {
      id: this.#id,
      type: "message" as const,
      role: "assistant" as const,
      model: this.#options.model,
      content: this.#content,
      stop_reason: this.#end === undefined ? null : this.#stopReason(this.#end),
      stop_sequence: this.#end?.stopSequence ?? null,
      usage: messagesUsage(this.#end),
    };
  }

  #stopReason({ truncated, stopSequence }: AnswerEnd): string {
    if (truncated === "max-tokens") return "max_tokens";
    if (truncated === "context-full") return "model_context_window_exceeded";
    if (this.#content.some(({ type }) => type === "tool_use")) return "tool_use";
    return stopSequence === undefined ? "end_turn" : "stop_sequence";
  }
}

function event(type: string, fields: object): string {
  return serverSentEvent({ type, ...fields }, type);
}

function newThinking(): Block {
  return { type: "thinking", thinking: "", signature: SIGNATURE };
}

function emptyDelta(block: Block | undefined): object {
  if (block?.type === "thinking") return { type: "thinking_delta", thinking: "" };
  if (block?.type === "tool_use") return { type: "input_json_delta", partial_json: "" };
  return { type: "text_delta", text: "" };
}

/** The input of a call is an object here. What is none becomes the one field of an object, so that the client sees what was written. */
function inputOf(written: string): unknown {
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // no JSON
  }
  return { input: written };
}

/** Anthropic counts the tokens that the cache had apart. */
function messagesUsage(end: AnswerEnd | undefined) {
  const { prompt, cached, answer } = end === undefined ? { prompt: 0, cached: 0, answer: 0 } : tokenCounts(end);
  return {
    input_tokens: prompt - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: answer,
  };
}
