import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, unlinkSync } from "node:fs";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../src/errors.ts";
import { failed, type Phrase, reason } from "../src/failures/failure.ts";
import { makeFolder } from "./make-folder.ts";

const HEARTBEAT_MS = 2_000;
const POLL_MS = 250;
/** A holder that is alive touches its lock every two seconds; one that is silent this long while we watch has lost it. */
const SILENT_MS = 15_000;

/**
 * Runs `action` while this process alone holds the lock file at `path`; waits for another holder.
 * A lock left behind by a killed process is taken over: its pid is gone, or (a reused pid) it stops being touched.
 * @param what what the holder does, for the sentence of an interrupted wait
 * @param onWait told once, with the holder's pid, when there is something to wait for
 * @throws GptOssError `interrupted` when `signal` aborts while waiting
 */
export async function withLock<T>(
  path: string,
  what: Phrase,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
  onWait?: (holder: number) => void,
): Promise<T> {
  makeFolder(dirname(path));
  const token = `${process.pid} ${randomUUID()}`;
  await acquire(path, token, what, signal, onWait);
  const heartbeat = setInterval(() => void touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  const onExit = () => releaseSync(path);
  process.once("exit", onExit);
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    process.off("exit", onExit);
    await rm(path, { force: true });
  }
}

/** A lock that its holder keeps for as long as it likes. */
export interface HeldLock {
  /** False once another process took it over, which happens to a holder that was stopped (Ctrl-Z) for long. */
  isHeld(): boolean;
  release(): void;
}

/**
 * Takes the lock at `path`, whose folder is there, without waiting.
 * @returns the lock, or the pid of the process that holds it
 */
export async function tryLock(path: string): Promise<HeldLock | { readonly holder: number }> {
  const token = `${process.pid} ${randomUUID()}`;
  while (!(await create(path, token))) {
    const held = await look(path);
    if (held === undefined) continue;
    const holder = Number.parseInt(held.token, 10);
    if (isAlive(holder) && Date.now() - held.modified <= SILENT_MS) return { holder };
    await takeAway(path, held.token);
  }
  const isHeld = () => readToken(path) === token;
  const heartbeat = setInterval(() => {
    if (isHeld()) void touch(path);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const release = () => {
    clearInterval(heartbeat);
    process.off("exit", release);
    if (isHeld()) releaseSync(path);
  };
  process.once("exit", release);
  return { isHeld, release };
}

async function acquire(
  path: string,
  token: string,
  what: Phrase,
  signal: AbortSignal | undefined,
  onWait?: (holder: number) => void,
): Promise<void> {
  let watched = { token: "", modified: 0, since: 0 };
  let told = false;
  while (!(await create(path, token))) {
    if (signal?.aborted) throw failed("interrupted", [reason("waitingForProcess", what)]);
    const held = await look(path);
    if (held === undefined) continue;
    if (held.token !== watched.token || held.modified !== watched.modified) {
      watched = { ...held, since: performance.now() };
    }
    const pid = Number.parseInt(held.token, 10);
    if (!isAlive(pid) || performance.now() - watched.since > SILENT_MS) {
      await takeAway(path, held.token);
      continue;
    }
    if (!told) onWait?.(pid);
    told = true;
    await sleep(POLL_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** Creates the lock with its content in one step (a link), so that nobody ever reads an empty one. */
async function create(path: string, token: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, "wx");
  try {
    await file.writeFile(token);
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

async function look(path: string): Promise<{ token: string; modified: number } | undefined> {
  try {
    return { token: await readFile(path, "utf8"), modified: (await stat(path)).mtimeMs };
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function readToken(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes a stale lock; if another waiter was faster and the lock is already a new one, puts that back. */
async function takeAway(path: string, staleToken: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return;
    throw error;
  }
  const token = await readFile(aside, "utf8");
  if (token !== staleToken) linkSync(aside, path);
  await rm(aside, { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === "EPERM";
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  // A failed touch only makes the lock look silent; the holder's work matters more than the lock.
  await utimes(path, now, now).catch(() => undefined);
}

function releaseSync(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCodeOf(error) !== "ENOENT") throw error;
  }
}
