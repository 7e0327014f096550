import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { InputHistory } from "../../src/chat/input-history.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-history-"));
  path = join(folder, "deep", "input-history.jsonl");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("InputHistory", () => {
  it("keeps each entry once, the newest first, for the owner alone", () => {
    const history = new InputHistory(path);
    for (const entry of ["one", "two\nlines", "one", "one", "  "]) expect(history.add(entry)).toBe(true);
    expect(history.entries).toEqual(["one", "two\nlines"]);
    expect(new InputHistory(path).entries).toEqual(["one", "two\nlines"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("passes over damaged lines and texts too long to call back", () => {
    const history = new InputHistory(path);
    history.add("good");
    history.add("x".repeat(20_000));
    writeFileSync(path, `${readFileSync(path, "utf8")}not json\n{"a":1}\n"also good"\n"cut`);
    expect(new InputHistory(path).entries).toEqual(["also good", "good"]);
  });

  it("is rewritten when most of it is repetition", () => {
    new InputHistory(path).add("last");
    writeFileSync(path, `${'"again"\n'.repeat(2_000)}"last"\n`);
    new InputHistory(path).compact();
    expect(readFileSync(path, "utf8")).toBe('"again"\n"last"\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("deletes what was typed in a session, and keeps what was typed in another one too", () => {
    const history = new InputHistory(path);
    history.add("only here", "a");
    history.add("in both", "a");
    history.add("in both", "b");
    history.add("/system a secret", "a");
    history.compact();
    new InputHistory(path).removeSession("a");
    expect(readFileSync(path, "utf8")).not.toMatch(/only here|secret/);
    expect(new InputHistory(path).entries).toEqual(["in both"]);
  });

  it("knows entries of earlier versions by the messages of the session", () => {
    const history = new InputHistory(path);
    for (const text of ["a question", "about @notes.md", "another chat"]) history.add(text);
    history.removeSession("a", ["a question", "about @notes.md\n\nFile notes.md:\n```md\nx\n```"]);
    expect(readFileSync(path, "utf8")).toBe('"another chat"\n');
  });

  it("does without a file that can't be written", () => {
    writeFileSync(join(folder, "file"), "");
    const history = new InputHistory(join(folder, "file", "history"));
    expect(history.entries).toEqual([]);
    expect(history.add("one")).toBe(false);
    history.compact();
    expect(history.entries).toEqual(["one"]);
  });
});
