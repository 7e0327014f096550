import { createHash } from "node:crypto";
import { chmodSync, lstatSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../../setup/make-folder.ts";
import type { Environment } from "../../../setup/folders.ts";
import { type GptOssError, type Reason, systemCodeOf } from "../../errors.ts";
import { failed, reason } from "../../failures/failure.ts";

/** macOS takes 103 bytes of path for a unix socket, Linux 107. */
const LONGEST_SOCKET_PATH = 103;

export interface RuntimePaths {
  readonly folder: string;
  readonly socket: string;
  /** Held while a supervisor is being started. */
  readonly lock: string;
}

/**
 * Where this user's supervisor is found: `GPT_OSS_RUNTIME`, else `run/HOST` in the cache folder; a home that several
 * machines share gives each its own. Where that is too long for a socket, a folder of the user's in the system's
 * temporary folder, named after it.
 */
export function runtimePaths(environment: Environment, cache: string): RuntimePaths {
  const wanted = environment["GPT_OSS_RUNTIME"] || join(cache, "run", hostname());
  const folder = fits(wanted) ? wanted : join(tmpdir(), `gpt-oss-${userInfo().uid}-${digest(wanted)}`);
  return { folder, socket: socketIn(folder), lock: join(folder, "lock") };
}

/**
 * Makes the folder, for this user alone: whoever can reach the socket can have programs run in our name.
 * @throws GptOssError `server-failed` when it can't be made or belongs to someone else
 */
export function makeRuntimeFolder({ folder }: RuntimePaths): void {
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    throw unusable(folder, reason("notMade", systemCodeOf(error) ?? "?"));
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid) throw unusable(folder, reason("notYours"));
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

function unusable(folder: string, why: Reason): GptOssError {
  return failed("unusableRuntimeFolder", [folder, why]);
}

function fits(folder: string): boolean {
  return Buffer.byteLength(socketIn(folder)) <= LONGEST_SOCKET_PATH;
}

function socketIn(folder: string): string {
  return join(folder, "supervisor.sock");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
