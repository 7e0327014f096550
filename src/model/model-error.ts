import { ContextOverflowError, stampRetryable } from "@langchain/core/errors";
import { z } from "zod";
import { GptOssError, messageOf, systemCodeOf } from "../errors.ts";
import { failed } from "../failures/failure.ts";
import { ConversationTooLongError } from "./context-overflow.ts";

/** What the OpenAI SDK puts on its errors, and llama-server into their bodies. */
const apiErrorSchema = z.object({
  status: z.number().optional(),
  error: z
    .object({ type: z.string().optional(), n_prompt_tokens: z.number().optional(), n_ctx: z.number().optional() })
    .optional(),
});

const GONE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "UND_ERR_SOCKET",
]);

/** What undici says of a connection that ended in the middle of an answer. */
const BROKEN_OFF = /^terminated$|other side closed|Premature close/;

/** What ChatGptOss throws for whatever its client threw: LangChain's own error for a conversation that is too long, else a GptOssError. */
export function modelError(thrown: unknown, baseUrl: string): unknown {
  if (GptOssError.isInstance(thrown) || ContextOverflowError.isInstance(thrown)) return thrown;
  const { status, error } = apiErrorSchema.safeParse(thrown).data ?? {};
  if (error?.type === "exceed_context_size_error") {
    return new ConversationTooLongError(error.n_prompt_tokens, error.n_ctx, thrown);
  }
  const options = { cause: thrown };
  if (status === 401 || status === 403) return stampRetryable(failed("keyRefused", [baseUrl, status], options), false);
  if (status === 503) return failed("stillLoading", [baseUrl], options);
  if (status !== undefined)
    return stampRetryable(failed("serverFailed", [baseUrl, firstLine(thrown)], options), status >= 500);
  if (isBroken(thrown)) return failed("brokenOff", [baseUrl], options);
  const why = whyUnreachable(thrown);
  if (why !== undefined) return failed("unreachable", [baseUrl, why], options);
  if (thrown instanceof z.ZodError || nameOf(thrown) === "SyntaxError")
    return failed("noAnswer", [baseUrl, firstLine(thrown)], options);
  // an error that the server wrote into its stream has neither status nor code
  return error === undefined ? thrown : failed("serverFailed", [baseUrl, firstLine(thrown)], options);
}

/** Says in one sentence why a model did not answer. Anything that is no failure of the server is given back as it is. */
export function explainModelError(thrown: unknown, baseUrl: string): unknown {
  const error = modelError(thrown, baseUrl);
  if (!ContextOverflowError.isInstance(error)) return error;
  const { promptTokens = null, contextSize = null } = error instanceof ConversationTooLongError ? error : {};
  return failed("conversationTooLong", [promptTokens, contextSize], { cause: error });
}

/** The system's code, or what stands deepest in an error of the SDK's that has none, such as a port that fetch refuses. */
function whyUnreachable(thrown: unknown): string | undefined {
  const code = systemCodeOf(thrown);
  if (code !== undefined && GONE.has(code)) return code;
  if (messageOf(thrown) !== "Connection error.") return undefined;
  let deepest: { readonly cause?: unknown } = thrown as object;
  while (typeof deepest.cause === "object" && deepest.cause !== null) deepest = deepest.cause;
  return firstLine(deepest);
}

function isBroken(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth++) {
    if (BROKEN_OFF.test(error.message)) return true;
  }
  return false;
}

function nameOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? thrown.name : undefined;
}

function firstLine(thrown: unknown): string {
  if (thrown instanceof z.ZodError) {
    const [issue] = thrown.issues;
    return `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim();
  }
  return (messageOf(thrown).split("\n")[0] ?? "").replace(/\.$/, "");
}
