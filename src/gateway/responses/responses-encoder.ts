import { randomBytes } from "node:crypto";
import type { AnswerEnd } from "../../inference/answer-part.ts";
import type { AnswerEvent } from "../answer-events.ts";
import { type ApiError, openAIErrorCode, openAIErrorMessage } from "../api-error.ts";
import { serverSentEvent } from "../event-stream.ts";
import type { ModelEncoder } from "../model-api.ts";
import { customInput, type OfferedTool } from "../offered-tools.ts";
import { tokenCounts } from "../token-counts.ts";
import type { ResponsesRequest } from "./responses-schema.ts";

export interface ResponsesEncoderOptions {
  readonly model: string;
  readonly request: ResponsesRequest;
  /** The answer is JSON, so its text must hold nothing else. */
  readonly isStructured: boolean;
}

type Status = "in_progress" | "completed" | "incomplete" | "failed";
type TextItemKind = "reasoning" | "preamble" | "answer";

/** The item that is being written. */
type OpenItem =
  | { readonly kind: TextItemKind; readonly id: string; text: string }
  | {
      readonly kind: "call";
      readonly id: string;
      readonly callId: string;
      readonly tool: OfferedTool;
      text: string;
    };

/** An answer as OpenAI's Responses. */
export class ResponsesEncoder implements ModelEncoder {
  readonly #options: ResponsesEncoderOptions;
  readonly #id = newId("resp");
  readonly #createdAt = Math.floor(Date.now() / 1000);
  readonly #output: object[] = [];
  #item: OpenItem | undefined;
  #sequence = 0;
  #end: AnswerEnd | undefined;

  constructor(options: ResponsesEncoderOptions) {
    this.#options = options;
  }

  start(): string {
    const response = this.#response("in_progress");
    return this.#event("response.created", { response }) + this.#event("response.in_progress", { response });
  }

  heartbeat(): string {
    return this.#event("response.in_progress", { response: this.#response("in_progress") });
  }

  encode(event: AnswerEvent): string {
    switch (event.type) {
      case "reasoning":
        return this.#addText("reasoning", event.text);
      case "text": {
        const kind = event.isPreamble ? (this.#options.isStructured ? "reasoning" : "preamble") : "answer";
        return this.#addText(kind, event.text);
      }
      case "call": {
        const { tool, id: callId } = event;
        const id = newId(tool.kind === "custom" ? "ctc" : "fc");
        return this.#closeItem() + this.#openItem({ kind: "call", id, callId, tool, text: "" });
      }
      case "arguments":
        return this.#addArguments(event.text);
      case "call-end":
        return this.#closeItem();
      case "end":
        return this.#finish(event.end);
      case "logprobs":
      case "restart":
      default:
        return "";
    }
  }

  fail(error: ApiError): string {
    const failure = { code: openAIErrorCode(error) ?? "invalid_prompt", message: openAIErrorMessage(error) };
    return this.#event("response.failed", { response: { ...this.#response("failed"), error: failure } });
  }

  result() {
    return this.#response(this.#isCut ? "incomplete" : "completed");
  }

  get #isCut(): boolean {
    return this.#end?.truncated === "max-tokens" || this.#end?.truncated === "context-full";
  }

  #finish(end: AnswerEnd): string {
    const closed = this.#closeItem();
    this.#end = end;
    const type = this.#isCut ? "response.incomplete" : "response.completed";
    return closed + this.#event(type, { response: this.result() });
  }

  #addText(kind: TextItemKind, text: string): string {
    let opened = "";
    if (this.#item?.kind !== kind) {
      opened = this.#closeItem() + this.#openItem({ kind, id: newId(kind === "reasoning" ? "rs" : "msg"), text: "" });
    }
    if (this.#item !== undefined) this.#item.text += text;
    const type = kind === "reasoning" ? "response.reasoning_text.delta" : "response.output_text.delta";
    const logprobs = kind === "reasoning" ? {} : { logprobs: [] };
    return opened + this.#event(type, { ...this.#place, content_index: 0, delta: text, ...logprobs });
  }

  #addArguments(text: string): string {
    if (this.#item?.kind !== "call") return "";
    this.#item.text += text;
    // the input of a custom tool is known when its JSON is complete
    if (this.#item.tool.kind === "custom") return "";
    return this.#event("response.function_call_arguments.delta", { ...this.#place, delta: text });
  }

  #openItem(item: OpenItem): string {
    this.#item = item;
    const added = this.#event("response.output_item.added", {
      output_index: this.#output.length,
      item: outputItem(item, "in_progress"),
    });
    if (item.kind === "call") return added;
    return (
      added + this.#event("response.content_part.added", { ...this.#place, content_index: 0, part: contentPart(item) })
    );
  }

  #closeItem(): string {
    const item = this.#item;
    if (item === undefined) return "";
    const ended = item.kind === "call" ? this.#endOfCall(item.tool, item.text) : this.#endOfText(item.kind, item.text);
    const whole = outputItem(item, "completed");
    const done = this.#event("response.output_item.done", { output_index: this.#output.length, item: whole });
    this.#output.push(whole);
    this.#item = undefined;
    return ended + done;
  }

  #endOfText(kind: TextItemKind, text: string): string {
    const type = kind === "reasoning" ? "response.reasoning_text.done" : "response.output_text.done";
    const logprobs = kind === "reasoning" ? {} : { logprobs: [] };
    const place = { ...this.#place, content_index: 0 };
    return (
      this.#event(type, { ...place, text, ...logprobs }) +
      this.#event("response.content_part.done", { ...place, part: contentPart({ kind, text }) })
    );
  }

  #endOfCall({ kind, name }: OfferedTool, written: string): string {
    if (kind === "function") {
      return this.#event("response.function_call_arguments.done", { ...this.#place, name, arguments: written });
    }
    const input = customInput(written);
    return (
      this.#event("response.custom_tool_call_input.delta", { ...this.#place, delta: input }) +
      this.#event("response.custom_tool_call_input.done", { ...this.#place, input })
    );
  }

  get #place() {
    return { item_id: this.#item?.id ?? "", output_index: this.#output.length };
  }

  #event(type: string, fields: object): string {
    return serverSentEvent({ type, sequence_number: this.#sequence++, ...fields }, type);
  }

  #response(status: Status) {
    const { request, model } = this.#options;
    const isOver = status === "completed" || status === "incomplete";
    return {
      id: this.#id,
      object: "response" as const,
      created_at: this.#createdAt,
      status,
      background: false,
      error: null,
      incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
      instructions: isOver ? (request.instructions ?? null) : null,
      max_output_tokens: request.max_output_tokens ?? null,
      model,
      output: isOver ? this.#output : [],
      parallel_tool_calls: request.parallel_tool_calls ?? true,
      previous_response_id: null,
      reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
      store: false,
      temperature: request.temperature ?? 1,
      text: { format: request.text?.format ?? { type: "text" } },
      tool_choice: request.tool_choice ?? "auto",
      // heartbeats repeat the response, and the instructions and tools of an agent are 60 KB
      tools: isOver ? (request.tools ?? []) : [],
      top_p: request.top_p ?? 1,
      truncation: "disabled" as const,
      usage: isOver && this.#end !== undefined ? responsesUsage(this.#end) : null,
      user: request.user ?? null,
      metadata: request.metadata ?? {},
    };
  }
}

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(24).toString("hex")}`;
}

function outputItem(item: OpenItem, status: "in_progress" | "completed") {
  const isDone = status === "completed";
  switch (item.kind) {
    case "reasoning":
      return { type: "reasoning", id: item.id, summary: [], content: isDone ? [contentPart(item)] : [], status };
    case "preamble":
    case "answer": {
      const phase = item.kind === "preamble" ? "commentary" : "final_answer";
      return {
        type: "message",
        id: item.id,
        role: "assistant",
        phase,
        content: isDone ? [contentPart(item)] : [],
        status,
      };
    }
    case "call":
    default: {
      const { tool, id, callId, text } = item;
      const { name, namespace } = tool;
      const head = { id, call_id: callId, name, ...(namespace !== undefined && { namespace }), status };
      return tool.kind === "custom"
        ? { type: "custom_tool_call", ...head, input: isDone ? customInput(text) : "" }
        : { type: "function_call", ...head, arguments: isDone ? text : "" };
    }
  }
}

function contentPart({ kind, text }: { readonly kind: TextItemKind; readonly text: string }) {
  if (kind === "reasoning") return { type: "reasoning_text", text };
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function responsesUsage(end: AnswerEnd) {
  const { prompt, cached, answer, reasoning } = tokenCounts(end);
  return {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: answer,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + answer,
  };
}
