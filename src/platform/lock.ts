import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, unlinkSync } from "node:fs";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import { makeFolder } from "./folders.ts";
import { LinkedSignal } from "./linked-signal.ts";

const HEARTBEAT_MS = 2_000;
const POLL_MS = 250;
/** A live holder touches its lock every two seconds. One that has not done so for this long looks silent. */
const SILENT_MS = 15_000;
/** It loses its lock if it also stays silent while we watch: after a suspend every holder looks silent until it runs again. */
const WATCH_MS = 5_000;

/** What the action under a lock has to heed. */
export interface Lease {
  /** Aborts with the caller's own signal, and when another process takes the lock over. */
  readonly signal: AbortSignal;
  /** Call this before you create or remove something. @throws GptOssError `interrupted` when the lock is lost */
  readonly ensureHeld: () => void;
}

export interface LockListeners {
  /** Called once, with the holder's pid, if another process holds the lock. */
  readonly onWait?: ((holder: number) => void) | undefined;
  /** A holder that is stopped loses its lock now; the programs that it started may still run. */
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
  what: LocalizedText,
  signal: AbortSignal | undefined,
  action: (lease: Lease) => Promise<T>,
  { onWait, onTakeOver }: LockListeners = {},
): Promise<T> {
  makeFolder(dirname(path));
  const token = newToken();
  let hasWaited = false;
  const onHeld = async (holder: number) => {
    if (signal?.aborted) throw createError("interrupted", [errorDetail("waitingForProcess", what)]);
    if (!hasWaited) onWait?.(holder);
    hasWaited = true;
    await sleep(POLL_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
    return true;
  };
  await acquire(path, token, onHeld, onTakeOver);
  using lost = new LinkedSignal(signal);
  const lock = holdLock(path, token, () => lost.abort());
  const ensureHeld = () => {
    if (lock.isHeld()) return;
    lost.abort();
    const present = readToken(path);
    throw createError("lockTakenOver", [what, present === undefined ? "?" : pidIn(present)]);
  };
  try {
    const result = await action({ signal: lost.signal, ensureHeld });
    ensureHeld();
    return result;
  } catch (error) {
    // an error that the loss of the lock caused is reported as that
    if (!signal?.aborted) ensureHeld();
    throw error;
  } finally {
    lock.release();
  }
}

/** A lock that its holder keeps for as long as it likes. */
export interface HeldLock {
  /** False once another process took it over, which happens to a holder that was stopped (Ctrl-Z) for long. */
  isHeld(): boolean;
  release(): void;
}

/**
 * Takes the lock at `path`, in an existing folder, without waiting for a live holder to release it.
 * @returns the lock, or the pid of the process that holds it
 */
export async function tryLock(path: string): Promise<HeldLock | { readonly holder: number }> {
  const token = newToken();
  const holder = await acquire(path, token, waitIfSilent);
  return holder === undefined ? holdLock(path, token) : { holder };
}

async function waitIfSilent(_holder: number, isSilent: boolean): Promise<boolean> {
  if (isSilent) await sleep(POLL_MS);
  return isSilent;
}

const newToken = () => `${process.pid} ${randomUUID()}`;

const pidIn = (token: string) => Number.parseInt(token, 10);

/**
 * Makes the lock file with this token, and takes a stale one away first.
 * @param onHeld called as long as another process holds the lock, and told whether that one looks silent; false gives up
 * @returns the holder if `onHeld` gave up
 */
async function acquire(
  path: string,
  token: string,
  onHeld: (holder: number, isSilent: boolean) => Promise<boolean>,
  onTakeOver?: (holder: number) => void,
): Promise<number | undefined> {
  let watched = { token: "", modified: 0, since: 0, wasTouched: false };
  while (!(await createLock(path, token))) {
    const held = await readLock(path);
    if (held === undefined) continue;
    if (held.token !== watched.token || held.modified !== watched.modified) {
      watched = { ...held, since: performance.now(), wasTouched: held.token === watched.token };
    }
    const holder = pidIn(held.token);
    // in both directions: a clock may have been set back
    const looksSilent = Math.abs(Date.now() - held.modified) > SILENT_MS;
    if (!isAlive(holder) || (looksSilent && performance.now() - watched.since > WATCH_MS)) {
      if (isAlive(holder)) onTakeOver?.(holder);
      await takeAway(path, held.token);
    } else if (!(await onHeld(holder, looksSilent && !watched.wasTouched))) return holder;
  }
  return undefined;
}

/** Keeps a lock alive that this process has acquired. */
function holdLock(path: string, token: string, onLost: () => void = () => undefined): HeldLock {
  const isHeld = () => readToken(path) === token;
  const beat = () => {
    // looked at first: a process that was stopped must not keep another one's lock alive
    if (isHeld()) void touch(path);
    else onLost();
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  heartbeat.unref();
  process.on("SIGCONT", beat);
  const release = () => {
    clearInterval(heartbeat);
    process.off("SIGCONT", beat);
    process.off("exit", release);
    if (isHeld()) releaseSync(path);
  };
  process.once("exit", release);
  return { isHeld, release };
}

/** Creates the lock with its content in one step (a link), so that nobody ever reads an empty one. */
async function createLock(path: string, token: string): Promise<boolean> {
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

async function readLock(path: string): Promise<{ token: string; modified: number } | undefined> {
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
