/** The public API of langchain-gpt-oss. */
export { type Effort, EFFORTS } from "./config/effort.ts";
export {
  type ErrorCode,
  type Reason,
  type Wording,
  type WordingParameter,
  GptOssError,
  type GptOssErrorOptions,
} from "./errors/errors.ts";
export type { Environment } from "./platform/folders.ts";
export type { Sampling } from "./llama-server/model-catalogue.ts";
export type { Case as ExperimentCase } from "./experiment/definition/test-cases.ts";
export type { RunProgress } from "./experiment/run/run-experiment.ts";
export type { RunPlan } from "./experiment/plan/run-plan.ts";
export type { CheckFunction, Judged, Score } from "./experiment/checks/check.ts";
export type { ExperimentDefinition } from "./experiment/definition/schema.ts";
export type { Results as ExperimentResults } from "./experiment/results/results.ts";
export type { SkippedRun } from "./experiment/run/run-folder.ts";
export { type ExperimentRun, runExperiment, type RunExperimentOptions } from "./experiment/run/run-experiment.ts";
export * from "./harmony/index.ts";
export { HarmonyOutputParser, HarmonyPartsParser } from "./model/harmony-output-parser.ts";
export type { HarmonyPart, ModelOutput } from "./model/part-reader.ts";
export * from "./memory/index.ts";
export { ChatGptOss } from "./model/chat-gpt-oss.ts";
export type { ChatGptOssFields } from "./model/chat-gpt-oss-fields.ts";
export type { ChatGptOssCallOptions } from "./model/call-options.ts";
export type { ResumePoint } from "./inference/inference-request.ts";
export { ConversationTooLongError } from "./model/model-errors.ts";
export type { AnswerTokens } from "./inference/answer-part.ts";
export { createChatModel, type CreateChatModelOptions } from "./model/create-chat-model.ts";
export { IncompleteAnswerError } from "./model/model-errors.ts";
export { createStreamingRunnable, type StreamingRunnableOptions } from "./model/streaming-runnable.ts";
export type { AnswerTimings, PromptProgress, Truncation } from "./inference/answer-part.ts";
export type { ModelNotice } from "./inference/notice.ts";
export { type GptOssMetadata, preambleOf, reasoningOf, timingsOf } from "./model/read-message.ts";
export type { OutputSchema } from "./model/structured-output.ts";
export type { ChannelMode, ServerCapabilities } from "./inference/capabilities.ts";
export { chatPromptOf, loadPrompt, parsePrompt, type Prompt, promptNames } from "./prompts/prompts.ts";
export * from "./tools/index.ts";
export * from "./documents/index.ts";
