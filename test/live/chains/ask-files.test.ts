import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createDocumentQA } from "../../../chains/index.ts";
import { type Chunk, createChatModel } from "../../../src/index.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let folder: string;
let server: LiveServer | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-ask-files-"));
  writeFileSync(join(folder, "me.md"), "My name is Alice.\n");
  writeFileSync(join(folder, "sea.md"), "The sea is deep.\n");
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

/** The files that are found for a question that shares no word with any of them. */
async function foundOn(embeddings: boolean): Promise<readonly string[]> {
  await server?.stop();
  server = await startLiveServer({ embeddings });
  const model = await createChatModel({
    baseUrl: `${server.baseUrl}/v1`,
    apiKey: server.apiKey,
    model: "demo",
    environment: {},
  });
  expect((await model.embeddings()) !== undefined).toBe(embeddings);
  let found: readonly Chunk[] = [];
  const onNotice = (sentence: string) => {
    throw new Error(sentence);
  };
  const ask = createDocumentQA({ model, path: folder, onNotice, onSources: (sources) => (found = sources) });
  expect((await ask.invoke("Xylophone")).length).toBeGreaterThan(5);
  return found.map(({ path }) => path).toSorted();
}

describe("askFiles on a real server", () => {
  it("compares words alone where the server offers no embeddings", async () => {
    expect(await foundOn(false)).toEqual([]);
  });

  it("finds by meaning too where it does", async () => {
    expect(await foundOn(true)).toEqual(["me.md", "sea.md"]);
  });
});
