export { createToolAgent, createToolAgentChannels, createToolAgentMessages, type ToolAgentOptions } from "./agent.ts";
export { createDocumentQA, type DocumentQAOptions } from "./ask-files.ts";
export { createComparison, type ComparisonOptions, type Comparison } from "./compare.ts";
export {
  createConversation,
  createConversationChannels,
  createConversationMessages,
  type ConversationOptions,
} from "./conversation.ts";
export { createExtractor, type ExtractorOptions } from "./extract.ts";
export { createChainWithMemory, type ChainWithMemoryOptions } from "./conversation.ts";
export { createRouter, type Route, type RouterOptions } from "./route.ts";
export { createSummarizer, type SummarizerOptions } from "./summarize.ts";
export type { ConversationMemory, SessionMemoryOptions } from "./session-memory.ts";
export type { TextInput } from "./text-input.ts";
export { createTranslator, type TranslatorOptions } from "./translate.ts";
