import { ContextOverflowError, stampRetryable } from "@langchain/core/errors";
import type { AIMessageChunk } from "@langchain/core/messages";
import { GptOssError, type Reason, messageOf, systemCodeOf } from "../errors/errors.ts";
import { failed, reason } from "../i18n/error-messages.ts";
import { UnreadableReplyError } from "../inference/completion-stream.ts";
import { ServerError, type ServerReport } from "../llama-server/server-report.ts";

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

/** What ChatGptOss throws for whatever its request threw: LangChain's own error for a conversation that is too long, else a GptOssError. */
export function modelError(thrown: unknown, baseUrl: string): unknown {
  if (GptOssError.isInstance(thrown) || ContextOverflowError.isInstance(thrown)) return thrown;
  const options = { cause: thrown };
  if (thrown instanceof ServerError) return serverError(thrown, baseUrl);
  if (thrown instanceof UnreadableReplyError) return failed("noAnswer", [baseUrl, messageOf(thrown)], options);
  const problem = requestProblem(thrown);
  if (problem !== undefined) return failed("unreachable", [baseUrl, problem], options);
  if (isBroken(thrown)) return failed("brokenOff", [baseUrl], options);
  const why = whyUnreachable(thrown);
  return why === undefined ? thrown : failed("unreachable", [baseUrl, why], options);
}

function serverError(thrown: ServerError, baseUrl: string): unknown {
  const { status, report } = thrown;
  const options = { cause: thrown };
  const overflow = contextOverflowOf(report, status, thrown);
  if (overflow !== undefined) return overflow;
  const { message } = report;
  if (status === 401 || status === 403) {
    return stampRetryable(failed("keyRefused", [baseUrl, status, message], options), false);
  }
  if (status === 503) return failed("stillLoading", [baseUrl, message], options);
  const said = [status === undefined ? "" : String(status), message].filter((part) => part !== "").join(" ");
  if (WRONG_PATH.test(message) || ((status === 404 || status === 405) && message === "")) {
    return stampRetryable(failed("wrongAddress", [baseUrl, said], options), false);
  }
  const error = failed("serverFailed", [baseUrl, said === "" ? reason("noReasonGiven") : said], options);
  return status === undefined ? error : stampRetryable(error, status >= 500 || status === 429);
}

/** Says in one sentence why a model did not answer. Anything that is no failure of the server is given back as it is. */
export function explainModelError(thrown: unknown, baseUrl: string): unknown {
  const error = modelError(thrown, baseUrl);
  if (!ContextOverflowError.isInstance(error)) return error;
  const { promptTokens = null, contextSize = null } = error instanceof ConversationTooLongError ? error : {};
  return failed("conversationTooLong", [promptTokens, contextSize], { cause: error });
}

/** What fetch finds wrong with a request before it sends it. Its own words would show the key. */
function requestProblem(thrown: unknown): Reason | undefined {
  const message = messageOf(thrown);
  if (message.startsWith("Failed to parse URL") || message === "Invalid URL") return reason("webAddress");
  return /invalid header value|to a ByteString/.test(message) ? reason("unusableKey") : undefined;
}

/** The system's code, or what stands deepest in an error of fetch that has none, such as a port that it refuses. */
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

/** LangChain's error for a conversation that is longer than the server's context, with the numbers. */
export class ConversationTooLongError extends ContextOverflowError {
  /** Tokens of the conversation; undefined when the server does not say. */
  readonly promptTokens: number | undefined;
  /** Tokens of the server's context. */
  readonly contextSize: number | undefined;
  /** The answer as far as it came, where the context overflowed in the middle of it. */
  partialOutput?: AIMessageChunk;

  constructor(promptTokens: number | undefined, contextSize: number | undefined, cause: unknown) {
    super(sentence(promptTokens, contextSize));
    this.promptTokens = promptTokens;
    this.contextSize = contextSize;
    if (cause instanceof Error) this.cause = cause;
  }
}

function sentence(promptTokens: number | undefined, contextSize: number | undefined): string {
  if (promptTokens !== undefined && contextSize !== undefined) {
    return `The conversation has ${promptTokens} tokens, and the server's context has ${contextSize}.`;
  }
  return `The conversation does not fit into the server's context${contextSize === undefined ? "" : ` of ${contextSize} tokens`}.`;
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

/** The error of a conversation that is too long, if it is that what a server reports. */
export function contextOverflowOf(
  report: ServerReport,
  status: number | undefined,
  cause: unknown,
): ConversationTooLongError | undefined {
  const { kinds, message, promptTokens, contextSize } = report;
  const isNamed = kinds.some((kind) => KINDS.test(kind)) || /context_length_exceeded/.test(message);
  const isSaid = status !== 429 && !RATE_LIMIT.test(message) && SENTENCES.some((pattern) => pattern.test(message));
  if (!isNamed && !isSaid) return undefined;
  return new ConversationTooLongError(
    promptTokens ?? numberIn(message, PROMPT_SIZES),
    contextSize ?? numberIn(message, CONTEXT_SIZES),
    cause,
  );
}

function numberIn(message: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found !== undefined) return Number(found.replaceAll(/[,_]/g, ""));
  }
  return undefined;
}

/** An answer that broke off: the server died, or its connection did. What came of it is not lost. */
export class IncompleteAnswerError extends GptOssError {
  /** As far as the answer came; calls that were cut off are among `invalid_tool_calls`. */
  readonly partialOutput: AIMessageChunk;

  constructor({ code, message, hint, cause, wording }: GptOssError, partialOutput: AIMessageChunk) {
    super(code, message, { cause, wording, ...(hint !== undefined && { hint }) });
    this.partialOutput = partialOutput;
  }
}

/** The failure of an answer, with what had come before it; a failure before anything came stays as it is. */
export function withPartialOutput(thrown: unknown, partial: AIMessageChunk | undefined): unknown {
  if (partial === undefined) return thrown;
  if (thrown instanceof ConversationTooLongError) {
    thrown.partialOutput = partial;
    return thrown;
  }
  return GptOssError.isInstance(thrown) ? new IncompleteAnswerError(thrown, partial) : thrown;
}
