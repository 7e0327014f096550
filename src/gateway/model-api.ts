import type { InferenceRequest } from "../inference/inference-request.ts";
import type { ApiError } from "./api-error.ts";
import type { AnswerEvent } from "./answer-events.ts";
import type { GatewayApi } from "./gateway-options.ts";
import type { OfferedTools } from "./offered-tools.ts";

/** What reading a request depends on. */
export interface RequestContext {
  /** The name of the model that answers. */
  readonly model: string;
  /** Whether the model server can continue an answer that is given. */
  readonly canResume: boolean;
  /** Notes a tool or an item that cannot be offered to the model. */
  readonly leaveOut: (what: string) => void;
}

/** A request of any API, ready to be sent to the model. */
export interface ModelRequest {
  readonly inference: InferenceRequest;
  readonly tools: OfferedTools;
  readonly isStream: boolean;
  /** Only the first call of an answer is delivered. */
  readonly isSingleCall: boolean;
  /** Makes the encoder of one answer. */
  readonly createEncoder: () => ModelEncoder;
}

/** Turns an answer into the events of one API. Each method but `result` returns the text to send, which may be empty. */
export interface ModelEncoder {
  /** Sent at once, before the model has written anything. */
  start(): string;
  encode(event: AnswerEvent): string;
  /** Sent while nothing else is. SSE comments would not do: Codex and Claude Code ignore them and give up after 300 s. */
  heartbeat(): string;
  /** Reports an error inside a stream that has started. */
  fail(error: ApiError): string;
  /** The whole answer, once it has ended. */
  result(): unknown;
}

/** One of the three APIs by which clients ask the model. */
export interface ModelApi {
  readonly name: GatewayApi;
  readonly path: string;
  readonly callIdPrefix: string;
  /** @throws ApiError for a request that cannot be answered as it is */
  readRequest(body: unknown, context: RequestContext): ModelRequest;
  readonly errorBody: (error: ApiError) => object;
}
