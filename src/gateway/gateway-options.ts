import type { ServerCapabilities } from "../inference/capabilities.ts";
import type { AnswerPart } from "../inference/answer-part.ts";
import type { InferenceOptions, InferenceRequest } from "../inference/inference-request.ts";

/** Where the gateway's answers come from. */
export interface AnswerSource {
  readonly capabilities: ServerCapabilities;
  stream(request: InferenceRequest, options?: InferenceOptions): AsyncGenerator<AnswerPart>;
}

/** The model that the gateway offers. */
export interface GatewayModel {
  readonly name: string;
  /** Other names that clients find in the list of models. A request may name any model; this one answers. */
  readonly aliases?: readonly string[] | undefined;
  /** Tokens of one conversation, for clients that ask for it. By default what the source knows. */
  readonly contextSize?: number | undefined;
  readonly created?: Date | undefined;
}

export interface EmbeddingResult {
  /** One vector for each text. */
  readonly vectors: readonly (readonly number[])[];
  readonly promptTokens?: number | undefined;
}

export interface GatewayLimits {
  /** Most bytes of a request's body. */
  readonly bodyBytes: number;
  /** Most bytes of a request's headers. */
  readonly headerBytes: number;
}

export const DEFAULT_LIMITS: GatewayLimits = { bodyBytes: 32 * 1024 * 1024, headerBytes: 32 * 1024 };

export interface GatewayOptions {
  readonly source: AnswerSource;
  readonly model: GatewayModel;
  /** Every request but those to `/` and `/health` needs it, as Bearer or `x-api-key`. */
  readonly apiKey?: string | undefined;
  /** How answers are sampled unless a request says otherwise. */
  readonly sampling?: InferenceRequest["sampling"];
  /** Returns today's date for the prompt, `YYYY-MM-DD`. Default: the machine's date. */
  readonly today?: (() => string) | undefined;
  /** The origin whose pages may call the gateway from a browser; `*` for all. None by default. */
  readonly corsOrigin?: string | undefined;
  /** Names under which the gateway is reached besides loopback addresses. They matter only without a key. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Adds the bodies of requests to the log. They contain prompts, so they are left out otherwise. */
  readonly logPrompts?: boolean | undefined;
  /** Missing where the model has no embeddings. */
  readonly embeddings?: ((texts: readonly string[], signal: AbortSignal) => Promise<EmbeddingResult>) | undefined;
  /** Counts the tokens of a prompt. Without it they are estimated. */
  readonly countTokens?: ((request: InferenceRequest, signal: AbortSignal) => Promise<number>) | undefined;
  /** Resolves when the model server answers, and throws when it will not. Called before each request to the model. */
  readonly ready?: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly onLog?: ((event: GatewayLogEvent) => void) | undefined;
  readonly limits?: Partial<GatewayLimits> | undefined;
  /** How long a stream may be silent before a client gets an event without content. 5 by default. */
  readonly heartbeatSeconds?: number | undefined;
}

export type GatewayApi = "chat-completions" | "responses" | "messages" | "embeddings" | "other";

/** What happened, without any text of a prompt or an answer. */
export type GatewayLogEvent =
  | GatewayRequestEvent
  /** A tool or an item that only OpenAI's or Anthropic's own servers have. Logged once for each type. */
  | { readonly type: "left-out"; readonly api: GatewayApi; readonly what: string }
  /** The model server failed, or the gateway has a defect. */
  | { readonly type: "error"; readonly api: GatewayApi; readonly path: string; readonly error: unknown }
  /** Only with `logPrompts`. */
  | { readonly type: "prompt"; readonly api: GatewayApi; readonly path: string; readonly body: unknown };

/** One request is over. */
export interface GatewayRequestEvent {
  readonly type: "request";
  readonly api: GatewayApi;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The client's own name, from `user-agent`. */
  readonly client: string;
  readonly isStream: boolean;
  /** The client left before the end. */
  readonly isAborted: boolean;
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly answerTokens?: number | undefined;
  /** Tokens generated per second, as the model server measured it. */
  readonly tokensPerSecond?: number | undefined;
}
