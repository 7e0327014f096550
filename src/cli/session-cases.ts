import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { localize } from "../i18n/error-messages.ts";
import { describeDamage } from "../memory/session-event.ts";
import { findSession, loadSession, sessionsFolder } from "../memory/session-folder.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { CommandContext } from "./command-options.ts";

/** A line of a file of test cases. */
interface SavedCase {
  readonly id: string;
  readonly variables: { readonly input: string };
  /** The answer in the chat; missing if there was none. */
  readonly expected?: string;
  readonly history: readonly object[];
}

/** `gpt-oss sessions to-cases ID…`: prints a test case for each message of the user, with what came before it, as JSON lines. */
export function printSessionCases(
  references: readonly string[],
  { environment, language, stdout, stderr }: CommandContext,
): void {
  const folder = sessionsFolder(environment);
  for (const reference of references) {
    const session = loadSession(folder, findSession(folder, reference));
    const damage = describeDamage(session.id, session.damage);
    if (damage !== undefined) stderr.write(`${showableLine(localize(language, damage))}\n`);
    const messages = session.state.messages.map(({ message }) => message);
    for (const saved of casesOf(session.id, messages)) stdout.write(`${JSON.stringify(saved)}\n`);
  }
}

function casesOf(id: string, messages: readonly BaseMessage[]): readonly SavedCase[] {
  const starts = messages.flatMap((message, index) => (message.type === "human" ? [index] : []));
  return starts.map((start, turn) => caseOf(`${id}-${turn + 1}`, messages, start, starts[turn + 1] ?? messages.length));
}

function caseOf(id: string, messages: readonly BaseMessage[], start: number, end: number): SavedCase {
  const answer = messages.slice(start + 1, end).at(-1);
  const text = AIMessage.isInstance(answer) ? answer.text : "";
  return {
    id,
    variables: { input: messages[start]?.text ?? "" },
    ...(text !== "" && { expected: text }),
    history: messages.slice(0, start).flatMap(historyOf),
  };
}

/** A message as the history of a test case has it. */
function historyOf(message: BaseMessage): readonly object[] {
  const content = message.text;
  if (message.type === "human") return [{ role: "user", content }];
  if (ToolMessage.isInstance(message)) return [{ role: "tool", content }];
  if (!AIMessage.isInstance(message)) return [];
  const calls = (message.tool_calls ?? []).map(({ name, args }) => ({ name, arguments: args }));
  return [{ role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) }];
}
