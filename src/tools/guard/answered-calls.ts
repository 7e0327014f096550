import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { callKey, pairCalls, withoutStrayResults } from "../../model/pair-calls.ts";

/** Puts a model's calls together with their results: a call without one is never kept, since no server takes it. */
export class AnsweredCalls {
  #calling: AIMessage | undefined;
  #results: ToolMessage[] = [];

  /** @returns a message with calls and all their results, once the last of them is there; else nothing */
  take(message: BaseMessage): readonly BaseMessage[] {
    if (AIMessage.isInstance(message) && countCalls(message) > 0) {
      this.#calling = message;
      this.#results = [];
    } else if (ToolMessage.isInstance(message) && this.#calling !== undefined) {
      this.#results.push(message);
    }
    const isWhole = this.#calling !== undefined && answeredIn(this.#calling, this.#results).every(Boolean);
    return isWhole ? this.takeRest() : [];
  }

  /** @returns the message with those of its calls that were answered so far, and their results */
  takeRest(): readonly BaseMessage[] {
    const [calling, results] = [this.#calling, this.#results];
    this.#calling = undefined;
    this.#results = [];
    if (calling === undefined || results.length === 0) return [];
    const answered = answeredIn(calling, results);
    if (answered.every(Boolean)) return [calling, ...results];
    const { tool_calls: calls = [], invalid_tool_calls: broken = [] } = calling;
    const kept = new AIMessage({
      content: calling.content,
      additional_kwargs: calling.additional_kwargs,
      response_metadata: calling.response_metadata,
      tool_calls: calls.filter((_, number) => answered[number]),
      invalid_tool_calls: broken.filter((_, number) => answered[calls.length + number]),
    });
    return [kept, ...results];
  }
}

function countCalls({ tool_calls = [], invalid_tool_calls = [] }: AIMessage): number {
  return tool_calls.length + invalid_tool_calls.length;
}

/** Of each call whether it has a result; several calls may share an id. */
function answeredIn(calling: AIMessage, results: readonly ToolMessage[]): boolean[] {
  const pairs = pairCalls(withoutStrayResults([calling, ...results]));
  return Array.from({ length: countCalls(calling) }, (_, number) => pairs.has(callKey(0, number)));
}
