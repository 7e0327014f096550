import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type GptOssError, systemCodeOf } from "../../src/errors/errors.ts";
import { createError } from "../../src/i18n/error-messages.ts";
import { formatBytes } from "../../src/terminal/format.ts";
import type { ProgressListener } from "../../src/terminal/progress.ts";
import type { ModelFile } from "../../src/llama-server/model-catalogue.ts";
import { feedHash } from "../../src/llama-server/hub-cache.ts";

/** Bytes that may wait for the disk before reading waits too. */
const MOST_WAITING_BYTES = 8 * 2 ** 20;
/** Bytes after which the disk is told to take what the system still holds: at the end there is little left to wait for. */
const SYNC_BYTES = 64 * 2 ** 20;

interface GrowingFileOptions {
  readonly file: ModelFile;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * A download on disk and the running SHA-256 of it. Bytes are hashed as they come and written in order behind that, many
 * at once, so that neither the network nor the disk waits for the other; whatever is on disk is a beginning of the file.
 * Every failure of the disk is a GptOssError, `disk-full` or `download-failed`.
 */
export class GrowingFile {
  readonly #path: string;
  readonly #output: FileHandle;
  readonly #options: GrowingFileOptions;
  #hash: Hash = createHash("sha256");
  #position = 0;
  #written = 0;
  #waiting: Uint8Array[] = [];
  /** The write that is under way; it never rejects, `#failure` has the error. */
  #writing: Promise<void> | undefined;
  /** The forcing to disk that is under way; never rejects, as above. */
  #syncing: Promise<void> | undefined;
  #synced = 0;
  #failure: GptOssError | undefined;

  private constructor(path: string, output: FileHandle, options: GrowingFileOptions) {
    this.#path = path;
    this.#output = output;
    this.#options = options;
  }

  /**
   * Opens the file at its end; existing bytes are hashed, as progress "checking".
   * @throws GptOssError `interrupted` when `signal` aborts meanwhile
   */
  static async open(path: string, options: GrowingFileOptions): Promise<GrowingFile> {
    // not "append": after a start over, bytes go to the beginning again
    const output = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644).catch((error: unknown) => {
      throw diskFailed(error, path, 0, options.file);
    });
    const growing = new GrowingFile(path, output, options);
    try {
      await growing.#takeUpWhatIsThere();
      return growing;
    } catch (error) {
      await output.close();
      throw error;
    }
  }

  /** Bytes received so far. */
  get position(): number {
    return this.#position;
  }

  async #takeUpWhatIsThere(): Promise<void> {
    const { file, signal, onProgress } = this.#options;
    const { size } = await this.#output.stat();
    if (size > file.bytes) return await this.startOver();
    const what = `the download of ${file.name}`;
    const read = await feedHash(this.#hash, this.#path, { what, bytes: size, signal, onProgress });
    this.#position = this.#written = read;
  }

  /** Takes the next bytes; ends at once unless the disk lags far behind. */
  async append(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    this.#waiting.push(chunk);
    this.#position += chunk.byteLength;
    if (this.#position - this.#written > MOST_WAITING_BYTES) await this.#writing;
    // bytes after a failed write would leave a hole before them
    if (this.#failure) throw this.#failure;
    this.#writing ??= this.#writeWaiting();
    this.#options.onProgress?.({
      activity: "downloading",
      done: this.#position,
      total: this.#options.file.bytes,
      unit: "bytes",
    });
  }

  /** Everything received is on disk (in the system's hands) afterwards. */
  async flush(): Promise<void> {
    while (!this.#failure && (this.#writing !== undefined || this.#waiting.length > 0))
      await (this.#writing ??= this.#writeWaiting());
    if (this.#failure) throw this.#failure;
  }

  async startOver(): Promise<void> {
    await this.flush();
    await this.#output.truncate(0);
    this.#hash = createHash("sha256");
    this.#position = this.#written = this.#synced = 0;
  }

  /** Makes the bytes survive a power cut. @returns the SHA-256 of the whole, lower-case hexadecimal */
  async finish(): Promise<string> {
    await this.flush();
    await this.#syncing;
    if (this.#failure) throw this.#failure;
    await this.#output.sync().catch((error: unknown) => {
      throw diskFailed(error, this.#path, this.#written, this.#options.file);
    });
    return this.#hash.digest("hex");
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#syncing;
    await this.#output.close();
  }

  async #syncBeside(): Promise<void> {
    this.#synced = this.#written;
    try {
      await this.#output.datasync();
    } catch (error) {
      // a system tells of a failed write once; the next call would succeed
      this.#failure ??= diskFailed(error, this.#path, this.#synced, this.#options.file);
    } finally {
      this.#syncing = undefined;
    }
  }

  async #writeWaiting(): Promise<void> {
    let rest: readonly Uint8Array[] = this.#waiting;
    this.#waiting = [];
    try {
      while (rest.length > 0) {
        const { bytesWritten } = await this.#output.writev(rest, this.#written);
        this.#written += bytesWritten;
        rest = without(rest, bytesWritten);
      }
      if (this.#written - this.#synced >= SYNC_BYTES) this.#syncing ??= this.#syncBeside();
    } catch (error) {
      this.#failure = diskFailed(error, this.#path, this.#written, this.#options.file);
    } finally {
      this.#writing = undefined;
    }
  }
}

/** The chunks without their first bytes: a nearly full disk takes only a part of what it is given. */
function without(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skipped = 0;
  let left = bytes;
  for (const chunk of chunks) {
    if (left < chunk.byteLength) return [chunk.subarray(left), ...chunks.slice(skipped + 1)];
    left -= chunk.byteLength;
    skipped++;
  }
  return [];
}

function diskFailed(error: unknown, path: string, keptBytes: number, file: ModelFile): GptOssError {
  const code = systemCodeOf(error) ?? "unknown";
  if (code === "ENOSPC" || code === "EDQUOT") {
    return createError("diskFullDuringDownload", [formatBytes(keptBytes), formatBytes(file.bytes), file.name], {
      cause: error,
    });
  }
  return createError("downloadNotWritten", [path, code], { cause: error });
}
