export { agent, agentChannels, type AgentOptions } from "./agent.ts";
export { askFiles, type AskFilesOptions } from "./ask-files.ts";
export { compare, type CompareOptions, type Comparison } from "./compare.ts";
export { conversation, conversationChannels, type ConversationOptions } from "./conversation.ts";
export { extract, type ExtractOptions } from "./extract.ts";
export { remembering, type RememberingOptions } from "./remembering.ts";
export { route, type Route, type RouteOptions } from "./route.ts";
export { summarize, type SummarizeOptions } from "./summarize.ts";
export { translate, type TranslateOptions } from "./translate.ts";
