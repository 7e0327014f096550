import { ChatGptOss, type ChatGptOssFields } from "../../src/model/chat-gpt-oss.ts";
import type { ChatServer } from "./chat-server.ts";

/** What our own servers are. */
export const OWN_SERVER = { mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize: 8_192 } as const;

/** A model for a server of `startChatServer`. */
export function modelFor({ baseUrl }: Pick<ChatServer, "baseUrl">, fields: Partial<ChatGptOssFields> = {}): ChatGptOss {
  return new ChatGptOss({ baseUrl, model: "gpt-oss-20b", ...fields });
}

export const WEATHER_TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Get the current weather in a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string", description: "The city to look up." } },
      required: ["city"],
    },
  },
} as const;
