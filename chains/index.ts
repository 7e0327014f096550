export { conversation, conversationChannels, type ConversationOptions } from "./conversation.ts";
