import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ContinueFrom } from "../../model/call-options.ts";
import { reasoningOf } from "../../model/read-message.ts";

/** A turn that was interrupted, and goes on. */
export interface ResumedTurn {
  /** Calls of tools that were answered already, with their results: they are not made again. */
  readonly calls: readonly BaseMessage[];
  /** Where in a message of the model's it was cut; undefined between two messages. */
  readonly from?: ContinueFrom | undefined;
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
  const rest = reasoningOf(message);
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
