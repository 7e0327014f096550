import { type ChatGptOss, createChatModel } from "../../../src/index.ts";
import type { LiveServer } from "./live-server.ts";

/** The demo model behind this server, always with its likeliest words. */
export async function liveModel({ baseUrl, apiKey }: LiveServer): Promise<ChatGptOss> {
  return await createChatModel({
    baseUrl: `${baseUrl}/v1`,
    apiKey,
    model: "demo",
    sampling: { temperature: 0 },
    environment: {},
  });
}
