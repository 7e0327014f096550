import { createHash } from "node:crypto";
import { chmodSync, lstatSync, readdirSync, statSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { makeFolder, type Environment } from "../platform/folders.ts";
import { type GptOssError, type ErrorDetail, systemCodeOf } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { findUntrustedPart, isWritableByOthers, ownUid } from "../platform/trusted-path.ts";

/** macOS takes 103 bytes of path for a unix socket, Linux 107. */
const LONGEST_SOCKET_PATH = 103;
const SOCKET = "supervisor.sock";
const LOCK = "lock";

export interface RuntimePaths {
  readonly folder: string;
  readonly socket: string;
  /** Held while a supervisor is being started. */
  readonly lock: string;
}

/**
 * Where this user's supervisor is found: `GPT_OSS_RUNTIME`, else `run/HOST` in the cache folder; a home that several
 * machines share gives each its own. Where that path is too long for a socket, or other users may write to a folder above
 * `run/HOST`, it is a folder of the user's in the system's temporary folder, named after that path.
 */
export function runtimePaths(environment: Environment, cache: string): RuntimePaths {
  const named = environment["GPT_OSS_RUNTIME"];
  const wanted = resolve(named || join(cache, "run", hostname()));
  const isUsable = fits(wanted) && (named || findUntrustedPart(dirname(wanted)) === undefined);
  return pathsIn(isUsable ? wanted : join(temporaryFolder(), `gpt-oss-${ownUid()}-${digest(wanted)}`));
}

/** The paths of a supervisor that was started with the path of its socket. */
export function pathsOfSocket(socket: string): RuntimePaths {
  return pathsIn(dirname(socket));
}

/**
 * Makes the folder, for this user alone: any program that can reach the socket can start programs in this user's name.
 * @throws GptOssError `server-failed` when it can't be made, or other users could decide what is in it
 */
export function makeRuntimeFolder(paths: RuntimePaths): void {
  const { folder } = paths;
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    throw unusable(folder, errorDetail("notMade", systemCodeOf(error) ?? "?"));
  }
  if (!checkRuntimeFolder(paths)) throw unusable(folder, errorDetail("notMade", "ENOENT"));
}

/**
 * Checks, before anything is said to the socket, that only this user can have put it there.
 * @returns false without a folder, which means without a supervisor
 * @throws GptOssError `server-failed` when other users could decide what is in the folder
 */
export function checkRuntimeFolder({ folder, socket }: RuntimePaths): boolean {
  try {
    const untrusted = findUntrustedPart(folder);
    if (untrusted !== undefined) throw unusable(folder, untrusted);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (found.uid !== ownUid()) throw unusable(folder, errorDetail("ownedByOther", folder, found.uid));
    // sticky is not enough here: another user could listen first
    if (isWritableByOthers(found)) throw unusable(folder, errorDetail("writableByOthers", folder));
    if ((found.mode & 0o077) !== 0) closeToOthers(folder);
    const listening = lstatSync(socket, { throwIfNoEntry: false });
    if (listening === undefined) return true;
    if (listening.uid !== ownUid()) throw unusable(folder, errorDetail("ownedByOther", socket, listening.uid));
    if (!listening.isSocket()) throw unusable(folder, errorDetail("notSocket", socket));
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    throw code === undefined ? error : unusable(folder, errorDetail("notReachable", code));
  }
}

/** A folder that holds other things may be open for a reason: a home, or /etc in a container where everything runs as root. */
function closeToOthers(folder: string): void {
  const other = readdirSync(folder).find((name) => name !== SOCKET && name !== LOCK && !name.startsWith(`${LOCK}.`));
  if (other !== undefined) throw unusable(folder, errorDetail("openAndUsed", other));
  chmodSync(folder, 0o700);
}

function unusable(folder: string, why: ErrorDetail): GptOssError {
  return createError("unusableRuntimeFolder", [folder, why]);
}

function pathsIn(folder: string): RuntimePaths {
  return { folder, socket: join(folder, SOCKET), lock: join(folder, LOCK) };
}

/** TMPDIR may be too long as well. */
function temporaryFolder(): string {
  const longestName = `gpt-oss-${ownUid()}-${digest("")}`;
  return fits(join(tmpdir(), longestName)) ? resolve(tmpdir()) : "/tmp";
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, SOCKET)) <= LONGEST_SOCKET_PATH;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
