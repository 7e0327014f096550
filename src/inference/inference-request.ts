import type { Effort } from "../config/effort.ts";
import type { Sampling } from "../llama-server/model-catalogue.ts";
import type { ChatMessage, ResponseFormat, ToolChoice, ToolDefinition } from "./messages.ts";

/** An answer that was cut off, to be continued. */
export interface ResumePoint {
  readonly channel: "analysis" | "commentary" | "final";
  /** The partial answer; the answer that arrives is what follows it. */
  readonly text: string;
  /** The thinking before it, when the channel is not analysis itself. */
  readonly analysis?: string;
}

/** One question to a model. */
export interface InferenceRequest {
  /** The name that is sent to the server. */
  readonly model?: string | undefined;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolDefinition[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  /** False when one answer may hold one call at most. */
  readonly parallelToolCalls?: boolean | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  /** Where tools are offered, holds a raw llama-server to the format and to the tools' schemas by a grammar. Default: true. */
  readonly toolGrammar?: boolean | undefined;
  readonly sampling?: Partial<Sampling> | undefined;
  readonly seed?: number | undefined;
  /** Most tokens of the answer, thinking included. */
  readonly maxTokens?: number | undefined;
  /** Texts that end the visible answer. The server never sees them: it would find them in the thinking too. */
  readonly stop?: readonly string[] | undefined;
  readonly effort?: Effort | undefined;
  /** `YYYY-MM-DD`, told to the model. */
  readonly currentDate?: string | undefined;
  /** Continues inside an answer; only servers with our own chat template can. */
  readonly resumeFrom?: ResumePoint | undefined;
  /** Other fields of a Chat Completions request, sent as they are: `logit_bias`, `frequency_penalty`, `logprobs`, … */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** Off by default: an experiment must see what the model wrote. */
export interface InferencePolicy {
  /** Asks once more when an answer holds neither text nor a call. */
  readonly retryEmptyAnswer?: boolean | undefined;
  /** Ends an answer that repeats the same words without end. */
  readonly stopRepetition?: boolean | undefined;
}

export interface InferenceOptions extends InferencePolicy {
  readonly signal?: AbortSignal | undefined;
  /** Whether llama-server may reuse the prompt that a slot holds. Default: the server's own. */
  readonly useCache?: boolean | undefined;
  /** Asks for one response in place of a stream; an abort then reaches the server late. */
  readonly singleResponse?: boolean | undefined;
  /** Headers on top of our own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
