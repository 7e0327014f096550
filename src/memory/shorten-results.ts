import { type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { beginningOf } from "../text/beginning-of.ts";
import { firstWhere } from "./window.ts";

/** Bytes of UTF-8 that are left of a tool's result where the window has no room for all of it, some 250 tokens. */
export const SHORT_RESULT_BYTES = 1_024;

/** A conversation in which the results of tools are told by their beginnings. */
export function withShortResults(messages: readonly BaseMessage[], bytes: number = SHORT_RESULT_BYTES): BaseMessage[] {
  return messages.map((message) => (ToolMessage.isInstance(message) ? shortened(message, bytes) : message));
}

/**
 * As few results as have to be are told by their beginnings alone, the oldest first; the last one as far as it fits.
 * @param fits asked about some ten candidates
 * @returns undefined when nothing that can be left out makes it fit
 */
export async function shortenResults(
  messages: readonly BaseMessage[],
  fits: (candidate: readonly BaseMessage[]) => Promise<boolean>,
): Promise<BaseMessage[] | undefined> {
  const results = messages.flatMap((message, index) => (ToolMessage.isInstance(message) ? [index] : []));
  const older = results.slice(0, -1);
  const candidate = (count: number) => {
    const end = older[count] ?? results.at(-1) ?? 0;
    return [...withShortResults(messages.slice(0, end)), ...messages.slice(end)];
  };
  const fewest = await firstWhere(older.length + 1, async (count) => await fits(candidate(count)));
  if (fewest <= older.length) return candidate(fewest);
  return await shortenLast(candidate(older.length), results.at(-1), fits);
}

async function shortenLast(
  messages: readonly BaseMessage[],
  last: number | undefined,
  fits: (candidate: readonly BaseMessage[]) => Promise<boolean>,
): Promise<BaseMessage[] | undefined> {
  const result = last === undefined ? undefined : messages[last];
  if (!ToolMessage.isInstance(result)) return undefined;
  const candidate = (steps: number) =>
    messages.with(last ?? 0, shortened(result, bytesOf(result) - steps * STEP_BYTES));
  const steps = Math.ceil(Math.max(0, bytesOf(result) - SHORT_RESULT_BYTES) / STEP_BYTES);
  const fewest = await firstWhere(steps, async (count) => await fits(candidate(count)));
  const shortest = candidate(fewest);
  return (await fits(shortest)) ? shortest : undefined;
}

/** How exactly the last result is cut. */
const STEP_BYTES = 256;

function bytesOf({ text }: ToolMessage): number {
  return Buffer.byteLength(text);
}

function shortened(message: ToolMessage, bytes: number): ToolMessage {
  const { text, tool_call_id, name, status } = message;
  const total = Buffer.byteLength(text);
  if (total <= bytes) return message;
  const head = beginningOf(text, Math.max(0, bytes));
  const content = `${head}\n[cut: ${Buffer.byteLength(head)} of ${total} bytes are still shown, since the context is full]`;
  return new ToolMessage({ content, tool_call_id, ...(name !== undefined && { name }), ...(status && { status }) });
}
