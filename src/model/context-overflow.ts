import { ContextOverflowError } from "@langchain/core/errors";

/** LangChain's error for a conversation that is longer than the server's context, with the numbers. */
export class ConversationTooLongError extends ContextOverflowError {
  /** Tokens of the conversation; undefined when the server does not say. */
  readonly promptTokens: number | undefined;
  /** Tokens of the server's context. */
  readonly contextSize: number | undefined;

  constructor(promptTokens: number | undefined, contextSize: number | undefined, cause: unknown) {
    const [conversation, context] = [promptTokens ?? "more", contextSize ?? "fewer"];
    super(`The conversation has ${conversation} tokens, and the server's context has ${context}.`);
    this.promptTokens = promptTokens;
    this.contextSize = contextSize;
    if (cause instanceof Error) this.cause = cause;
  }
}
