import { createHash, type Hash } from "node:crypto";
import { existsSync, createReadStream } from "node:fs";
import {
  access,
  constants,
  readdir,
  readlink,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
  readFile,
  realpath,
} from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { systemCodeOf } from "../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import { homeFolder, makeFolder, type Environment } from "../platform/folders.ts";
import type { ProgressListener } from "../terminal/progress.ts";
import type { ModelFile } from "./model-catalogue.ts";

/**
 * The Hugging Face cache, in llama.cpp's order of variables (common/hf-cache.cpp), so that llama.cpp, huggingface_hub and
 * this project share one file. As there, a relative path counts from the current folder.
 */
export function hubCacheFolder(environment: Environment, home?: string): string {
  const { LLAMA_CACHE, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = environment as Record<
    string,
    string
  >;
  return (
    LLAMA_CACHE ||
    HF_HUB_CACHE ||
    HUGGINGFACE_HUB_CACHE ||
    (HF_HOME ? join(HF_HOME, "hub") : undefined) ||
    join(XDG_CACHE_HOME || join(home ?? homeFolder(), ".cache"), "huggingface", "hub")
  );
}

/** Paths of one repository in the cache: content by hash in `blobs`, names in `snapshots/<commit>`. */
export class HubRepository {
  readonly folder: string;

  constructor(cache: string, repository: string) {
    this.folder = join(cache, `models--${repository.replaceAll("/", "--")}`);
  }

  blob(file: ModelFile): string {
    return join(this.folder, "blobs", file.sha256);
  }

  /** Where a download grows; the name that huggingface_hub gives it too. */
  partial(file: ModelFile): string {
    return `${this.blob(file)}.incomplete`;
  }

  lock(file: ModelFile): string {
    return `${this.blob(file)}.lock`;
  }

  async partialBytes(file: ModelFile): Promise<number> {
    return (await sizeOf(this.partial(file))) ?? 0;
  }

  /** True when the content has its full length; its hash is checked elsewhere. */
  async hasBlob(file: ModelFile): Promise<boolean> {
    return (await sizeOf(this.blob(file))) === file.bytes;
  }

  /** A snapshot's path of the file, whichever commit it was fetched as; undefined when no name points to its blob. */
  async snapshotPath(file: ModelFile): Promise<string | undefined> {
    const snapshots = join(this.folder, "snapshots");
    for (const commit of await foldersIn(snapshots)) {
      const path = join(snapshots, commit, file.name);
      if (await leadsToOther(path, file)) continue;
      if ((await sizeOf(path)) === file.bytes && (await isReadable(path))) return path;
    }
    return undefined;
  }

  /** Names a finished blob: `snapshots/<commit>/<name>` links to it, and `refs/main` is written if there is none. */
  async publish(file: ModelFile, commit: string): Promise<string> {
    const path = join(this.folder, "snapshots", commit, file.name);
    makeFolder(dirname(path));
    const target = relative(dirname(path), this.blob(file));
    if ((await linkTarget(path)) !== target) {
      await rm(path, { force: true });
      await symlink(target, path);
    }
    const reference = join(this.folder, "refs", "main");
    if (!existsSync(reference)) {
      makeFolder(dirname(reference));
      await writeFile(reference, commit);
    }
    return path;
  }

  /** Takes away the blobs of some files with every name of theirs, their partial downloads, and folders that are empty then. */
  async remove(files: readonly ModelFile[]): Promise<void> {
    const snapshots = join(this.folder, "snapshots");
    for (const commit of await foldersIn(snapshots)) {
      for (const file of files) {
        const path = join(snapshots, commit, file.name);
        if (await leadsToOther(path, file)) continue;
        if ((await sizeOf(path)) !== undefined || (await linkTarget(path)) !== undefined) await rm(path);
      }
      for (const folder of foldersOf(files)) await removeIfEmpty(join(snapshots, commit, folder));
      await removeIfEmpty(join(snapshots, commit));
    }
    for (const file of files) {
      for (const path of [this.blob(file), this.partial(file), this.lock(file)]) await rm(path, { force: true });
    }
    await removeIfEmpty(snapshots);
    await removeIfEmpty(join(this.folder, "blobs"));
    if (!existsSync(snapshots) && !existsSync(join(this.folder, "blobs")))
      await rm(this.folder, { recursive: true, force: true });
  }
}

/** Whether a name leads to the blob of another revision, which may have the same length. */
async function leadsToOther(path: string, { sha256 }: ModelFile): Promise<boolean> {
  const blob = basename((await linkTarget(path)) ?? "");
  return /^[0-9a-f]{64}$/.test(blob) && blob !== sha256;
}

/** Folders inside a repository that hold some of its files, the deepest first. */
function foldersOf(files: readonly ModelFile[]): readonly string[] {
  const folders = new Set<string>();
  for (const { name } of files) {
    for (let folder = dirname(name); folder !== "."; folder = dirname(folder)) folders.add(folder);
  }
  return [...folders].toSorted((one, other) => other.length - one.length);
}

/** Other programs and the Finder leave entries of their own here; one that can't be looked at is not ours. */
function isForeign(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM"].includes(systemCodeOf(error) ?? "");
}

/** Bytes of a file; undefined for anything else. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (isForeign(error)) return undefined;
    throw error;
  }
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch (error) {
    if (isForeign(error)) return false;
    throw error;
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
  } catch (error) {
    if (isForeign(error)) return [];
    throw error;
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isForeign(error) || systemCodeOf(error) === "EINVAL") return undefined;
    throw error;
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isForeign(error) && !["ENOTEMPTY", "EEXIST"].includes(systemCodeOf(error) ?? "")) throw error;
  }
}

export interface VerifyFileOptions {
  /** Our own cache folder, where it is remembered. */
  readonly cacheFolder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * True when the file at `path` has the pinned SHA-256. Twelve gigabytes are hashed once: the answer is remembered for as
 * long as the file keeps its size, time and inode. It does not matter which program downloaded the file (llama.cpp does not check hashes).
 * @throws GptOssError `interrupted` when `signal` aborts
 */
export async function hasPinnedHash(path: string, file: ModelFile, options: VerifyFileOptions): Promise<boolean> {
  const identity = await identityOf(path);
  const stamp = stampPath(options.cacheFolder, file);
  if ((await readStamp(stamp)) === identity) return true;
  const { signal, onProgress } = options;
  const hash = createHash("sha256");
  await feedHash(hash, path, { what: errorDetail("checking", file.name), bytes: file.bytes, signal, onProgress });
  if (hash.digest("hex") !== file.sha256) return false;
  await writeStamp(stamp, identity);
  return true;
}

/** Whether the file at `path`, as it is now, has been found to have the pinned SHA-256; nothing is hashed. */
export async function isKnownToBeVerified(path: string, file: ModelFile, cacheFolder: string): Promise<boolean> {
  return (await readStamp(stampPath(cacheFolder, file))) === (await identityOf(path));
}

/** Remembers a file whose hash was computed while it was fetched. */
export async function rememberVerified(path: string, file: ModelFile, cacheFolder: string): Promise<void> {
  await writeStamp(stampPath(cacheFolder, file), await identityOf(path));
}

export async function forgetVerified(file: ModelFile, cacheFolder: string): Promise<void> {
  await rm(stampPath(cacheFolder, file), { force: true });
}

interface FeedOptions {
  /** What is interrupted by an abort. */
  readonly what: LocalizedText;
  /** How many bytes to read. */
  readonly bytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Reads a file's first `bytes` into a hash, as progress "checking". @returns how many there were
 * @throws GptOssError `interrupted` when `signal` aborts
 */
export async function feedHash(
  hash: Hash,
  path: string,
  { what, bytes, signal, onProgress }: FeedOptions,
): Promise<number> {
  let done = 0;
  if (bytes === 0) return done;
  for await (const chunk of createReadStream(path, { end: bytes - 1, highWaterMark: 4 * 2 ** 20 })) {
    if (signal?.aborted) throw createError("interrupted", [what]);
    hash.update(chunk as Uint8Array);
    done += (chunk as Uint8Array).byteLength;
    onProgress?.({ activity: "checking", done, total: bytes, unit: "bytes" });
  }
  return done;
}

function stampPath(cacheFolder: string, { sha256 }: ModelFile): string {
  return join(cacheFolder, "hashed", sha256);
}

async function identityOf(path: string): Promise<string> {
  const real = await realpath(path);
  const { size, mtimeNs, ino } = await stat(real, { bigint: true });
  return `${real} ${size} ${mtimeNs} ${ino}`;
}

async function readStamp(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) !== undefined) return undefined; // what can't be read is hashed again
    throw error;
  }
}

async function writeStamp(path: string, identity: string): Promise<void> {
  try {
    makeFolder(dirname(path));
    await writeFile(path, identity);
  } catch (error) {
    // without the record, the file is hashed again next time
    if (systemCodeOf(error) === undefined) throw error;
  }
}
