import type { BaseMessage } from "@langchain/core/messages";

/**
 * Where the turns of a conversation begin: at each question, and at the first message whatever it is. A call of a tool is always in one
 * turn with its result, since both stand between two questions.
 */
export function turnStarts(messages: readonly BaseMessage[]): readonly number[] {
  return messages.flatMap((message, index) => (index === 0 || message.type === "human" ? [index] : []));
}

/** The most tokens that a text can have: a token of a byte-level vocabulary is a byte or more, and a message has a frame. */
export function mostTokensOf(messages: readonly BaseMessage[]): number {
  const frame = 12;
  return messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message.toDict().data)) + frame, 0);
}

/** Changes whenever a message is added, taken away or edited (to another length). */
export function fingerprint(messages: readonly BaseMessage[]): string {
  return `${messages.length}:${messages.reduce((sum, message) => sum + message.text.length, 0)}`;
}
