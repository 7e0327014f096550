import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { type Lease, tryLock, withLock } from "../../src/platform/lock.ts";

/** What a program has said so far. */
function collect(stream: Readable): { readonly text: string } {
  const said = { text: "" };
  stream.setEncoding("utf8").on("data", (text: string) => (said.text += text));
  return said;
}

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

  it("notices that another process took over while this one was stopped, and leaves that one's lock alone", async () => {
    const child = spawn(process.execPath, [packageFile("test/platform/support/hold-lock.mjs"), path], {
      stdio: "pipe",
    });
    const said = collect(child.stdout);
    while (!said.text.includes("in")) await sleep(20);
    child.kill("SIGSTOP");
    const stopped: number[] = [];
    await withLock(
      path,
      "testing",
      undefined,
      async ({ ensureHeld }) => {
        child.kill("SIGCONT");
        await once(child, "exit");
        ensureHeld();
      },
      { onTakeOver: (holder) => stopped.push(holder) },
    );
    expect(stopped).toEqual([child.pid]);
    expect(said.text).toBe("in\naborted\nlockTakenOver interrupted\n");
    expect(await readdir(folder)).toEqual([]);
  }, 40_000);

  it("neither puts in place nor gives back what is not its own any more", async () => {
    const action = async ({ ensureHeld }: Lease) => {
      await writeFile(path, "1 another");
      ensureHeld();
    };
    await expect(withLock(path, "testing", undefined, action)).rejects.toMatchObject({ code: "interrupted" });
    expect(await readFile(path, "utf8")).toBe("1 another");
    await rm(path);
    // not even when the action asks nothing
    await expect(withLock(path, "testing", undefined, () => writeFile(path, "1 another"))).rejects.toMatchObject({
      code: "interrupted",
    });
  });

  it("waits for a living holder, reports who it is, and ends with its signal", async () => {
    await writeFile(path, `${process.pid} held`);
    const stop = new AbortController();
    const holders: number[] = [];
    const waiting = withLock(path, "building llama.cpp", stop.signal, () => Promise.resolve("in"), {
      onWait: (holder) => holders.push(holder),
    });
    await sleep(300);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({
      code: "interrupted",
      message: "Interrupted: waiting for another process that is building llama.cpp.",
    });
    expect(holders).toEqual([process.pid]);
  });
});

describe("tryLock", () => {
  /** Takes the lock and gives it back; false if another process holds it. */
  const canLock = async () => {
    const lock = await tryLock(path);
    if ("holder" in lock) return false;
    lock.release();
    return true;
  };
  const age = async () => {
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(path, hourAgo, hourAgo);
  };

  it("gives the lock to one, tells the other who has it, and leaves nothing behind", async () => {
    const [one, other] = await Promise.all([tryLock(path), tryLock(path)]);
    const held = [one, other].filter((lock) => "release" in lock);
    expect(held).toHaveLength(1);
    expect([one, other]).toContainEqual({ holder: process.pid });
    expect(await canLock()).toBe(false);
    held[0]?.release();
    expect(await canLock()).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  it("takes over from a process that is gone", async () => {
    const child = spawn("true");
    await once(child, "exit");
    await writeFile(path, `${child.pid} left behind`);
    expect(await canLock()).toBe(true);
  });

  it("takes over from a pid that another program has now", async () => {
    await writeFile(path, `${process.pid} before a restart`);
    await age();
    expect(await canLock()).toBe(true);
  }, 20_000);

  it("leaves the lock to a holder that continues after a suspend", async () => {
    await writeFile(path, `${process.pid} suspended`);
    await age();
    const trying = tryLock(path);
    await sleep(600);
    await utimes(path, new Date(), new Date());
    expect(await trying).toEqual({ holder: process.pid });
    expect(await readFile(path, "utf8")).toBe(`${process.pid} suspended`);
  });
});
