export { agent, agentChannels, type AgentOptions } from "./agent.ts";
export { conversation, conversationChannels, type ConversationOptions } from "./conversation.ts";
export { remembering } from "./remembering.ts";
