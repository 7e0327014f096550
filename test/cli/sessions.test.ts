import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../support/command-line.ts";

const ID = "20261201-023454-b8f700";
let folder: string;
let sessions: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-sessions-"));
  sessions = join(folder, "sessions");
  await mkdir(sessions);
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...words: readonly string[]) =>
  runCommandLine(["sessions", ...words], { environment: { GPT_OSS_DATA: folder, HOME: folder }, folder });

/** A session whose program was killed while the answer to its one question was written. */
async function writeKilledSession(draft: string): Promise<void> {
  const at = "2026-12-01T02:34:55.000Z";
  const events = [
    { v: 1, at, type: "started", id: ID, model: "demo", prompt: "chat", settings: {} },
    { v: 1, at, type: "message", seq: 1, message: { type: "human", data: { content: "Name a fruit" } } },
  ];
  await writeFile(join(sessions, `${ID}.jsonl`), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  await writeFile(join(sessions, `${ID}.draft`), draft);
}

describe("a session whose program was killed inside an answer", () => {
  it("shows what had been written, wherever it is read", async () => {
    await writeKilledSession("1\nApple, banana, 柿");
    expect((await run("show", ID)).stdout).toContain("Apple, banana, 柿");
    expect((await run("export", ID)).stdout).toContain("Apple, banana, 柿");
    expect((await run("search", "banana")).stdout).toContain(ID);
    const before = await readFile(join(sessions, `${ID}.jsonl`), "utf8");
    const page = (await run("export", ID, "--format", "json")).stdout;
    // only the program that continues the session writes to it
    expect(await readFile(join(sessions, `${ID}.jsonl`), "utf8")).toBe(before);
    await writeFile(join(folder, "page.json"), page);
    await run("delete", ID, "--yes");
    expect(await readdir(sessions)).toEqual([]);
    expect(await run("import", join(folder, "page.json"))).toMatchObject({ status: 0 });
    expect((await run("show", "Name a fruit")).stdout).toContain("Apple, banana, 柿");
  });

  it.each(["", "1\n", "2\nApple", "x\nApple", "\0"])(
    "shows nothing for a draft that answers nothing: %j",
    async (draft) => {
      await writeKilledSession(draft);
      const { status, stdout } = await run("show", ID);
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.not.stringContaining("Apple") });
    },
  );
});
