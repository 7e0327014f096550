import { ContextOverflowError, stampRetryable } from "@langchain/core/errors";
import { GptOssError, type Reason, messageOf, systemCodeOf } from "../errors.ts";
import { failed, reason } from "../failures/failure.ts";
import { UnreadableReplyError } from "./completion-stream.ts";
import { ConversationTooLongError, contextOverflowOf } from "./context-overflow.ts";
import { ServerError } from "./server-report.ts";

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
