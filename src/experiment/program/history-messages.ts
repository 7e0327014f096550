import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import type { Case } from "../definition/test-cases.ts";

/** Earlier messages as LangChain has them. A tool's message answers the earliest call that has no result yet. */
export function historyMessages(history: Case["history"]): BaseMessage[] {
  const open: string[] = [];
  let calls = 0;
  return history.map((message) => {
    const content = sanitizeControlTokens(message.content);
    if (message.role === "user") return new HumanMessage(content);
    if (message.role === "tool") return new ToolMessage({ content, tool_call_id: open.shift() ?? "" });
    const made = message.tool_calls.map(({ name, arguments: args }) => ({ name, args, id: `call-${++calls}` }));
    open.push(...made.map(({ id }) => id));
    return new AIMessage({ content, tool_calls: made });
  });
}
