import { appendFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type AgentTool, createTools } from "../../src/index.ts";
import { answering, callTool } from "./support/call-tool.ts";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "gpt-oss-notes-"));
});
afterEach(async () => {
  await rm(data, { recursive: true, force: true });
});

async function notes(approve = answering("session")): Promise<readonly AgentTool[]> {
  const now = () => new Date("2026-03-01T12:00:00Z");
  return (await createTools("notes", { approve, environment: { GPT_OSS_DATA: join(data, "new") }, now })).tools;
}

describe("remember and recall", () => {
  it("keep over sessions, and find in Japanese too", async () => {
    const first = await notes();
    expect(await callTool(first, "recall", {})).toBe("[none of 0 notes fits]");
    expect(await callTool(first, "remember", { text: "The user likes green tea." })).toBe("Kept.");
    expect(await callTool(first, "remember", { text: "ユーザーは東京都に住んでいます。" })).toBe("Kept.");
    const second = await notes();
    expect(await callTool(second, "recall", { query: "Where is TEA from?" })).toBe(
      "2026-03-01: The user likes green tea.",
    );
    expect(await callTool(second, "recall", { query: "京都" })).toMatch(/東京都/);
    expect(await callTool(second, "recall", { query: "chess" })).toBe("[none of 2 notes fits]");
    expect((await callTool(second, "recall", {})).split("\n")).toHaveLength(2);
  });

  it("keep nothing that was refused, in a file that only its owner reads", async () => {
    expect(await callTool(await notes(answering("refused")), "remember", { text: "x" })).toMatch(/refused/);
    await callTool(await notes(), "remember", { text: "x" });
    expect((await stat(join(data, "new", "notes.jsonl"))).mode & 0o777).toBe(0o600);
  });

  it("pass over lines that are none", async () => {
    const made = await notes();
    await callTool(made, "remember", { text: "good" });
    await appendFile(join(data, "new", "notes.jsonl"), '{"at": "yesterday"}\n{"at": "2026-0');
    expect(await callTool(made, "recall", {})).toBe("2026-03-01: good");
  });
});
