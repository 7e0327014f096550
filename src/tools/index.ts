/** What an agent may do, and how it is kept from doing more. */
export { type Approve, type ApprovalAnswer, type ApprovalRequest, refuseAll } from "./approval.ts";
export { type ApprovalScreen, approveByLine, type AskLine, askOnTerminal, type Terminal } from "./approval.ts";
export { describeToolEvent } from "./agent-guard.ts";
export { createTools, type Toolbox, type ToolOptions } from "./create-tools.ts";
export { type AgentTool, defineTool, type ToolDefinition } from "./define-tool.ts";
export { ToolError } from "./tool-result.ts";
export { agentGuard, type AgentGuardOptions } from "./agent-guard.ts";
export { AgentTurn, type AgentStreamOptions, type AgentTurnOptions, type TurnKeeper } from "./agent-turn.ts";
export type { ResumedTurn } from "./resumed-turn.ts";
export type { AgentLimits } from "./agent-turn.ts";
export type { OnToolEvent, ToolEvent } from "./agent-guard.ts";
export { SwitchableTools, type ToolGroup } from "./switchable-tools.ts";
export { parseToolSpec, splitToolWords, TOOL_KINDS, TOOL_WORDS, type ToolKind, type ToolRequest } from "./tool-spec.ts";
