import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { runCommandLine } from "../support/command-line.ts";
import { type ChatBody, finalText, startModelServer } from "../wire/support/model-server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-cases-"));
  await cp(packageFile("test/fixtures/v0/data"), join(folder, "data"), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...words: readonly string[]) =>
  runCommandLine(words, {
    environment: {
      GPT_OSS_DATA: join(folder, "data"),
      GPT_OSS_CONFIG: join(folder, "none.yaml"),
      GPT_OSS_CACHE: join(folder, "cache"),
    },
    folder,
  });

const HAIKU = "20261130-221126-dd125f";
const TOOLS = "20261130-221131-ddeb7f";

describe("sessions to-cases", () => {
  it("makes a case of each message of the user, which an experiment asks again", async () => {
    const { status, stdout } = await run("sessions", "to-cases", HAIKU, TOOLS);
    expect(status).toBe(0);
    const cases = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; variables: { input: string }; history: { role: string }[] });
    expect(cases).toHaveLength(5);
    expect(cases[1]).toMatchObject({
      id: `${HAIKU}-2`,
      variables: { input: "秋の俳句もお願いします。" },
      expected: "柿くへば\n鐘が鳴るなり\n法隆寺",
      history: [{ role: "user" }, { role: "assistant" }],
    });
    expect(cases[4]?.history.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    await writeFile(join(folder, "cases.jsonl"), stdout);
    const definition = {
      name: "saved",
      variants: [{ name: "plain", prompt: "{{input}}" }],
      cases: "cases.jsonl",
      settings: { max_tokens: 99 },
      checks: [{ type: "equals", value: "{{expected}}" }],
    };
    await writeFile(join(folder, "saved.yaml"), JSON.stringify(definition));
    await using server = await startModelServer({ replies: [finalText("はい")] });
    expect(await run("experiment", "run", "saved.yaml", "--base-url", server.baseUrl)).toMatchObject({ status: 0 });
    const asked = server.exchanges
      .filter(({ path }) => path === "/v1/chat/completions")
      .map(({ body }) => body as ChatBody)
      .find(({ messages }) => messages.length === 5);
    expect(asked?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  });

  it("refuses a session that does not exist", async () => {
    expect(await run("sessions", "to-cases", "none")).toMatchObject({ status: 2, stdout: "" });
  });
});
