import type { Reason, GptOssError } from "../../errors.ts";
import { failed } from "../../failures/failure.ts";

/** How far one turn of an agent may go. */
export interface AgentLimits {
  /** Questions to the model. */
  readonly modelCalls: number;
  readonly toolCalls: number;
  /** Of the same call: it is made one time fewer, then refused; one more ends the turn. */
  readonly sameCall: number;
  /** How often the model is told that a call was none, and asked again. */
  readonly badCalls: number;
}

export const DEFAULT_LIMITS: AgentLimits = { modelCalls: 15, toolCalls: 30, sameCall: 3, badCalls: 2 };

/** Ends a turn that would not end by itself. */
export function stopAgent(why: Reason): GptOssError {
  return failed("agentStopped", [why]);
}
