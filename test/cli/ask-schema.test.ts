import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Reply, startChatServer, stream } from "../support/chat-server.ts";
import { runCommandLine } from "../support/command-line.ts";

describe("ask --schema, on a server without grammars", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ask-schema-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function ask(reply: Reply, ...flags: readonly string[]) {
    await using server = await startChatServer(reply);
    const schema = flags.includes("--schema") ? [] : ["--schema", '{"type":"object"}'];
    const words = ["ask", "--base-url", server.baseUrl, "--no-save", ...schema, ...flags, "Hi"];
    return await runCommandLine(words, { environment: { GPT_OSS_DATA: folder, HOME: folder }, folder });
  }
  const answer = (content: string, finish = "stop") => ({
    chunks: stream(
      Array.from(content, (part) => ({ content: part })),
      { finish },
    ),
  });

  it.each(['{"a":1}', '```json\n{"a":1}\n```', 'Here it is:\n{"a":1}\nBye.'])(
    "prints the JSON alone: %s",
    async (text) => {
      const { status, stdout } = await ask(answer(text));
      expect({ status, value: JSON.parse(stdout) as unknown }).toEqual({ status: 0, value: { a: 1 } });
      const { final } = JSON.parse((await ask(answer(text), "--json")).stdout) as { readonly final: string };
      expect(JSON.parse(final)).toEqual({ a: 1 });
      const events = (await ask(answer(text), "--jsonl")).stdout.trim().split("\n");
      const texts = events.map((line) => JSON.parse(line) as { type: string; text: string });
      expect(texts.filter(({ type }) => type === "final")).toEqual([{ type: "final", text: '{"a":1}' }]);
    },
  );

  it("fails for an answer that is cut, and for one that is not JSON", async () => {
    expect(await ask(answer('{"a":', "length"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--max-tokens"),
    });
    expect(await ask(answer("I can't."))).toMatchObject({
      status: 1,
      stderr: expect.not.stringContaining("--max-tokens"),
    });
  });

  it.each([
    ['{"age":"old"}', "/age"],
    ["{}", "age"],
    ["[1]", "object"],
    ['{"age":1,"x":2}', "additional"],
  ])("fails for JSON that does not fit the schema: %s", async (text, named) => {
    const age = {
      type: "object",
      properties: { age: { type: "integer" } },
      required: ["age"],
      additionalProperties: false,
    };
    const schema = ["--schema", JSON.stringify(age)];
    const { status, stderr } = await ask(answer(text), ...schema);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(named) });
    const events = (await ask(answer(text), "--jsonl", ...schema)).stdout.trim().split("\n");
    expect(JSON.parse(events.at(-1) ?? "")).toMatchObject({ type: "error", code: "model-failed" });
    expect(await ask(answer('{"age":7}'), ...schema)).toMatchObject({ status: 0, stdout: '{"age":7}\n' });
  });
});
