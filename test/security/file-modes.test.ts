import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HumanMessage } from "@langchain/core/messages";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { InputHistory } from "../../src/chat/input-history.ts";
import { Session } from "../../src/memory/session.ts";
import { ServerLog } from "../../src/llama-server/server-log.ts";
import { NoteFile } from "../../src/tools/notes.ts";

const root = mkdtempSync(join(tmpdir(), "gpt-oss-modes-"));
let umask: number;
beforeAll(() => {
  // the most careless that there is: what is not asked for is open to all
  umask = process.umask(0);
});
afterAll(() => {
  process.umask(umask);
  rmSync(root, { recursive: true, force: true });
});

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("what is kept is for its owner alone, whatever the umask:", () => {
  it("conversations", async () => {
    const folder = join(root, "data", "sessions");
    const session = await Session.open({ folder, id: "one" });
    session.addMessage(new HumanMessage("Hello"));
    session.addDraft("Hi");
    expect(modeOf(folder)).toBe(0o700);
    const files = readdirSync(folder).filter((name) => !name.endsWith(".lock"));
    expect(files.length).toBe(2);
    for (const name of files) expect([name, modeOf(join(folder, name))]).toEqual([name, 0o600]);
    session.close();
  });

  it("the lines that were typed", () => {
    const path = join(root, "typed", "history.jsonl");
    new InputHistory(path).add("Hello");
    expect([modeOf(join(path, "..")), modeOf(path)]).toEqual([0o700, 0o600]);
  });

  it("what the model was told to remember", async () => {
    const path = join(root, "notes", "notes.jsonl");
    await new NoteFile(path).add({ at: "2026-11-26T00:00:00Z", text: "The user is Alice." });
    expect([modeOf(join(path, "..")), modeOf(path)]).toEqual([0o700, 0o600]);
  });

  it("the server's log", () => {
    const path = join(root, "logs", "server.log");
    new ServerLog(path).close();
    expect(modeOf(path)).toBe(0o600);
  });
});
