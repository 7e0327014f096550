import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { interrupted, systemCodeOf } from "../../src/errors.ts";
import type { ProgressListener } from "../progress.ts";
import type { ModelFile } from "./catalogue.ts";

export interface VerifyFileOptions {
  /** Our own cache folder, where it is remembered. */
  readonly cacheFolder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * True when the file at `path` has the pinned SHA-256. Twelve gigabytes are hashed once: the answer is remembered for as
 * long as the file keeps its size, time and inode. Whoever fetched the file (llama.cpp does not check hashes) does not matter.
 */
export async function hasPinnedHash(path: string, file: ModelFile, options: VerifyFileOptions): Promise<boolean> {
  const identity = await identityOf(path);
  const stamp = stampPath(options.cacheFolder, file);
  if ((await readStamp(stamp)) === identity) return true;
  if ((await hashFile(path, file, options)) !== file.sha256) return false;
  await writeStamp(stamp, identity);
  return true;
}

/** Remembers a file whose hash was computed while it was fetched. */
export async function rememberVerified(path: string, file: ModelFile, cacheFolder: string): Promise<void> {
  await writeStamp(stampPath(cacheFolder, file), await identityOf(path));
}

export async function forgetVerified(file: ModelFile, cacheFolder: string): Promise<void> {
  await rm(stampPath(cacheFolder, file), { force: true });
}

function stampPath(cacheFolder: string, { sha256 }: ModelFile): string {
  return join(cacheFolder, "hashed", sha256);
}

async function identityOf(path: string): Promise<string> {
  const real = await realpath(path);
  const { size, mtimeMs, ino } = await stat(real);
  return `${real} ${size} ${mtimeMs} ${ino}`;
}

async function readStamp(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function writeStamp(path: string, identity: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, identity);
}

async function hashFile(path: string, file: ModelFile, { signal, onProgress }: VerifyFileOptions): Promise<string> {
  const hash = createHash("sha256");
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * 2 ** 20 })) {
    if (signal?.aborted) throw interrupted(`checking ${file.name}`);
    hash.update(chunk as Uint8Array);
    done += (chunk as Uint8Array).byteLength;
    onProgress?.({ activity: "checking", done, total: file.bytes, unit: "bytes" });
  }
  return hash.digest("hex");
}
