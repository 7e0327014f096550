import { z } from "zod";
import { GptOssError, messageOf, systemCodeOf } from "../errors.ts";

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

/** Says in one sentence why a model did not answer. Anything that is no failure of the server is given back as it is. */
export function explainModelError(thrown: unknown, baseUrl: string): unknown {
  if (GptOssError.isInstance(thrown)) return thrown;
  const code = systemCodeOf(thrown);
  if (code !== undefined && GONE.has(code)) {
    return new GptOssError("server-unreachable", `The server at ${baseUrl} does not answer (${code}).`, {
      hint: "Check that it runs and that OPENAI_BASE_URL is right.",
      cause: thrown,
    });
  }
  const parsed = apiErrorSchema.safeParse(thrown);
  if (!parsed.success || !(thrown instanceof Error)) return thrown;
  const { status, error } = parsed.data;
  if (error?.type === "exceed_context_size_error") {
    return new GptOssError(
      "context-overflow",
      `The conversation has ${error.n_prompt_tokens ?? "more"} tokens, and the server's context has ${error.n_ctx ?? "fewer"}.`,
      { hint: "Start a new conversation, or a server with a larger --context.", cause: thrown },
    );
  }
  if (status === 401 || status === 403) {
    return new GptOssError("server-unreachable", `The server at ${baseUrl} refused the API key (HTTP ${status}).`, {
      hint: "Set OPENAI_API_KEY to the server's key.",
      cause: thrown,
    });
  }
  if (status !== undefined || thrown.message === "terminated") {
    return new GptOssError("model-failed", `The server at ${baseUrl} failed: ${firstLine(messageOf(thrown))}.`, {
      cause: thrown,
    });
  }
  return thrown;
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/\.$/, "");
}
