import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../platform/folders.ts";
import { systemCodeOf } from "../errors/errors.ts";
import { failed, type Phrase, reason } from "../i18n/error-messages.ts";
import type { ProgressListener } from "../terminal/progress.ts";
import type { ModelFile } from "./model-catalogue.ts";

export interface VerifyFileOptions {
  /** Our own cache folder, where it is remembered. */
  readonly cacheFolder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * True when the file at `path` has the pinned SHA-256. Twelve gigabytes are hashed once: the answer is remembered for as
 * long as the file keeps its size, time and inode. Whoever fetched the file (llama.cpp does not check hashes) does not matter.
 * @throws GptOssError `interrupted` when `signal` aborts
 */
export async function hasPinnedHash(path: string, file: ModelFile, options: VerifyFileOptions): Promise<boolean> {
  const identity = await identityOf(path);
  const stamp = stampPath(options.cacheFolder, file);
  if ((await readStamp(stamp)) === identity) return true;
  const { signal, onProgress } = options;
  const hash = createHash("sha256");
  await feedHash(hash, path, { what: reason("checking", file.name), bytes: file.bytes, signal, onProgress });
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
  readonly what: Phrase;
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
    if (signal?.aborted) throw failed("interrupted", [what]);
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
    // what can't be remembered is hashed again next time; the file is no worse for it
    if (systemCodeOf(error) === undefined) throw error;
  }
}
