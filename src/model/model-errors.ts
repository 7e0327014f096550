import { ContextOverflowError, stampRetryable } from "@langchain/core/errors";
import type { AIMessageChunk } from "@langchain/core/messages";
import { GptOssError } from "../errors/errors.ts";
import { explainRequestError, PromptTooLongError } from "../inference/request-error.ts";

/** LangChain's error for a conversation that is longer than the server's context, with the numbers. */
export class ConversationTooLongError extends ContextOverflowError {
  /** Tokens of the conversation; undefined when the server does not say. */
  readonly promptTokens: number | undefined;
  /** Tokens of the server's context. */
  readonly contextSize: number | undefined;
  /** The answer so far, where the context overflowed in the middle of it. */
  partialOutput?: AIMessageChunk;

  constructor(error: PromptTooLongError) {
    super(error.message);
    this.promptTokens = error.promptTokens;
    this.contextSize = error.contextSize;
    this.cause = error;
  }
}

/** The error as LangChain's classes and retries expect it. */
export function toLangChainError(thrown: unknown): unknown {
  if (thrown instanceof PromptTooLongError) return new ConversationTooLongError(thrown);
  if (!GptOssError.isInstance(thrown)) return thrown;
  return thrown.isRetryable === undefined ? thrown : stampRetryable(thrown, thrown.isRetryable);
}

/** Explains in one sentence why a model did not answer. Anything that is not a failure of the server is returned unchanged. */
export function explainModelError(thrown: unknown, baseUrl: string): unknown {
  if (thrown instanceof ConversationTooLongError) return thrown.cause;
  if (ContextOverflowError.isInstance(thrown)) return new PromptTooLongError(undefined, undefined, thrown);
  return explainRequestError(thrown, baseUrl);
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
