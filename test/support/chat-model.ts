import { ChatGptOss } from "../../src/model/chat-gpt-oss.ts";
import type { ChatGptOssFields } from "../../src/model/chat-gpt-oss-fields.ts";
import type { ChatServer } from "./chat-server.ts";

export { WEATHER_TOOL } from "../../src/cli/doctor-interview.ts";

/** What our own servers are. */
export const OWN_SERVER = { mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize: 8_192 } as const;

/** A model for a server of `startChatServer`. */
export function modelFor({ baseUrl }: Pick<ChatServer, "baseUrl">, fields: Partial<ChatGptOssFields> = {}): ChatGptOss {
  return new ChatGptOss({ baseUrl, model: "gpt-oss-20b", ...fields });
}
