/** The public API of langchain-gpt-oss. Reading and writing harmony is in langchain-gpt-oss/harmony, chains are in langchain-gpt-oss/chains. */
export type { Effort } from "./config/effort.ts";
export { type Chunk, formatCitation, DocumentIndex, loadDocuments, type TextFile } from "./documents/document-index.ts";
export {
  DocumentRetriever,
  type DocumentRetrieverOptions,
  type PassageMetadata,
} from "./documents/document-retriever.ts";
export {
  type CountTokens,
  findLostStructure,
  type MarkdownPiece,
  type ProtectedText,
  protectMarkdown,
  splitMarkdown,
  splitText,
  createTokenCounter,
} from "./documents/markdown.ts";
export {
  type ErrorCode,
  GptOssError,
  type GptOssErrorOptions,
  type ErrorDetail,
  type MessageReference,
  type MessageParameter,
} from "./errors/errors.ts";
export type { CheckFunction, Judged, Score } from "./experiment/checks/check.ts";
export type { CheckReason } from "./experiment/checks/check-reason.ts";
export type { CodeExperimentDefinition } from "./experiment/definition/load-experiment.ts";
export type { ExperimentDefinition } from "./experiment/definition/schema.ts";
export type { Case as ExperimentCase } from "./experiment/definition/test-cases.ts";
export type {
  Invocable,
  ProgramCase,
  ProgramContext,
  ProgramFunction,
  ProgramOutput,
  ProgramSettings,
  ProgramToolCall,
  VariantSource,
} from "./experiment/program/program.ts";
export type { RunPlan } from "./experiment/plan/run-plan.ts";
export type { Results as ExperimentResults } from "./experiment/results/results.ts";
export {
  type ExperimentRun,
  runExperiment,
  type RunExperimentOptions,
  type RunProgress,
} from "./experiment/run/run-experiment.ts";
export type { SkippedRun } from "./experiment/run/run-folder.ts";
export type { AnswerTimings, AnswerTokens, PromptProgress, Truncation } from "./inference/answer-part.ts";
export type { ChannelMode, ServerCapabilities } from "./inference/capabilities.ts";
export type { ResumePoint } from "./inference/inference-request.ts";
export type { ModelNotice } from "./model/notice.ts";
export type { Sampling } from "./llama-server/model-catalogue.ts";
export type { AnswerKeeper, DraftingHistory, HistorySummary, SummarizedHistory, UsageMeter } from "./memory/history.ts";
export type { Budget, MemoryInput, MemoryOptions, MemoryOutput, Strategy } from "./memory/memory-options.ts";
export { createMemory, type Memory } from "./memory/memory.ts";
export type {
  Damage,
  NewSessionEvent,
  SessionEvent,
  SessionMessage,
  SessionState,
  SessionSummary,
} from "./memory/session-event.ts";
export { SessionChatMessageHistory } from "./memory/session-history.ts";
export { type OpenSessionOptions, Session, type StartDetails } from "./memory/session.ts";
export { ServerTokenCounter, type ServerTokenCounterOptions, type TokenCounter } from "./memory/token-counter.ts";
export type { ChatGptOssCallOptions } from "./model/call-options.ts";
export type { ChatGptOssFields } from "./model/chat-gpt-oss-fields.ts";
export { ChatGptOss } from "./model/chat-gpt-oss.ts";
export { createChatModel, type CreateChatModelOptions } from "./model/create-chat-model.ts";
export { HarmonyOutputParser, HarmonyChannelOutputParser } from "./model/harmony-output-parser.ts";
export { ConversationTooLongError, IncompleteAnswerError } from "./model/model-errors.ts";
export type { HarmonyPart, ModelOutput } from "./model/part-reader.ts";
export { type GptOssMetadata, getPreamble, getReasoning, getTimings } from "./model/read-message.ts";
export { createStreamingRunnable, type StreamingRunnableOptions } from "./model/streaming-runnable.ts";
export type { OutputSchema } from "./model/structured-output.ts";
export type { Environment } from "./platform/folders.ts";
export { createChatPrompt, loadPrompt, type Prompt } from "./prompts/prompts.ts";
export {
  agentGuardMiddleware,
  type AgentGuardMiddlewareOptions,
  type OnToolEvent,
  type ToolEvent,
} from "./tools/agent-guard.ts";
export type { AgentLimits } from "./tools/agent-turn.ts";
export {
  type ApprovalAnswer,
  type ApprovalRequest,
  type ApprovalScreen,
  type Approve,
  createTerminalApproval,
  type Terminal,
} from "./tools/approval.ts";
export {
  createBrowserTools,
  createCodeTools,
  createPythonTool,
  createTools,
  type Toolbox,
  type CreateToolsOptions,
} from "./tools/create-tools.ts";
export { type AgentTool, createTool, type ToolDefinition } from "./tools/define-tool.ts";
export type { ResumedTurn } from "./tools/resumed-turn.ts";
export { ToolError } from "./tools/tool-result.ts";
export type { ToolRequest } from "./tools/tool-spec.ts";
