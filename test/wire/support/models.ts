import { type ChatGptOss, createChatModel, type CreateChatModelOptions } from "../../../src/index.ts";
import type { ModelServer } from "./model-server.ts";

/** A model behind a server, with no settings of the machine that the tests run on, and on a fixed day. */
export async function modelOn(server: ModelServer, options: CreateChatModelOptions = {}): Promise<ChatGptOss> {
  return await createChatModel({
    baseUrl: server.baseUrl,
    apiKey: "secret",
    environment: { GPT_OSS_CONFIG: "/nowhere/config.yaml" },
    now: new Date("2026-11-26T12:00"),
    ...options,
  });
}
