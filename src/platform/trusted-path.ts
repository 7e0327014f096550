import { lstatSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorDetail } from "../i18n/error-messages.ts";
import type { ErrorDetail } from "../errors/errors.ts";

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Why another user could decide what is found at a path: somebody else owns a part of it, or may rename it. Every folder
 * and link on the way is looked at; a part that does not exist yet ends the way.
 * @returns undefined when only this user and root decide
 */
export function findUntrustedPart(path: string): ErrorDetail | undefined {
  const owners = trustedOwners();
  const rest = partsOf(resolve(path));
  let at = "/";
  for (let links = 0; ;) {
    const name = rest.shift();
    if (name === undefined) return undefined;
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const found = lstatSync(next, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!owners.has(found.uid)) return errorDetail("ownedByOther", next, found.uid);
    if (found.isSymbolicLink()) {
      if (++links > MOST_LINKS) return errorDetail("linksInCircle", path);
      const target = readlinkSync(next);
      rest.unshift(...partsOf(target));
      if (target.startsWith("/")) at = "/";
      continue;
    }
    if (!found.isDirectory()) return errorDetail("notFolder", next);
    if (isWritableByOthers(found) && !isSticky(found)) return errorDetail("writableByOthers", next);
    at = next;
  }
}

/** The uid of this process; a container may run one that has no name. */
export function ownUid(): number {
  return process.getuid?.() ?? -1;
}

/** Many systems give each user a group of the same number and a umask that lets the group write: that group means the user alone. */
export function isWritableByOthers({ mode, uid, gid }: Stats): boolean {
  const byGroup = (mode & 0o020) !== 0 && !(uid === gid && uid === ownUid());
  return byGroup || (mode & 0o002) !== 0;
}

/** As the system's temporary folder: others may add entries, but not rename or remove ours. */
function isSticky({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** This user and root; in a user namespace that does not map root, its files show the overflow uid. */
function trustedOwners(): ReadonlySet<number> {
  const owners = [0, ownUid()];
  const mapped = readNumbers("/proc/self/uid_map");
  const mapsRoot = mapped === undefined || mapped.some(([, outside]) => outside === 0);
  const overflow = mapsRoot ? undefined : readNumbers("/proc/sys/kernel/overflowuid")?.[0]?.[0];
  return new Set(overflow === undefined ? owners : [...owners, overflow]);
}

/** Lines of numbers, as in many files of /proc; undefined if the file does not exist. */
function readNumbers(path: string): readonly (readonly number[])[] | undefined {
  try {
    return readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number));
  } catch {
    return undefined;
  }
}
