import type { BaseMessage } from "@langchain/core/messages";
import { SimpleChatModel } from "@langchain/core/language_models/chat_models";

/** A model that answers each question by a function of its last message, and notes how often it was asked at once. */
class AnsweringModel extends SimpleChatModel {
  readonly calls: { readonly messages: BaseMessage[] }[] = [];
  readonly seen = { open: 0, most: 0, questions: [] as string[] };
  readonly #answer: (question: string) => string | Promise<string>;

  constructor(answer: (question: string) => string | Promise<string>) {
    super({});
    this.#answer = answer;
  }

  override _llmType(): string {
    return "answering";
  }

  override async _call(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<string> {
    const question = messages.at(-1)?.text ?? "";
    const { seen } = this;
    this.calls.push({ messages });
    seen.questions.push(question);
    seen.most = Math.max(seen.most, ++seen.open);
    try {
      const text = await this.#answer(question);
      options.signal?.throwIfAborted();
      return text;
    } finally {
      seen.open--;
    }
  }
}

export function answeringModel(answer: (question: string) => string | Promise<string>) {
  const model = new AnsweringModel(answer);
  return { model, seen: model.seen };
}

/** A stream of one value. */
export async function* alone<Value>(value: Value): AsyncGenerator<Value> {
  yield await Promise.resolve(value);
}
