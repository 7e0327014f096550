import { randomBytes } from "node:crypto";
import type { AnswerEnd, AnswerPart } from "../inference/answer-part.ts";
import type { WrittenCall } from "../inference/call-header.ts";
import type { InferenceRequest } from "../inference/inference-request.ts";
import { ApiError, isServerGone } from "./api-error.ts";
import type { AnswerSource } from "./gateway-options.ts";
import type { OfferedTool, OfferedTools } from "./offered-tools.ts";
import type { ThinkingMemory } from "./thinking-memory.ts";

/** A part of an answer as the encoders of the three APIs get it. */
export type AnswerEvent =
  | { readonly type: "reasoning"; readonly text: string }
  /** The answer, or with `isPreamble` what the model says before a call. */
  | { readonly type: "text"; readonly text: string; readonly isPreamble: boolean }
  | { readonly type: "call"; readonly index: number; readonly id: string; readonly tool: OfferedTool }
  | { readonly type: "arguments"; readonly index: number; readonly text: string }
  /** A call is complete. */
  | { readonly type: "call-end"; readonly index: number; readonly arguments: string }
  | { readonly type: "logprobs"; readonly logprobs: unknown }
  /** The answer so far does not count; it is asked for again. Only for clients that do not stream. */
  | { readonly type: "restart" }
  | { readonly type: "end"; readonly end: AnswerEnd };

export interface AnswerEventsOptions {
  readonly source: AnswerSource;
  readonly request: InferenceRequest;
  readonly tools: OfferedTools;
  readonly memory: ThinkingMemory;
  /** The client's key, for the memory. */
  readonly client: string;
  /** What an id of a call begins with, in the API of the client. */
  readonly callIdPrefix: string;
  /** Only the first call is delivered. */
  readonly isSingleCall: boolean;
  readonly isStream: boolean;
  readonly ready: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly signal: AbortSignal;
  /** Called when the model server has accepted the request: an error that it reports at once can't come any more. */
  readonly onAccepted?: (() => void) | undefined;
}

/**
 * Asks the model and makes its answer fit for a client: ids of calls that nobody can guess, arguments that are never empty, a second
 * attempt where nothing has been sent yet and the server was gone or the answer empty. Ends without an `end` after an abort.
 */
export async function* answerEvents(options: AnswerEventsOptions): AsyncGenerator<AnswerEvent> {
  const { source, request, ready, signal, isStream } = options;
  for (let attempt = 1; ; attempt++) {
    const answer = new AnswerEvents(options);
    const mayRetry = () => attempt === 1 && (!isStream || !answer.hasSent) && !signal.aborted;
    try {
      await ready?.(signal);
      for await (const part of source.stream(request, { signal, stopRepetition: true })) {
        options.onAccepted?.();
        if (part.type === "end" && part.emptyAnswer !== undefined && mayRetry()) break;
        yield* answer.read(part);
        if (part.type === "end") return;
      }
      if (signal.aborted) return;
      if (!mayRetry()) throw new ApiError("upstream", "The model server ended the answer before it was complete.");
    } catch (thrown) {
      if (signal.aborted) return;
      if (!isServerGone(thrown) || ready === undefined || !mayRetry()) throw thrown;
    }
    if (answer.hasSent) yield { type: "restart" };
  }
}

/** Reads the parts of one attempt. */
class AnswerEvents {
  readonly #options: AnswerEventsOptions;
  #reasoning = "";
  #call: { readonly index: number; readonly id: string; written: string } | undefined;
  /** The ids of the calls so far, by their index. */
  readonly #ids: string[] = [];
  /** Whether anything but progress has reached the client. */
  hasSent = false;

  constructor(options: AnswerEventsOptions) {
    this.#options = options;
  }

  *read(part: AnswerPart): Generator<AnswerEvent> {
    for (const event of this.#eventsOf(part)) {
      this.hasSent = true;
      yield event;
    }
  }

  *#eventsOf(part: AnswerPart): Generator<AnswerEvent> {
    switch (part.type) {
      case "text":
        if (part.text === "") return;
        yield* this.#endCall();
        if (part.channel === "analysis") {
          this.#reasoning += part.text;
          yield { type: "reasoning", text: part.text };
        } else yield { type: "text", text: part.text, isPreamble: part.channel === "commentary" };
        return;
      case "tool-call":
        yield* this.#endCall();
        yield* this.#beginCall(part.name);
        return;
      case "tool-arguments":
        if (this.#call === undefined || part.text === "") return;
        this.#call.written += part.text;
        yield { type: "arguments", index: this.#call.index, text: part.text };
        return;
      case "logprobs":
        yield { type: "logprobs", logprobs: part.logprobs };
        return;
      case "end":
        yield* this.#endCall();
        this.#rememberHeaders(part.writtenCalls ?? []);
        yield { type: "end", end: part };
        return;
      case "start":
      case "progress":
      case "retry":
        return;
    }
  }

  #rememberHeaders(calls: readonly WrittenCall[]): void {
    const { memory, client } = this.#options;
    for (const [index, { header }] of calls.entries()) {
      const id = this.#ids[index];
      if (id !== undefined) memory.addHeader(client, id, header);
    }
  }

  *#beginCall(modelName: string): Generator<AnswerEvent> {
    const { isSingleCall, callIdPrefix, tools } = this.#options;
    if (isSingleCall && this.#ids.length > 0) return;
    const id = `${callIdPrefix}${randomBytes(18).toString("hex")}`;
    this.#call = { index: this.#ids.push(id) - 1, id, written: "" };
    yield { type: "call", index: this.#call.index, id, tool: tools.toolOf(modelName) };
  }

  *#endCall(): Generator<AnswerEvent> {
    if (this.#call === undefined) return;
    const { index, id, written } = this.#call;
    this.#call = undefined;
    // clients parse the arguments of every call
    const isEmpty = written.trim() === "";
    if (isEmpty) yield { type: "arguments", index, text: "{}" };
    const { memory, client } = this.#options;
    memory.remember(client, id, { reasoning: this.#reasoning, arguments: written });
    yield { type: "call-end", index, arguments: isEmpty ? "{}" : written };
  }
}
