import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { type AgentMiddleware, createMiddleware } from "langchain";
import { presentResult } from "../define-tool.ts";
import { type AgentLimits, DEFAULT_LIMITS, stopAgent } from "./agent-limits.ts";
import { badCall, describeBrokenCall } from "./bad-call.ts";
import { guardedCall } from "./guarded-call.ts";
import { type ResumedTurn, wholeMessage } from "./resumed-turn.ts";
import type { OnToolEvent } from "./tool-event.ts";
import { TurnRecord } from "./turn-record.ts";
import { withUniqueCallIds } from "./unique-calls.ts";
import { reason } from "../../failures/failure.ts";

/** The limits of a turn, and who is told of its calls. */
export interface AgentGuardOptions {
  readonly limits?: Partial<AgentLimits> | undefined;
  /** Told of each call that is made, when it begins and when it ends. */
  readonly onToolEvent?: OnToolEvent | undefined;
  /** Makes what is sent after a tool's result fit; by default all of it is sent. */
  readonly fit?: ((messages: readonly BaseMessage[]) => Promise<BaseMessage[]>) | undefined;
  /** The first of the model's messages goes on where another one was cut. */
  readonly resume?: ResumedTurn | undefined;
}

/**
 * Middleware for createAgent that copes with what gpt-oss gets wrong: calls of tools that were never offered, arguments that are no JSON
 * or do not fit, calls that were cut off, the same call over and over. It limits a turn, makes every result safe, and tells the model
 * of a tool's failure instead of ending the turn.
 * @throws GptOssError `agent-stopped`, as the cause of what createAgent throws, when a limit is reached
 */
export function agentGuard(options: AgentGuardOptions = {}): AgentMiddleware {
  const { limits: given = {}, onToolEvent, fit } = options;
  const limits = { ...DEFAULT_LIMITS, ...given };
  let { resume } = options;
  return createMiddleware({
    name: "AgentGuard",
    beforeModel: (state) => {
      if (new TurnRecord(state.messages).modelCalls >= limits.modelCalls) {
        throw stopAgent(reason("modelCallLimit", limits.modelCalls));
      }
    },
    wrapModelCall: async (request, handler) => {
      const isLoop = ToolMessage.isInstance(request.messages.at(-1));
      const messages = isLoop && fit !== undefined ? await fit(request.messages) : request.messages;
      const resumed = resume;
      resume = undefined;
      if (resumed?.from === undefined) {
        return withUniqueCallIds(await handler({ ...request, messages }), request.messages);
      }
      const modelSettings = { ...request.modelSettings, continueFrom: resumed.from };
      const message = wholeMessage(await handler({ ...request, messages, modelSettings }), resumed);
      return withUniqueCallIds(message, request.messages);
    },
    afterModel: {
      canJumpTo: ["model"],
      hook: (state) => {
        const record = new TurnRecord(state.messages);
        if (record.toolCalls > limits.toolCalls) throw stopAgent(reason("toolCallLimit", limits.toolCalls));
        const answer = state.messages.at(-1);
        const broken = AIMessage.isInstance(answer) ? (answer.invalid_tool_calls ?? []) : [];
        if (!AIMessage.isInstance(answer) || broken.length === 0) return undefined;
        if (record.badCallsInARow >= limits.badCalls) throw stopAgent(reason("badCallsWritten"));
        const messages = broken.map((call) => badCall(call, describeBrokenCall(answer)));
        // good calls of the same answer are made first
        return (answer.tool_calls ?? []).length > 0 ? { messages } : { messages, jumpTo: "model" as const };
      },
    },
    wrapToolCall: async (request, handler) => {
      const result = await guardedCall(request, handler, { limits, onToolEvent });
      if (!ToolMessage.isInstance(result) || typeof result.content !== "string") return result;
      result.content = presentResult(result.content);
      return result;
    },
  });
}
