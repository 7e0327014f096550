import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { withLock } from "../../setup/lock.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("withLock", () => {
  it("lets one in at a time, and leaves nothing behind", async () => {
    let inside = 0;
    let most = 0;
    const visits = Array.from({ length: 6 }, () =>
      withLock(path, "testing", undefined, async () => {
        most = Math.max(most, ++inside);
        await sleep(20);
        inside--;
      }),
    );
    await Promise.all(visits);
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is given back when the action fails", async () => {
    await expect(withLock(path, "testing", undefined, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(path, "testing", undefined, () => Promise.resolve("in"))).toBe("in");
  });

  it("takes over from a process that is gone", async () => {
    const child = spawn("true");
    await once(child, "exit");
    await writeFile(path, `${child.pid} left behind`);
    expect(await withLock(path, "testing", undefined, () => Promise.resolve("in"))).toBe("in");
  });

  it("waits for a living holder, tells who it is, and ends when it is told to", async () => {
    await writeFile(path, `${process.pid} held`);
    const stop = new AbortController();
    const holders: number[] = [];
    const waiting = withLock(
      path,
      "building llama.cpp",
      stop.signal,
      () => Promise.resolve("in"),
      (holder) => holders.push(holder),
    );
    await sleep(300);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({
      code: "interrupted",
      message: "Interrupted: waiting for another process that is building llama.cpp.",
    });
    expect(holders).toEqual([process.pid]);
  });
});
