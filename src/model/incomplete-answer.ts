import type { AIMessageChunk } from "@langchain/core/messages";
import { GptOssError } from "../errors.ts";
import { ConversationTooLongError } from "./context-overflow.ts";

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
