import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, unlinkSync } from "node:fs";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../errors/errors.ts";
import { failed, type Phrase, reason } from "../i18n/error-messages.ts";
import { makeFolder } from "./folders.ts";

const HEARTBEAT_MS = 2_000;
const POLL_MS = 250;
/** A holder that is alive touches its lock every two seconds; one that is silent this long while we watch has lost it. */
const SILENT_MS = 15_000;

/** What the action under a lock has to heed. */
export interface Lease {
  /** Aborts with the caller's own signal, and when another process takes the lock over. */
  readonly signal: AbortSignal;
  /** Call this before you create or remove something. @throws GptOssError `interrupted` when the lock is lost */
  readonly ensureHeld: () => void;
}

export interface LockListeners {
  /** Told once, with the holder's pid, when there is something to wait for. */
  readonly onWait?: ((holder: number) => void) | undefined;
  /** A holder that is stopped loses its lock now; what it has started may still run. */
  readonly onTakeOver?: ((holder: number) => void) | undefined;
}

/**
 * Runs `action` while this process alone holds the lock file at `path`; waits for another holder.
 * A lock left behind by a killed process is taken over: its pid is gone, or (a reused pid, or a process that was stopped) it
 * stops being touched. A holder that continues after that finds out and ends.
 * @param what what the holder does, for the sentence of an interrupted wait
 * @throws GptOssError `interrupted` when `signal` aborts while waiting, or another process took the lock over
 */
export async function withLock<T>(
  path: string,
  what: Phrase,
  signal: AbortSignal | undefined,
  action: (lease: Lease) => Promise<T>,
  listeners: LockListeners = {},
): Promise<T> {
  makeFolder(dirname(path));
  const token = `${process.pid} ${randomUUID()}`;
  await acquire(path, token, what, signal, listeners);
  const lost = new AbortController();
  const ensureHeld = () => {
    const present = readToken(path);
    if (present === token) return;
    lost.abort();
    throw failed("lockTakenOver", [what, present === undefined ? "?" : Number.parseInt(present, 10)]);
  };
  const beat = () => {
    // looked at first: a process that was stopped must not keep another one's lock alive
    if (readToken(path) === token) void touch(path);
    else lost.abort();
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  heartbeat.unref();
  process.on("SIGCONT", beat);
  const release = () => {
    if (readToken(path) === token) releaseSync(path);
  };
  process.once("exit", release);
  try {
    const result = await action({ signal: signal ? AbortSignal.any([signal, lost.signal]) : lost.signal, ensureHeld });
    ensureHeld();
    return result;
  } catch (error) {
    // what the loss of the lock interrupted says so
    if (!signal?.aborted) ensureHeld();
    throw error;
  } finally {
    clearInterval(heartbeat);
    process.off("SIGCONT", beat);
    process.off("exit", release);
    release();
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
  { onWait, onTakeOver }: LockListeners,
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
      if (isAlive(pid)) onTakeOver?.(pid);
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
