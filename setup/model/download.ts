import { createHash, type Hash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GptOssError, interrupted, systemCodeOf } from "../../src/errors.ts";
import { formatBytes } from "../format.ts";
import { freeDisk } from "../platform.ts";
import type { ProgressListener } from "../progress.ts";
import type { ModelEntry, ModelFile } from "./catalogue.ts";
import { downloadFailed, type HubOptions, openFile } from "./hub.ts";
import { TransientError } from "./transient-error.ts";

/** Tries in a row that bring no byte before the download gives up; the waits between them double from one second on. */
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface DownloadOptions extends HubOptions {
  readonly model: ModelEntry;
  readonly file: ModelFile;
  /** Where the bytes grow, and where the file stands once its hash is right. */
  readonly partial: string;
  readonly target: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly onNotice?: ((sentence: string) => void) | undefined;
  /** Waits between tries; a test waits less. */
  readonly delay?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>) | undefined;
}

export interface DownloadResult {
  readonly commit: string;
  /** Bytes that came over the network. */
  readonly fetchedBytes: number;
}

/**
 * Fetches one file with resume and SHA-256; stopped at any byte, the next call goes on there.
 * A file with the wrong hash never gets its name: it is fetched once more from the start if it had been resumed, else given up.
 * @throws GptOssError `download-failed`, `download-corrupt`, `model-gated`, `disk-full` or `interrupted`
 */
export async function download(options: DownloadOptions): Promise<DownloadResult> {
  const { file, partial, target } = options;
  await mkdir(dirname(partial), { recursive: true });
  const kept = existsSync(partial) ? (await stat(partial)).size : 0;
  await checkDisk(options, kept);
  let { hash, ...result } = await fetchWhole(options);
  if (hash !== file.sha256 && kept > 0) {
    options.onNotice?.(`${file.name} was put together wrongly (its SHA-256 does not match); fetching it anew.`);
    await rm(partial, { force: true });
    ({ hash, ...result } = await fetchWhole(options));
  }
  if (hash !== file.sha256) {
    await rm(partial, { force: true });
    throw new GptOssError(
      "download-corrupt",
      `${file.name} arrived with the wrong SHA-256 (${hash}); it was thrown away.`,
      {
        hint: "Run setup again; if it stays so, something between here and the server changes the file.",
      },
    );
  }
  await rename(partial, target);
  return result;
}

async function checkDisk({ partial, file }: DownloadOptions, kept: number): Promise<void> {
  const missing = file.bytes - Math.min(kept, file.bytes);
  const free = await freeDisk(partial);
  if (free >= missing) return;
  throw new GptOssError(
    "disk-full",
    `${file.name} needs ${formatBytes(missing)} more, but only ${formatBytes(free)} are free at ${dirname(partial)}.`,
    {
      hint: "Free some space, or put the models elsewhere with HF_HOME.",
    },
  );
}

/** Fetches until the file has its length, through cuts, stalls and busy servers. */
async function fetchWhole(options: DownloadOptions): Promise<DownloadResult & { readonly hash: string }> {
  const { file, partial, signal } = options;
  // not "append": a server that ignores the range makes us start over at the beginning
  const output = await open(partial, existsSync(partial) ? "r+" : "w+");
  try {
    const writer = await Writer.resume(output, options);
    let commit = "main";
    let fetchedBytes = 0;
    let fruitless = 0;
    while (writer.position < file.bytes) {
      const before = writer.position;
      try {
        commit = await fetchRest(writer, options);
      } catch (error) {
        if (signal?.aborted) throw interrupted(`the download of ${file.name}`);
        if (!(error instanceof TransientError)) throw explainDisk(error, writer.position, file);
        fruitless = writer.position > before ? 1 : fruitless + 1;
        if (fruitless >= MOST_TRIES || writer.startOvers >= MOST_TRIES)
          throw downloadFailed(file, error, writer.position);
        await waitBeforeRetry(error, fruitless, options);
      } finally {
        fetchedBytes += Math.max(0, writer.position - before);
      }
    }
    await output.sync();
    return { hash: writer.digest(), commit, fetchedBytes };
  } finally {
    await output.close();
  }
}

async function waitBeforeRetry(
  error: TransientError,
  fruitless: number,
  { delay, signal, onNotice }: DownloadOptions,
): Promise<void> {
  const wait = error.retryAfterMs ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (fruitless - 1));
  onNotice?.(`${error.message}; trying again in ${Math.round(wait / 1000)} s.`);
  await (delay ?? defaultDelay)(wait, signal);
}

async function defaultDelay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  // an abort ends the wait; the next request reports it
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}

/** One request: from where the file ends to its end, or as far as it comes. @returns the commit */
async function fetchRest(writer: Writer, options: DownloadOptions): Promise<string> {
  const { model, file } = options;
  const { response, commit } = await openFile(model, file, writer.position, options);
  if (response.status === 416) {
    // the server holds less than we have: what we have is not a beginning of its file
    await writer.startOver();
    throw new TransientError("the server has no such rest of the file");
  }
  if (response.status === 206) checkRange(response.header("content-range"), writer.position, file);
  else if (writer.position > 0) await writer.startOver();
  try {
    for await (const chunk of response.body) await writer.write(chunk as Uint8Array);
  } catch (error) {
    if (systemCodeOf(error) === "ENOSPC" || GptOssError.isInstance(error) || options.signal?.aborted) throw error;
    throw new TransientError("the connection was cut", undefined, error);
  } finally {
    response.discard();
  }
  if (writer.position < file.bytes) throw new TransientError("the connection ended early");
  return commit;
}

function checkRange(header: string | undefined, position: number, file: ModelFile): void {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? "") ?? [];
  if (from === undefined || Number(from) !== position)
    throw new TransientError("the server sent another part of the file than was asked for");
  if (total === "*" || Number(total) === file.bytes) return;
  throw new GptOssError(
    "download-corrupt",
    `${file.name} has ${total} bytes there, but ${file.bytes} were pinned: it is another file.`,
    {
      hint: "Update this package, or check HF_ENDPOINT.",
    },
  );
}

function explainDisk(error: unknown, position: number, file: ModelFile): unknown {
  if (systemCodeOf(error) !== "ENOSPC") return error;
  return new GptOssError(
    "disk-full",
    `The disk is full; ${formatBytes(position)} of ${formatBytes(file.bytes)} of ${file.name} are kept.`,
    {
      hint: "Free some space and run setup again; it goes on where it stopped.",
      cause: error,
    },
  );
}

/** The growing file and the running hash of it. */
class Writer {
  position = 0;
  /** How often a server made it begin again: one that always does would never end. */
  startOvers = 0;
  readonly #output: FileHandle;
  readonly #options: DownloadOptions;
  #hash: Hash = createHash("sha256");

  private constructor(output: FileHandle, options: DownloadOptions) {
    this.#output = output;
    this.#options = options;
  }

  /** Goes on at the end of what is there, after hashing it. */
  static async resume(output: FileHandle, options: DownloadOptions): Promise<Writer> {
    const writer = new Writer(output, options);
    const { size } = await output.stat();
    if (size > options.file.bytes) await writer.startOver();
    else if (size > 0) await writer.#hashWhatIsThere(size);
    return writer;
  }

  async #hashWhatIsThere(size: number): Promise<void> {
    const { partial, signal } = this.#options;
    for await (const chunk of createReadStream(partial, { highWaterMark: 4 * 2 ** 20 })) {
      if (signal?.aborted) throw interrupted(`the download of ${this.#options.file.name}`);
      this.#hash.update(chunk as Uint8Array);
      this.position += (chunk as Uint8Array).byteLength;
      this.#report("checking", size);
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    const { file } = this.#options;
    if (this.position + chunk.byteLength > file.bytes) {
      await this.startOver();
      throw new GptOssError(
        "download-corrupt",
        `The server sends more than the ${file.bytes} bytes that ${file.name} has; nothing was kept.`,
      );
    }
    this.#hash.update(chunk);
    let written = 0;
    while (written < chunk.byteLength) {
      const { bytesWritten } = await this.#output.write(
        chunk,
        written,
        chunk.byteLength - written,
        this.position + written,
      );
      written += bytesWritten;
    }
    this.position += chunk.byteLength;
    this.#report("downloading", file.bytes);
  }

  async startOver(): Promise<void> {
    await this.#output.truncate(0);
    this.#hash = createHash("sha256");
    this.position = 0;
    this.startOvers++;
  }

  digest(): string {
    return this.#hash.digest("hex");
  }

  #report(activity: string, total: number): void {
    this.#options.onProgress?.({ activity, done: this.position, total, unit: "bytes" });
  }
}
