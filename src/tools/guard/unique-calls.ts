import { randomUUID } from "node:crypto";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";

/**
 * Gives each call of an answer an id that no earlier call of the conversation has. LangGraph tells by the ids which calls still have to
 * be made, but some servers give `call_0` to the first call of every answer, one id to several calls, or none.
 */
export function withUniqueCallIds(answer: AIMessage, earlier: readonly BaseMessage[]): AIMessage {
  const used = new Set(earlier.flatMap((message) => (AIMessage.isInstance(message) ? idsOf(message) : [])));
  const own = idsOf(answer);
  if (own.every((id, position) => id !== "" && !used.has(id) && own.indexOf(id) === position)) return answer;
  const unique = <Call extends { readonly id?: string | undefined }>(call: Call): Call => {
    const id = call.id === undefined || call.id === "" || used.has(call.id) ? `call_${randomUUID()}` : call.id;
    used.add(id);
    return { ...call, id };
  };
  const { id, name, content, additional_kwargs, response_metadata, usage_metadata } = answer;
  return new AIMessage({
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    content,
    additional_kwargs,
    response_metadata,
    ...(usage_metadata && { usage_metadata }),
    tool_calls: (answer.tool_calls ?? []).map(unique),
    invalid_tool_calls: (answer.invalid_tool_calls ?? []).map(unique),
  });
}

function idsOf({ tool_calls = [], invalid_tool_calls = [] }: AIMessage): string[] {
  return [...tool_calls, ...invalid_tool_calls].map(({ id = "" }) => id);
}
