import { GptOssError, type ErrorDetail, messageOf, systemCodeOf } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { ServerError, type ServerReport } from "../llama-server/server-report.ts";
import { UnreadableReplyError } from "./completion-stream.ts";

/** A prompt that does not fit the server's context, with the numbers. */
export class PromptTooLongError extends GptOssError {
  /** Tokens of the prompt; undefined when the server does not say. */
  readonly promptTokens: number | undefined;
  /** Tokens of the server's context. */
  readonly contextSize: number | undefined;

  constructor(promptTokens: number | undefined, contextSize: number | undefined, cause: unknown) {
    const { code, message, hint, wording } = createError("conversationTooLong", [
      promptTokens ?? null,
      contextSize ?? null,
    ]);
    super(code, message, { cause, wording, ...(hint !== undefined && { hint }) });
    this.promptTokens = promptTokens;
    this.contextSize = contextSize;
  }
}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

/** What undici says of a connection that ended in the middle of an answer. */
const BROKEN_OFF = /^terminated$|other side closed|Premature close/;

/** What servers say to a path that they do not have: LM Studio with status 200, most others with 404. */
const WRONG_PATH =
  /unexpected endpoint|(?:page|path|route|url|endpoint) (?:was )?not found|^not found|cannot post|no route|unknown (?:path|route|endpoint)/i;

/**
 * The error of a request in one sentence. Anything that is not a failure of the server or of the connection is returned unchanged.
 * @param baseUrl the address that the sentence names
 */
export function explainRequestError(thrown: unknown, baseUrl: string): unknown {
  if (GptOssError.isInstance(thrown)) return thrown;
  const options = { cause: thrown };
  if (thrown instanceof ServerError) return serverError(thrown, baseUrl);
  if (thrown instanceof UnreadableReplyError) return createError("noAnswer", [baseUrl, messageOf(thrown)], options);
  const problem = requestProblem(thrown);
  if (problem !== undefined) return createError("unreachable", [baseUrl, problem], options);
  if (isBroken(thrown)) return createError("brokenOff", [baseUrl], options);
  const why = whyUnreachable(thrown);
  return why === undefined ? thrown : createError("unreachable", [baseUrl, why], options);
}

function serverError(thrown: ServerError, baseUrl: string): GptOssError {
  const { status, report } = thrown;
  const options = { cause: thrown };
  const { message } = report;
  if (isPromptTooLong(report, status)) {
    const { promptTokens, contextSize } = report;
    return new PromptTooLongError(
      promptTokens ?? numberIn(message, PROMPT_SIZES),
      contextSize ?? numberIn(message, CONTEXT_SIZES),
      thrown,
    );
  }
  if (status === 401 || status === 403) {
    return createError("keyRefused", [baseUrl, status, message], { ...options, isRetryable: false });
  }
  if (status === 503) return createError("stillLoading", [baseUrl, message], options);
  const said = [status === undefined ? "" : String(status), message].filter((part) => part !== "").join(" ");
  if (WRONG_PATH.test(message) || ((status === 404 || status === 405) && message === "")) {
    return createError("wrongAddress", [baseUrl, said], { ...options, isRetryable: false });
  }
  const isRetryable = status === undefined ? undefined : status >= 500 || status === 429;
  return createError("serverFailed", [baseUrl, said === "" ? errorDetail("noReasonGiven") : said], {
    ...options,
    isRetryable,
  });
}

/** What fetch finds wrong with a request before it sends it. Its own words would show the key. */
function requestProblem(thrown: unknown): ErrorDetail | undefined {
  const message = messageOf(thrown);
  if (message.startsWith("Failed to parse URL") || message === "Invalid URL") return errorDetail("webAddress");
  return /invalid header value|to a ByteString/.test(message) ? errorDetail("unusableKey") : undefined;
}

/** The system's error code, or the innermost message of a fetch error without one, such as a port that fetch refuses. */
function whyUnreachable(thrown: unknown): string | undefined {
  const code = systemCodeOf(thrown);
  if (code !== undefined && UNREACHABLE.has(code)) return code;
  if (messageOf(thrown) !== "fetch failed") return undefined;
  let deepest: { readonly cause?: unknown } = thrown as object;
  while (typeof deepest.cause === "object" && deepest.cause !== null) deepest = deepest.cause;
  return (messageOf(deepest).split("\n")[0] ?? "").replace(/\.$/, "");
}

/** A fetch that failed has brought nothing that could break off. */
function isBroken(thrown: unknown): boolean {
  if (messageOf(thrown) === "fetch failed") return false;
  let error = thrown;
  for (let depth = 0; typeof error === "object" && error !== null && depth < 4; depth++) {
    if (BROKEN_OFF.test(messageOf(error))) return true;
    error = (error as { readonly cause?: unknown }).cause;
  }
  return false;
}

/** The names that servers give to the error: llama-server, OpenAI, LiteLLM. */
const KINDS =
  /exceed_context_size|context_(?:length|window|size)_exceeded|context_?window_?exceeded|model_max_prompt_tokens_exceeded/i;

/** And their sentences, where they have no name for it. */
const SENTENCES = [
  // OpenAI, vLLM, OpenRouter, SGLang
  /maximum context length|maximum model length|model's context length|context length is only/i,
  /exceeds? the (?:model's |available |maximum |configured )*(?:context|limit)\b|longer than the (?:model's |maximum )*(?:context|model)/i,
  /too long to fit into the model|tokens exceed the configured limit/i,
  // llama.cpp, Ollama, LM Studio
  /context (?:size|length|window)(?: \([^)]*\))? (?:has been |is |was )?exceeded|exceed(?:s|ed|ing)? (?:the )?context (?:size|length|window)/i,
  /context the overflows|context overflow|n_keep\b.*\bn_ctx|reached context length|greater than the context (?:length|size|window)/i,
  /loaded with (?:a )?context length/i,
  // TGI, TabbyAPI, Anthropic, Google, Mistral
  /`?inputs`? tokens \+ `?max_new_tokens`? must be|`?inputs`? must have less than/i,
  /greater than max_seq_len|prompt is too long|input is too long|input token count .*exceeds/i,
  /too large for model with .*context/i,
  // TensorRT-LLM, Ollama's runner
  /prompt length .*should not exceed|exceeded (?:max(?:imum)? )?context length/i,
];
/** A limit of tokens in some time is another thing. */
const RATE_LIMIT = /rate.?limit|per (?:minute|hour|day)|quota/i;

const CONTEXT_SIZES = [
  /(?:context|model) (?:length|size|window)(?: is| of)?(?: only| just)?(?: set to)?[ (:]*(\d[\d,_]*)/i,
  /(?:max_seq_len|max_num_tokens|n_ctx|context length|must be <=|less than|limit of|maximum of|allowed|>)[ (:]*(\d[\d,_]*)/i,
];
const PROMPT_SIZES = [
  /(?:request|prompt|input|messages?) (?:\((?:total )?length |\(|length )(\d[\d,_]*)/i,
  /(?:requested|passed|resulted in|request has|contains|too long:|count \(|given:|n_keep:|keep the first|total of)[ (about]*(\d[\d,_]*)/i,
];

/** Whether a server's error says that the prompt does not fit its context. */
function isPromptTooLong({ kinds, message }: ServerReport, status: number | undefined): boolean {
  if (kinds.some((kind) => KINDS.test(kind)) || /context_length_exceeded/.test(message)) return true;
  return status !== 429 && !RATE_LIMIT.test(message) && SENTENCES.some((pattern) => pattern.test(message));
}

function numberIn(message: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found !== undefined) return Number(found.replaceAll(/[,_]/g, ""));
  }
  return undefined;
}
