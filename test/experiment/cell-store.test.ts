import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Row, Store } from "../../src/experiment/cell-store.ts";
import { answerOf } from "./support/make-results.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-store-"));
  path = join(folder, "deep", "cells.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const row = (key: string, outcome: Row["outcome"]): Row => ({
  version: 1,
  key,
  at: "2026-01-01T00:00:00.000Z",
  kind: "cell",
  variant: "a",
  case: "c",
  repeat: 1,
  mode: "fast",
  slots: 4,
  effort: "low",
  temperature: 0,
  maxTokens: 10,
  seed: 1,
  model: { name: "demo", hash: "h" },
  build: "b",
  outcome,
});
const answered = (key: string, final: string) => row(key, { answer: answerOf({ final }) });
const failed = (key: string) => row(key, { error: { code: "model-failed", message: "broken" } });

async function write(...rows: readonly Row[]): Promise<void> {
  await using store = await Store.open(path);
  for (const one of rows) await store.append(one);
}

describe("the store", () => {
  it("remembers answers from one opening to the next, whatever is in them", async () => {
    await write(answered("1", '改行\nと\u2028 "引用"'), answered("2", ""));
    await using store = await Store.open(path);
    expect(store.answerTo("1")?.final).toBe('改行\nと\u2028 "引用"');
    expect(store.answerTo("2")?.final).toBe("");
    expect(store.answerTo("3")).toBeUndefined();
    expect(store.damagedLines).toBe(0);
  });

  it("keeps a failure as a row, and forgets it for an answer", async () => {
    await write(failed("1"));
    await using store = await Store.open(path);
    expect(store.answerTo("1")).toBeUndefined();
    expect(store.rowOf("1")?.outcome).toHaveProperty("error");
    await store.append(answered("1", "now"));
    await store.append(failed("1"));
    expect(store.answerTo("1")?.final).toBe("now");
    expect((await readFile(path, "utf8")).trim().split("\n")).toHaveLength(3);
  });

  it("loses only the line that was cut, wherever it was", async () => {
    await write(answered("1", "one"), answered("2", "two"));
    const whole = await readFile(path, "utf8");
    const first = whole.indexOf("\n") + 1;
    for (let length = first + 1; length < whole.length - 1; length += 37) {
      await writeFile(path, whole);
      await truncate(path, length);
      await write(answered("3", "three"));
      const rows = await Store.read(path);
      expect([...rows.keys()]).toEqual(["1", "3"]);
    }
  });

  it("says how much of it can't be read", async () => {
    await write(answered("1", "one"));
    await appendFile(path, '{"version":2}\nnonsense\n');
    await using store = await Store.open(path);
    expect(store.damagedLines).toBe(2);
  });
});
