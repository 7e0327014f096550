import { type BaseMessage, SystemMessage } from "@langchain/core/messages";

/** The summary as the model is told it. */
export function summaryMessage(text: string): SystemMessage {
  return new SystemMessage(`Summary of the conversation so far: ${text}`);
}

/**
 * One system message of all that stand at the beginning: most chat templates, gpt-oss's own among them, know only one.
 */
export function joinSystemMessages(messages: readonly BaseMessage[]): BaseMessage[] {
  const count = messages.findIndex(({ type }) => type !== "system");
  const first = messages.slice(0, count < 0 ? messages.length : count);
  if (first.length < 2) return [...messages];
  return [new SystemMessage(first.map(({ text }) => text).join("\n\n")), ...messages.slice(first.length)];
}
