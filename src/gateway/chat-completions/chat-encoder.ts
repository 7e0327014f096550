import { randomBytes } from "node:crypto";
import type { AnswerEvent } from "../answer-events.ts";
import { type ApiError, openAIErrorBody } from "../api-error.ts";
import { serverSentEvent } from "../event-stream.ts";
import type { ModelEncoder } from "../model-api.ts";
import { customInput, type OfferedTool } from "../offered-tools.ts";
import { tokenCounts } from "../token-counts.ts";
import { type AnswerLogprobs, joinLogprobs } from "./logprobs.ts";

export interface ChatEncoderOptions {
  readonly model: string;
  readonly includeUsage: boolean;
  /** The answer is JSON, so its text must hold nothing else. */
  readonly isStructured: boolean;
  readonly logprobs: AnswerLogprobs | undefined;
}

interface ChatCall {
  readonly id: string;
  readonly tool: OfferedTool;
  arguments: string;
}

/** An answer as OpenAI's Chat Completions. The thinking has two names, since one half of the clients reads each. */
export class ChatEncoder implements ModelEncoder {
  readonly #options: ChatEncoderOptions;
  readonly #id = `chatcmpl-${randomBytes(12).toString("hex")}`;
  readonly #created = Math.floor(Date.now() / 1000);
  readonly #calls: ChatCall[] = [];
  readonly #logprobs: unknown[] = [];
  #reasoning = "";
  #content = "";
  #isPreamble = false;
  #finishReason = "stop";
  #usage: ReturnType<typeof chatUsage> | undefined;

  constructor(options: ChatEncoderOptions) {
    this.#options = options;
  }

  start(): string {
    return this.#chunk({ role: "assistant", content: "" });
  }

  heartbeat(): string {
    return this.#chunk({});
  }

  encode(event: AnswerEvent): string {
    switch (event.type) {
      case "reasoning":
        return this.#addReasoning(event.text);
      case "text":
        return event.isPreamble && this.#options.isStructured
          ? this.#addReasoning(event.text)
          : this.#addText(event.text, event.isPreamble);
      case "call":
        this.#calls.push({ id: event.id, tool: event.tool, arguments: "" });
        return event.tool.kind === "custom" ? "" : this.#chunk({ tool_calls: [this.#call(event.index, "")] });
      case "arguments":
        return this.#addArguments(event.index, event.text);
      case "call-end": {
        const isCustom = this.#calls[event.index]?.tool.kind === "custom";
        return isCustom ? this.#chunk({ tool_calls: [this.#call(event.index, event.arguments)] }) : "";
      }
      case "logprobs": {
        const entries = this.#options.logprobs?.read(event.logprobs) ?? [];
        this.#logprobs.push(...entries);
        return entries.length === 0 ? "" : this.#chunk({ content: "" }, { logprobs: joinLogprobs(entries) });
      }
      case "end":
        return this.#end(event.end);
      case "restart":
      default:
        return "";
    }
  }

  fail(error: ApiError): string {
    return serverSentEvent(openAIErrorBody(error));
  }

  /** The whole answer, for a client that does not stream. */
  result() {
    const calls = this.#calls.map((call, index) => {
      const { index: _, ...whole } = this.#call(index, call.arguments);
      return whole;
    });
    return {
      id: this.#id,
      object: "chat.completion" as const,
      created: this.#created,
      model: this.#options.model,
      choices: [
        {
          index: 0,
          message: {
            role: "assistant" as const,
            content: this.#content === "" && calls.length > 0 ? null : this.#content,
            refusal: null,
            ...(this.#reasoning !== "" && { reasoning: this.#reasoning, reasoning_content: this.#reasoning }),
            ...(calls.length > 0 && { tool_calls: calls }),
          },
          logprobs: this.#options.logprobs === undefined ? null : joinLogprobs(this.#logprobs),
          finish_reason: this.#finishReason,
        },
      ],
      usage: this.#usage,
    };
  }

  #addReasoning(text: string): string {
    this.#reasoning += text;
    return this.#chunk({ reasoning: text, reasoning_content: text });
  }

  #addText(text: string, isPreamble: boolean): string {
    // what is said before a call and the answer are two messages of the model's, and one of this API
    const isNext = this.#isPreamble && !isPreamble && this.#content !== "";
    const said = isNext ? `\n\n${text}` : text;
    this.#isPreamble = isPreamble;
    this.#content += said;
    return this.#chunk({ content: said });
  }

  #addArguments(index: number, text: string): string {
    const call = this.#calls[index];
    if (call === undefined) return "";
    call.arguments += text;
    return call.tool.kind === "custom" ? "" : this.#chunk({ tool_calls: [{ index, function: { arguments: text } }] });
  }

  #call(index: number, written: string) {
    const call = this.#calls[index];
    const name = call?.tool.name ?? "";
    const head = { index, id: call?.id ?? "" };
    return call?.tool.kind === "custom"
      ? { ...head, type: "custom" as const, custom: { name, input: customInput(written) } }
      : { ...head, type: "function" as const, function: { name, arguments: written } };
  }

  #end(end: Extract<AnswerEvent, { type: "end" }>["end"]): string {
    this.#usage = chatUsage(end);
    if (end.truncated === "max-tokens" || end.truncated === "context-full") this.#finishReason = "length";
    else this.#finishReason = this.#calls.length > 0 ? "tool_calls" : "stop";
    // with the last choice, not after it: some clients read the choice of every chunk
    const usage = this.#options.includeUsage ? { usage: this.#usage } : {};
    return `${this.#chunk({}, { finish_reason: this.#finishReason }, usage)}data: [DONE]\n\n`;
  }

  #chunk(delta: object, choice: object = {}, rest: object = {}): string {
    return serverSentEvent({
      id: this.#id,
      object: "chat.completion.chunk",
      created: this.#created,
      model: this.#options.model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...choice }],
      ...rest,
    });
  }
}

function chatUsage(end: Extract<AnswerEvent, { type: "end" }>["end"]) {
  const { prompt, cached, answer, reasoning } = tokenCounts(end);
  return {
    prompt_tokens: prompt,
    completion_tokens: answer,
    total_tokens: prompt + answer,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
