import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import { BROWSER_NAMESPACE } from "../../../src/harmony/index.ts";
import { NATIVE_EXTRAS } from "../../../src/model/native-definition.ts";
import { modelFor } from "../../support/chat-model.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(async () => {
  await server.stop();
});

const python = tool(() => "", {
  name: "python",
  description: "Runs Python.",
  schema: z.object({ code: z.string() }),
  extras: { [NATIVE_EXTRAS]: { namespace: "python", description: "Runs Python.", textArgument: "code" } },
});
const search = tool(() => "", {
  name: "browser_search",
  description: "Searches.",
  schema: z.object({ query: z.string() }),
  extras: { [NATIVE_EXTRAS]: { namespace: "browser", function: BROWSER_NAMESPACE.functions?.[0] } },
});

describe("gpt-oss's own tools on a real server", () => {
  it.each(["python", "browser_search"])("are called in their own form when a call is forced: %s", async (name) => {
    const capabilities = { mode: "raw", isLlamaServer: true, hasOwnTemplate: true } as const;
    const fields = { apiKey: server.apiKey, server: capabilities, maxTokens: 200 };
    const model = modelFor({ baseUrl: `${server.baseUrl}/v1` }, fields);
    const answer = await model.bindTools([python, search], { tool_choice: name }).invoke("Hello", { harmony: true });
    const calls = [...(answer.tool_calls ?? []), ...(answer.invalid_tool_calls ?? [])];
    expect(calls.map((call) => call.name)).toEqual([name]);
    expect(JSON.stringify(answer.response_metadata)).toContain(name === "python" ? "to=python" : "to=browser.search");
  });
});
