import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import type { ResumePoint } from "../inference/inference-request.ts";
import { answeredCalls } from "../model/chat-messages.ts";
import { getReasoning } from "../model/read-message.ts";

/** A turn that was interrupted, and goes on. */
export interface ResumedTurn {
  /** Calls of tools that were answered already, with their results: they are not made again. */
  readonly calls: readonly BaseMessage[];
  /** Where in a message of the model's it was cut; undefined between two messages. */
  readonly from?: ResumePoint | undefined;
  /** Whitespace before what comes, which a server strips from a completion's beginning. */
  readonly lead?: string | undefined;
}

/** A text with the whitespace that belongs before it, unless it begins with some. */
export function led(text: string, lead: string): string {
  return text === "" || /^\s/.test(text) ? text : lead + text;
}

/** Makes the rest of a message that went on whole again, for what is asked after it. */
export function wholeMessage(message: AIMessage, { from, lead = "" }: ResumedTurn): AIMessage {
  if (from === undefined) return message;
  const rest = getReasoning(message);
  const thinking = from.channel === "analysis" ? from.text + led(rest, lead) : (from.analysis ?? "");
  const { id, name, content, additional_kwargs: kwargs, response_metadata, usage_metadata } = message;
  return new AIMessage({
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    content: from.channel === "final" && typeof content === "string" ? from.text + led(content, lead) : content,
    additional_kwargs: thinking === "" ? kwargs : { ...kwargs, reasoning_content: thinking },
    response_metadata,
    ...(usage_metadata && { usage_metadata }),
    tool_calls: message.tool_calls ?? [],
    invalid_tool_calls: message.invalid_tool_calls ?? [],
  });
}

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
    const isWhole = this.#calling !== undefined && answeredCalls(this.#calling, this.#results).every(Boolean);
    return isWhole ? this.takeRest() : [];
  }

  /** @returns the message with those of its calls that were answered so far, and their results */
  takeRest(): readonly BaseMessage[] {
    const [calling, results] = [this.#calling, this.#results];
    this.#calling = undefined;
    this.#results = [];
    if (calling === undefined || results.length === 0) return [];
    const answered = answeredCalls(calling, results);
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
