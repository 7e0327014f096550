import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { Runnable } from "@langchain/core/runnables";

/** Lets a model's messages or chunks through and looks at what they say about the size of the prompt. */
export class UsageMeter extends Runnable<BaseMessage, BaseMessage> {
  lc_namespace = ["langchain-gpt-oss", "memory"];
  readonly #onPromptTokens: (tokens: number) => void;

  constructor(onPromptTokens: (tokens: number) => void) {
    super();
    this.#onPromptTokens = onPromptTokens;
  }

  static override lc_name(): string {
    return "UsageMeter";
  }

  /** Notes what the server counted for this answer, and hands it on. */
  override invoke(message: BaseMessage): Promise<BaseMessage> {
    this.#look(message);
    return Promise.resolve(message);
  }

  override async *transform(messages: AsyncGenerator<BaseMessage>): AsyncGenerator<BaseMessage> {
    for await (const message of messages) {
      this.#look(message);
      yield message;
    }
  }

  #look(message: BaseMessage): void {
    if (!(AIMessage.isInstance(message) || AIMessageChunk.isInstance(message))) return;
    const tokens = message.usage_metadata?.input_tokens;
    if (tokens !== undefined && tokens > 0) this.#onPromptTokens(tokens);
  }
}
