import { ToolMessage } from "@langchain/core/messages";
import { type ToolCallHandler, type ToolCallRequest, ToolInvocationError } from "langchain";
import { messageOf } from "../../errors.ts";
import { reason } from "../../failures/failure.ts";
import { presentResult } from "../define-tool.ts";
import { ToolRefusal } from "../failure.ts";
import { showableText } from "../../text/showable-text.ts";
import { type AgentLimits, stopAgent } from "./agent-limits.ts";
import { badCall } from "./bad-call.ts";
import type { OnToolEvent, ToolEvent } from "./tool-event.ts";
import { TurnRecord } from "./turn-record.ts";

type ToolResult = Awaited<ReturnType<ToolCallHandler>>;

interface CallOptions {
  readonly limits: AgentLimits;
  readonly onToolEvent: OnToolEvent | undefined;
}

/** Makes one call, unless it is none or has been made too often; whatever goes wrong becomes an answer for the model. */
export async function guardedCall(
  request: ToolCallRequest,
  handler: ToolCallHandler,
  { limits, onToolEvent }: CallOptions,
): Promise<ToolResult> {
  const { toolCall, tool, state, runtime } = request;
  const record = new TurnRecord(state.messages);
  const bad = (content: string) => {
    if (record.badCallsInARow >= limits.badCalls) throw stopAgent(reason("badCallsMade"));
    return badCall(toolCall, content);
  };
  // the handler says so itself, with the list of tools
  if (tool === undefined) return bad(contentOf(await handler(request)));
  const times = record.timesCalled(toolCall);
  if (times > limits.sameCall) throw stopAgent(reason("sameCallAgain", toolCall.name));
  if (times === limits.sameCall) return repeated(toolCall, times);

  const call = { id: toolCall.id ?? "", name: toolCall.name };
  onToolEvent?.({ type: "tool-start", ...call, input: toolCall.args });
  const began = performance.now();
  const end = (outcome: Extract<ToolEvent, { type: "tool-end" }>["outcome"], result: string) => {
    const milliseconds = performance.now() - began;
    onToolEvent?.({ type: "tool-end", ...call, outcome, result, milliseconds, bytes: Buffer.byteLength(result) });
  };
  try {
    const result = await handler(request);
    end("done", contentOf(result));
    return result;
  } catch (error) {
    const sentence = presentResult(`Error: ${describeFailure(error)}`);
    end(error instanceof ToolRefusal ? "refused" : "failed", sentence);
    if (runtime.signal?.aborted || isInterrupt(error)) throw error;
    if (ToolInvocationError.isInstance(error)) return bad(sentence);
    return new ToolMessage({ content: sentence, tool_call_id: call.id, name: call.name, status: "error" });
  }
}

function repeated({ id, name }: ToolCallRequest["toolCall"], times: number): ToolMessage {
  return new ToolMessage({
    content: `Error: you have made this same call ${times} times; it was not made again. Use the results above, or answer without.`,
    tool_call_id: id ?? "",
    name,
    status: "error",
  });
}

/** LangChain's message for arguments that do not fit holds a stack: what is wrong is said by its cause alone. */
function describeFailure(error: unknown): string {
  if (!ToolInvocationError.isInstance(error)) return showableText(messageOf(error));
  const { toolError } = error;
  return `the arguments do not fit, so the call was not made: ${messageOf(toolError)}`;
}

/** A question of LangGraph's own (human in the loop) and no failure. */
function isInterrupt(error: unknown): boolean {
  return typeof error === "object" && error !== null && "is_bubble_up" in error;
}

function contentOf(result: ToolResult): string {
  return ToolMessage.isInstance(result) ? result.text : "";
}
