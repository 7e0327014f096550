import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { join } from "node:path";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { conversations } from "./support/conversations.ts";
import { promptOf } from "./support/prompt.ts";

let ours: LiveServer;
let models: LiveServer;
beforeAll(async () => {
  // a raw server does not give the model's template the thinking of past messages
  ours = await startLiveServer({ parsed: true });
  models = await startLiveServer({
    parsed: true,
    template: join(ours.sourceFolder, "models/templates/openai-gpt-oss-120b.jinja"),
  });
});
afterAll(async () => {
  await ours.stop();
  await models.stop();
});

describe("prompts/harmony.jinja against the model's own template", () => {
  it.each(conversations)("writes the same prompt: %s", async (_, request) => {
    expect(await promptOf(ours, request)).toBe(await promptOf(models, request));
  });
});
