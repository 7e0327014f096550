import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";

/** Puts a model's calls together with their results: a call without one is never kept, since no server takes it. */
export class AnsweredCalls {
  #calling: AIMessage | undefined;
  #results: ToolMessage[] = [];

  /** @returns a message with calls and all their results, once the last of them is there; else nothing */
  take(message: BaseMessage): readonly BaseMessage[] {
    if (AIMessage.isInstance(message) && callIds(message).length > 0) {
      this.#calling = message;
      this.#results = [];
    } else if (ToolMessage.isInstance(message) && this.#calling !== undefined) {
      this.#results.push(message);
    }
    const answered = new Set(this.#results.map(({ tool_call_id: id }) => id));
    const isWhole = this.#calling !== undefined && callIds(this.#calling).every((id) => answered.has(id));
    return isWhole ? this.takeRest() : [];
  }

  /** @returns the message with those of its calls that were answered so far, and their results */
  takeRest(): readonly BaseMessage[] {
    const [calling, results] = [this.#calling, this.#results];
    this.#calling = undefined;
    this.#results = [];
    if (calling === undefined || results.length === 0) return [];
    const answered = new Set(results.map(({ tool_call_id: id }) => id));
    const { tool_calls: calls = [], invalid_tool_calls: broken = [] } = calling;
    const whole = callIds(calling).every((id) => answered.has(id));
    if (whole) return [calling, ...results];
    const kept = new AIMessage({
      content: calling.content,
      additional_kwargs: calling.additional_kwargs,
      response_metadata: calling.response_metadata,
      tool_calls: calls.filter(({ id }) => answered.has(id ?? "")),
      invalid_tool_calls: broken.filter(({ id }) => answered.has(id ?? "")),
    });
    return [kept, ...results];
  }
}

function callIds(message: AIMessage): string[] {
  return [...(message.tool_calls ?? []), ...(message.invalid_tool_calls ?? [])].map(({ id }) => id ?? "");
}
