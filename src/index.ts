/** The public API of langchain-gpt-oss. */
export { type Effort, EFFORTS } from "./config/effort.ts";
export { type ErrorCode, GptOssError } from "./errors.ts";
export * from "./harmony/index.ts";
export * from "./memory/index.ts";
export { ChatGptOss, type ChatGptOssFields } from "./model/chat-gpt-oss.ts";
export { type OpenChatModelOptions, openChatModel, type OpenChatModel } from "./model/open-chat-model.ts";
export { chatPromptOf, loadPrompt, parsePrompt, type Prompt, promptNames } from "./prompts.ts";
