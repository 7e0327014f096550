import { type ErrorCode, GptOssError, messageOf } from "../errors/errors.ts";
import type { ErrorKey } from "../i18n/error-messages.ts";
import { PromptTooLongError } from "../inference/request-error.ts";

/** Why a request is not answered. */
export type ApiErrorKind =
  | "invalid"
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "too-large"
  | "context-overflow"
  | "unavailable"
  | "upstream"
  | "internal";

const HTTP_CODES = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  "too-large": 413,
  "context-overflow": 400,
  unavailable: 503,
  upstream: 502,
  internal: 500,
} as const satisfies Record<ApiErrorKind, number>;

export interface ApiErrorOptions {
  /** The field of the request that is wrong: `messages[2].content`. */
  readonly param?: string | undefined;
  readonly promptTokens?: number | undefined;
  readonly contextSize?: number | undefined;
  readonly cause?: unknown;
}

/** An error that a client gets, whichever API it speaks. Each API writes it in its own form. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly kind: ApiErrorKind;
  readonly param: string | undefined;
  readonly promptTokens: number | undefined;
  readonly contextSize: number | undefined;

  constructor(kind: ApiErrorKind, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.param = options.param;
    this.promptTokens = options.promptTokens;
    this.contextSize = options.contextSize;
  }

  get status(): (typeof HTTP_CODES)[ApiErrorKind] {
    return HTTP_CODES[this.kind];
  }
}

/** An error for a request that cannot be answered as it is. */
export function invalidRequest(message: string, param?: string): ApiError {
  return new ApiError("invalid", message, { param });
}

/** Converts anything that was thrown to the error that a client gets. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (!GptOssError.isInstance(thrown)) {
    return new ApiError("internal", "The gateway failed unexpectedly.", { cause: thrown });
  }
  const cause = thrown;
  if (thrown instanceof PromptTooLongError) {
    const { promptTokens, contextSize } = thrown;
    return new ApiError("context-overflow", thrown.message, { promptTokens, contextSize, cause });
  }
  return new ApiError(thrown.code === "context-overflow" ? "context-overflow" : kindOf(thrown), thrown.message, {
    cause,
  });
}

function kindOf(thrown: GptOssError): ApiErrorKind {
  if (isServerGone(thrown)) return "unavailable";
  const { code } = thrown;
  if (code === "usage") return "invalid";
  if (UNAVAILABLE.has(code)) return "unavailable";
  // a key that the model server refuses is ours
  if (code === "server-unreachable") return "upstream";
  const status = statusOf(thrown);
  // what the model server blames on the request is the client's
  return status !== undefined && status >= 400 && status < 500 && status !== 429 ? "invalid" : "upstream";
}

const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set([
  "server-failed",
  "server-missing",
  "model-missing",
  "interrupted",
]);

/** The HTTP status that the model server answered with. */
function statusOf(thrown: unknown): number | undefined {
  let current = thrown;
  for (let depth = 0; depth < 5 && typeof current === "object" && current !== null; depth++) {
    const { status, cause } = current as Partial<Record<"status" | "cause", unknown>>;
    if (typeof status === "number") return status;
    current = cause;
  }
  return undefined;
}

const GONE: ReadonlySet<string | undefined> = new Set<ErrorKey>(["unreachable", "stillLoading", "brokenOff"]);

/** Whether asking again may help: the model server is gone, is being started, or ended in the middle of an answer. */
export function isServerGone(thrown: unknown): boolean {
  return GptOssError.isInstance(thrown) && GONE.has(thrown.wording?.key);
}

const OPENAI_TYPES: Readonly<Record<ApiErrorKind, string>> = {
  invalid: "invalid_request_error",
  unauthorized: "authentication_error",
  forbidden: "permission_error",
  "not-found": "not_found_error",
  "too-large": "invalid_request_error",
  "context-overflow": "invalid_request_error",
  unavailable: "unavailable_error",
  upstream: "server_error",
  internal: "server_error",
};

const OPENAI_CODES: Readonly<Partial<Record<ApiErrorKind, string>>> = {
  unauthorized: "invalid_api_key",
  "not-found": "not_found",
  "too-large": "request_too_large",
  "context-overflow": "context_length_exceeded",
  unavailable: "server_unavailable",
  upstream: "server_error",
  internal: "server_error",
};

/** The code of an error in OpenAI's APIs. */
export function openAIErrorCode({ kind }: ApiError): string | null {
  return OPENAI_CODES[kind] ?? null;
}

/** The sentence of an error. A conversation that is too long gets the numbers and the words that clients look for. */
export function openAIErrorMessage({ kind, message, promptTokens, contextSize }: ApiError): string {
  if (kind !== "context-overflow" || contextSize === undefined) return message;
  const given = promptTokens === undefined ? "" : ` However, your messages resulted in ${promptTokens} tokens.`;
  return `This model's maximum context length is ${contextSize} tokens.${given} Please reduce the length of the messages.`;
}

export function openAIErrorBody(error: ApiError) {
  const { kind, param = null } = error;
  return {
    error: { message: openAIErrorMessage(error), type: OPENAI_TYPES[kind], param, code: openAIErrorCode(error) },
  };
}

const ANTHROPIC_TYPES: Readonly<Record<ApiErrorKind, string>> = {
  invalid: "invalid_request_error",
  unauthorized: "authentication_error",
  forbidden: "permission_error",
  "not-found": "not_found_error",
  "too-large": "request_too_large",
  "context-overflow": "invalid_request_error",
  unavailable: "overloaded_error",
  upstream: "api_error",
  internal: "api_error",
};

export function anthropicErrorBody({ kind, message, promptTokens, contextSize, param }: ApiError) {
  const isTooLong = kind === "context-overflow" && promptTokens !== undefined && contextSize !== undefined;
  const text = isTooLong ? `prompt is too long: ${promptTokens} tokens > ${contextSize} maximum` : message;
  const said = param !== undefined && !text.includes(param) ? `${param}: ${text}` : text;
  return { type: "error" as const, error: { type: ANTHROPIC_TYPES[kind], message: said } };
}

/** For the log. */
export function causeOf(error: ApiError): unknown {
  return error.cause ?? messageOf(error);
}
