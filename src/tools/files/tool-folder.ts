import { constants, type Dirent } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { GptOssError, systemCodeOf } from "../../errors/errors.ts";
import { createError } from "../../i18n/error-messages.ts";
import { decodeText } from "../../terminal/unicode.ts";
import { showableLine } from "../../terminal/untrusted-text.ts";
import { ToolError } from "../tool-result.ts";
import { comparableName } from "./program-files.ts";

/**
 * The one folder that file tools may use. Every path is followed to where it really is before and after it is opened, so that
 * neither `..`, nor a link, nor a folder that is swapped for a link just then leads out of it.
 */
export class ToolFolder {
  /** Where the folder really is. */
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @throws GptOssError `usage` when there is no such folder */
  static async open(path: string): Promise<ToolFolder> {
    try {
      const root = await realpath(resolve(path));
      if (!(await stat(root)).isDirectory()) throw createError("noFolder", [path]);
      return new ToolFolder(root);
    } catch (error) {
      if (GptOssError.isInstance(error)) throw error;
      throw createError("unreadableFolder", [path], { cause: error });
    }
  }

  /** The same folder in another thread, which knows of it where it really is. */
  static at(root: string): ToolFolder {
    return new ToolFolder(root);
  }

  /** A path inside as it is shown: from the folder on, `.` for the folder itself. */
  show(path: string): string {
    return showableLine(relative(this.root, path) || ".");
  }

  /**
   * Where an existing file or folder really is.
   * @throws ToolError when there is none, or when it is outside
   */
  async locate(path: string): Promise<string> {
    const wanted = this.#inside(path);
    const real = await readable(path, () => realpath(wanted));
    this.#refuseOutside(real, path);
    return real;
  }

  /** What is in a folder, by name, and where the folder really is. */
  async entries(path: string): Promise<{ readonly here: string; readonly entries: readonly Dirent[] }> {
    const here = await this.locate(path);
    const entries = await readable(path, () => readdir(here, { withFileTypes: true }));
    // swapped for a link between the two steps, it would have shown another folder's names
    if ((await this.locate(path)) !== here) throw new ToolError(`${showableLine(path)} was moved.`);
    return { here, entries: entries.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
  }

  /** Opens a regular file for reading, and makes sure that what is open is what was checked. */
  async openFile(path: string): Promise<FileHandle> {
    const real = await this.locate(path);
    // a named pipe would wait for its writer without O_NONBLOCK
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await readable(path, () => open(real, flags));
    try {
      const opened = await handle.stat();
      if (!opened.isFile()) throw new ToolError(`${showableLine(path)} is not a regular file.`);
      const checked = await readable(path, () => this.locate(path).then((again) => lstat(again)));
      if (opened.ino !== checked.ino || opened.dev !== checked.dev) {
        throw new ToolError(`${showableLine(path)} was replaced while it was opened.`);
      }
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Where a file that may not exist yet would be written; makes no folder.
   * @throws ToolError when that is outside, or in `.git`, whose hooks run as programs
   */
  async locateForWriting(path: string): Promise<string> {
    const wanted = this.#inside(path);
    if (wanted === this.root) throw new ToolError("A file needs a name.");
    const parts: string[] = [basename(wanted)];
    let folder = dirname(wanted);
    // the nearest folder that exists is followed to where it really is; what is missing has no links
    for (;;) {
      const real = await realpath(folder).catch((error: unknown) => {
        if (systemCodeOf(error) === "ENOENT" && folder !== this.root) return undefined;
        throw describeFileError(error, path);
      });
      if (real !== undefined) {
        folder = real;
        break;
      }
      parts.unshift(basename(folder));
      folder = dirname(folder);
    }
    const target = await followLast(join(folder, ...parts), path);
    this.#refuseOutside(target, path);
    if (relative(this.root, target).split(sep).map(comparableName).includes(".git")) {
      throw new ToolError("Nothing is written into .git.");
    }
    return target;
  }

  /** Makes the folder of a file that `locateForWriting` has located. */
  async makeFolderOf(target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    if ((await this.locateForWriting(target)) !== target) {
      throw new ToolError(`${this.show(target)} was moved while it was written.`);
    }
  }

  #inside(path: string): string {
    if (path.includes("\0")) throw new ToolError("A path can't hold a NUL character.");
    const wanted = isAbsolute(path) ? resolve(path) : resolve(this.root, path);
    this.#refuseOutside(wanted, path);
    return wanted;
  }

  #refuseOutside(real: string, path: string): void {
    if (real === this.root || real.startsWith(this.root === sep ? sep : this.root + sep)) return;
    throw new ToolError(`${showableLine(path)} is outside of the folder that this tool may use.`);
  }
}

/** A link is followed to its file; one that leads nowhere can't be judged. */
async function followLast(target: string, path: string): Promise<string> {
  const found = await lstat(target).catch(() => undefined); // it may well not exist yet
  if (found === undefined) return target;
  if (found.isDirectory()) throw new ToolError(`${showableLine(path)} is a folder.`);
  return await readable(path, () => realpath(target));
}

async function readable<Value>(path: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    throw describeFileError(error, path);
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "may not be read",
  EPERM: "may not be read",
  ENOTDIR: "is not a folder",
  EISDIR: "is a folder",
  ELOOP: "is a link",
  ENXIO: "is not a regular file",
  ENAMETOOLONG: "has too long a name",
};

function describeFileError(error: unknown, path: string): unknown {
  const sentence = SENTENCES[systemCodeOf(error) ?? ""];
  return sentence === undefined ? error : new ToolError(`${showableLine(path)} ${sentence}.`, { cause: error });
}

/** Larger files are not read whole; nobody wants them in a conversation. */
export const MOST_FILE_BYTES = 10_000_000;

/** The text of a file in a folder; undefined for one that is no text, too large or gone. */
export async function textOf(folder: ToolFolder, path: string): Promise<string | undefined> {
  try {
    const handle = await folder.openFile(path);
    try {
      return await readText(handle, path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

/**
 * The text of an open file.
 * @throws ToolError when it is too large or no text
 */
export async function readText(handle: FileHandle, shown: string): Promise<string> {
  const { size } = await handle.stat();
  if (size > MOST_FILE_BYTES) {
    throw new ToolError(`${shown} has ${size} bytes; at most ${MOST_FILE_BYTES} can be read.`);
  }
  const bytes = await readUpTo(handle, MOST_FILE_BYTES);
  const text = decodeText(bytes);
  if (text === undefined) throw new ToolError(`${shown} is not a text file.`);
  return text;
}

/** A file that grows meanwhile is read no further than the limit. */
async function readUpTo(handle: FileHandle, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < most) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(65_536), 0, Math.min(65_536, most - total), total);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}

export interface FoundEntry {
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** Never of interest, and large. */
const SKIPPED = new Set([".git", "node_modules"]);
const DEEPEST = 12;

/** Everything under a folder, name by name; links are named and not followed. */
export async function* walk(
  folder: ToolFolder,
  path: string,
  signal: AbortSignal | undefined,
  depth = DEEPEST,
): AsyncGenerator<FoundEntry> {
  // located anew: it may have been swapped for a link since it was listed
  const { here, entries } = await folder.entries(path);
  for (const entry of entries) {
    signal?.throwIfAborted();
    const found = join(here, entry.name);
    if (entry.isSymbolicLink()) yield { path: found, kind: "link" };
    else if (entry.isFile()) yield { path: found, kind: "file" };
    else if (!entry.isDirectory()) yield { path: found, kind: "other" };
    else {
      yield { path: found, kind: "folder" };
      if (depth > 1 && !SKIPPED.has(entry.name)) yield* walk(folder, found, signal, depth - 1);
    }
  }
}
