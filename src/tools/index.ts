/** What an agent may do, and how it is kept from doing more. */
export { type Approve, type ApprovalAnswer, type ApprovalRequest, refuseAll } from "./approval.ts";
export { type ApprovalScreen, approveByLine, type AskLine, askOnTerminal, type Terminal } from "./ask-on-terminal.ts";
export { describeToolEvent } from "./describe-tool-event.ts";
export { createTools, type Toolbox, type ToolOptions } from "./create-tools.ts";
export { type AgentTool, defineTool, type ToolDefinition } from "./define-tool.ts";
export { ToolFailure } from "./failure.ts";
export { agentGuard, type AgentGuardOptions } from "./guard/agent-guard.ts";
export { AgentTurn, type AgentStreamOptions, type AgentTurnOptions, type TurnKeeper } from "./guard/agent-turn.ts";
export type { ResumedTurn } from "./guard/resumed-turn.ts";
export type { AgentLimits } from "./guard/agent-limits.ts";
export type { OnToolEvent, ToolEvent } from "./guard/tool-event.ts";
export { SwitchableTools, type ToolGroup } from "./switchable-tools.ts";
export { parseToolSpec, splitToolWords, TOOL_KINDS, TOOL_WORDS, type ToolKind, type ToolRequest } from "./tool-spec.ts";
