/** The public API of langchain-gpt-oss. */
export { type Effort, EFFORTS } from "./config/effort.ts";
export {
  type ErrorCode,
  type Reason,
  type Wording,
  type WordingParameter,
  GptOssError,
  type GptOssErrorOptions,
} from "./errors.ts";
export type { Environment } from "../setup/folders.ts";
export type { Sampling } from "../setup/model/catalogue.ts";
export type { Case as ExperimentCase } from "./experiment/definition/read-cases.ts";
export type { RunProgress } from "./experiment/run/execute-run.ts";
export type { RunPlan } from "./experiment/run/run-plan.ts";
export type { CheckFunction, Judged, Score } from "./experiment/checks/check.ts";
export type { ExperimentDefinition } from "./experiment/definition/schema.ts";
export type { Results as ExperimentResults } from "./experiment/results/results.ts";
export type { SkippedRun } from "./experiment/run/run-folder.ts";
export { type ExperimentRun, runExperiment, type RunExperimentOptions } from "./experiment/run/run-experiment.ts";
export * from "./harmony/index.ts";
export { HarmonyOutputParser, HarmonyPartsParser } from "./harmony/output-parser.ts";
export type { HarmonyPart, ModelOutput } from "./harmony/part-reader.ts";
export * from "./memory/index.ts";
export { ChatGptOss, type ChatGptOssFields } from "./model/chat-gpt-oss.ts";
export type { ChatGptOssCallOptions, ContinueFrom } from "./model/call-options.ts";
export { ConversationTooLongError } from "./model/context-overflow.ts";
export type { AnswerTokens } from "./model/count-tokens.ts";
export { createChatModel, type CreateChatModelOptions } from "./model/create-chat-model.ts";
export { IncompleteAnswerError } from "./model/incomplete-answer.ts";
export { endedByLeaving } from "./model/leaving.ts";
export { type StreamWays, unlessObserved } from "./harmony/unobserved.ts";
export type { ModelNotice, PromptProgress } from "./model/notice.ts";
export {
  type AnswerTimings,
  type Cut,
  type GptOssMetadata,
  preambleOf,
  reasoningOf,
  timingsOf,
} from "./model/read-message.ts";
export type { OutputSchema } from "./model/check-output.ts";
export type { ChannelMode, ServerTraits } from "./model/server-traits.ts";
export { withoutTracing } from "./model/tracing.ts";
export { chatPromptOf, loadPrompt, parsePrompt, type Prompt, promptNames } from "./prompts.ts";
export * from "./tools/index.ts";
export * from "./documents/index.ts";
