import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { packageFile } from "../../src/platform/folders.ts";
import type { InferenceRequest } from "../../src/inference/inference-request.ts";
import { testGateway } from "./support/gateway-client.ts";
import { plainAnswer } from "./support/scripted-source.ts";

/*
 * Requests that real clients sent to a gateway: a question, and two calls that the client executed. Long texts are replaced by their
 * length. codex 0.171, claude-code 2.1.197, opencode 1.18.33, @openai/agents, ai (Vercel), openai and @anthropic-ai/sdk.
 */
const FOLDER = packageFile("test/gateway/recorded");
const recordingSchema = z.array(
  z.object({ path: z.string(), body: z.looseObject({ stream: z.boolean().optional() }) }),
);
const CLIENTS = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ""));

/** Sends the requests of a client; gives what reaches the model. */
async function replay(client: string) {
  const { post, stream, source, log } = testGateway([plainAnswer()]);
  const recording = recordingSchema.parse(JSON.parse(readFileSync(join(FOLDER, `${client}.json`), "utf8")));
  for (const { path, body } of recording) {
    if (body.stream === true) expect((await stream(path, body)).length).toBeGreaterThan(3);
    else expect((await post(path, body)).status).toBe(200);
  }
  return { requests: source.requests, log };
}

/** Requests that continue the one before them. */
function continuations(requests: readonly InferenceRequest[]): [before: InferenceRequest, after: InferenceRequest][] {
  return requests.flatMap((after, index): [InferenceRequest, InferenceRequest][] => {
    const before = requests[index - 1];
    return before !== undefined && after.messages.at(-1)?.role === "tool" ? [[before, after]] : [];
  });
}

describe("requests of real clients", () => {
  it.each(CLIENTS)("of %s are answered, and each continues the prompt of the one before", async (client) => {
    const { requests, log } = await replay(client);
    expect(log.filter(({ type }) => type === "error")).toEqual([]);
    for (const [before, after] of continuations(requests)) {
      expect(after.messages.slice(0, before.messages.length)).toEqual(before.messages);
      expect(after.tools).toEqual(before.tools);
    }
    if (client !== "anthropic") expect(continuations(requests).length).toBeGreaterThanOrEqual(2);
  });

  it("of codex have namespaces flattened, and nothing that only OpenAI's servers have", async () => {
    const { requests, log } = await replay("codex");
    const names = requests[0]?.tools?.map(({ name }) => name) ?? [];
    expect(names).toContain("exec_command");
    expect(names.filter((name) => name.startsWith("multi_agent_v1__")).length).toBeGreaterThan(1);
    expect(log.filter(({ type }) => type === "left-out")).toEqual([
      { type: "left-out", api: "responses", what: "tool web_search" },
    ]);
    expect(
      requests
        .at(-1)
        ?.messages.map(({ role }) => role)
        .join(" "),
    ).toMatch(/^(system |developer )+user .*assistant tool assistant tool$/);
    expect(requests.at(-1)?.messages.filter(({ reasoning }) => reasoning).length).toBe(2);
  });

  it("of claude-code have no billing header, a system message in the middle, and their effort", async () => {
    const { requests } = await replay("claude-code");
    expect(JSON.stringify(requests)).not.toContain("billing");
    expect(requests[0]).toMatchObject({ effort: "high", maxTokens: 32_000 });
    expect(requests[0]?.messages.map(({ role }) => role)).toEqual(["system", "user", "system"]);
    expect(requests[0]?.tools?.length).toBeGreaterThan(20);
  });
});
