import type { AgentTool, ApprovalAnswer, ApprovalRequest, Approve } from "../../../src/index.ts";

/** What a tool gives, or the sentence that it fails with. */
export async function callTool(
  tools: readonly AgentTool[],
  name: string,
  input: unknown,
  signal?: AbortSignal,
): Promise<string> {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`the test offers no tool ${name}`);
  try {
    return String(await tool.invoke(input as never, signal === undefined ? undefined : { signal }));
  } catch (error) {
    return `Error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Answers in turn, the last one for ever, and notes what was asked. */
export function answering(...answers: ApprovalAnswer[]): Approve & { readonly asked: ApprovalRequest[] } {
  const asked: ApprovalRequest[] = [];
  const approve: Approve = (request) => {
    asked.push(request);
    return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1] ?? "refused");
  };
  return Object.assign(approve, { asked });
}
