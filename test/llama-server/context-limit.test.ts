import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { readContextLimit, rememberContextLimit } from "../../src/llama-server/context-limit.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-context-limit-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the size that loaded after a larger one did not", () => {
  it("is remembered for one server", async () => {
    await rememberContextLimit(folder, "a", 16_384);
    expect(await readContextLimit(folder, "a")).toBe(16_384);
    expect(await readContextLimit(folder, "b")).toBeUndefined();
  });

  it.each([JSON.stringify({ tokens: 16_384, moment: 0 }), "{", "{}"])(
    "is forgotten after a day, or when its file is damaged: %s",
    async (text) => {
      await rememberContextLimit(folder, "a", 16_384);
      await writeFile(join(folder, "context-limits", "a.json"), text);
      expect(await readContextLimit(folder, "a")).toBeUndefined();
    },
  );

  it("is not needed: a folder that can't be written is no error", async () => {
    await writeFile(join(folder, "file"), "");
    await rememberContextLimit(join(folder, "file"), "a", 1);
    expect(await readContextLimit(join(folder, "file"), "a")).toBeUndefined();
  });
});
