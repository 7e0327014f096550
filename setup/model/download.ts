import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../make-folder.ts";
import { GptOssError, systemCodeOf } from "../../src/errors.ts";
import { failed, type Phrase, reason } from "../../src/failures/failure.ts";
import { duration } from "../format.ts";
import type { ProgressListener } from "../progress.ts";
import { GrowingFile } from "./growing-file.ts";
import { hubEndpoint, hubFileUrl, type HubOptions, openFile } from "./hub.ts";
import type { HttpResponse } from "./http-client.ts";
import { anotherLength, downloadFailed } from "./hub-refusal.ts";
import { TransientError } from "./transient-error.ts";

/** Tries in a row that bring no byte before the download gives up; the waits between them double from one second on. */
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface DownloadOptions extends HubOptions {
  /** Where the bytes grow, and where the file stands once its hash is right. */
  readonly partial: string;
  readonly target: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly onNotice?: ((notice: Phrase) => void) | undefined;
  /** Waits between tries; a test waits less. */
  readonly delay?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>) | undefined;
}

export interface DownloadResult {
  /** The commit that the hub answered from, where it said so. */
  readonly commit: string | undefined;
  /** Bytes that came over the network. */
  readonly fetchedBytes: number;
}

/**
 * Fetches one file with resume and SHA-256; stopped at any byte, the next call goes on there.
 * A file with the wrong hash never gets its name: it is fetched once more from the start if it had been put together from
 * several pieces, else given up. The caller holds the lock.
 * @throws GptOssError `download-failed`, `download-corrupt`, `model-gated`, `disk-full`, `usage` or `interrupted`
 */
export async function download(options: DownloadOptions): Promise<DownloadResult> {
  const { file, partial, target, onNotice } = options;
  makeFolder(dirname(partial));
  let fetched = await fetchWhole(options);
  let fetchedBytes = fetched.fetchedBytes;
  if (fetched.hash !== file.sha256 && fetched.inPieces) {
    onNotice?.(reason("fetchingAnew", file.name));
    await rm(partial, { force: true });
    fetched = await fetchWhole(options);
    fetchedBytes += fetched.fetchedBytes;
  }
  if (fetched.hash !== file.sha256) {
    await rm(partial, { force: true });
    throw failed("wrongHash", [file.name, fetched.hash]);
  }
  await rename(partial, target);
  return { commit: fetched.commit, fetchedBytes };
}

interface FetchedFile extends DownloadResult {
  readonly hash: string;
  /** True when not all of it came in one answer. */
  readonly inPieces: boolean;
}

/** Fetches until the file has its length, through cuts, stalls and busy servers. */
async function fetchWhole(options: DownloadOptions): Promise<FetchedFile> {
  const { file, partial } = options;
  const growing = await GrowingFile.open(partial, options);
  try {
    let pieces = growing.position > 0 ? 1 : 0;
    let commit: string | undefined;
    let fetchedBytes = 0;
    const patience = new Patience(options);
    while (growing.position < file.bytes) {
      const piece = await fetchRest(growing, options);
      commit = piece.commit ?? commit;
      fetchedBytes += piece.bytes;
      if (piece.bytes > 0) pieces = piece.fromStart ? 1 : pieces + 1;
      if (piece.failure !== undefined) await patience.wait(piece, growing.position);
    }
    return { hash: await growing.finish(), inPieces: pieces > 1, commit, fetchedBytes };
  } finally {
    await growing.close();
  }
}

/** What one request brought. */
interface Piece {
  readonly commit: string | undefined;
  readonly bytes: number;
  /** True when it begins at the file's first byte. */
  readonly fromStart: boolean;
  /** Why it ended before the file did. */
  readonly failure: TransientError | undefined;
}

/** One request: from where the file ends to its end, or as far as it comes. */
async function fetchRest(growing: GrowingFile, options: DownloadOptions): Promise<Piece> {
  let start = growing.position;
  let commit: string | undefined;
  const pieceUntilNow = (failure?: TransientError): Piece => ({
    commit,
    bytes: growing.position - start,
    fromStart: start === 0,
    failure,
  });
  try {
    const opened = await openFile(start, options);
    commit = opened.commit;
    start = await agreeOnStart(growing, opened.response, options);
    await takeBody(growing, opened.response, options);
    return pieceUntilNow();
  } catch (error) {
    if (options.signal?.aborted) throw failed("interrupted", [reason("downloadOf", options.file.name)]);
    if (error instanceof TransientError) return pieceUntilNow(error);
    throw error;
  } finally {
    await growing.flush();
  }
}

/** Makes the file end where the answer begins. @returns that byte offset */
async function agreeOnStart(growing: GrowingFile, response: HttpResponse, { file }: DownloadOptions): Promise<number> {
  try {
    const { status } = response;
    const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.header("content-range") ?? "") ?? [];
    if (status !== 200 && total !== undefined && total !== "*" && Number(total) !== file.bytes)
      throw anotherLength(file, Number(total));
    if (status === 416) {
      // a server that knows the length holds the rest and only refuses now; else what we have is not a beginning of its file
      if (total === undefined || total === "*") await growing.startOver();
      throw new TransientError(reason("noRestOfFile", status));
    }
    if (status === 206 && Number(from) !== growing.position) throw new TransientError(reason("otherPart"));
    if (status === 200 && growing.position > 0) await growing.startOver();
    return growing.position;
  } catch (error) {
    response.discard();
    throw error;
  }
}

async function takeBody(growing: GrowingFile, { body }: HttpResponse, { file }: DownloadOptions): Promise<void> {
  try {
    for await (const chunk of body) {
      if (growing.position + (chunk as Uint8Array).byteLength > file.bytes) {
        await growing.startOver();
        throw failed("tooManyBytes", [file.bytes, file.name]);
      }
      await growing.append(chunk as Uint8Array);
    }
  } catch (error) {
    if (GptOssError.isInstance(error)) throw error;
    const stalled = (systemCodeOf(error) ?? "").includes("TIMEOUT");
    throw new TransientError(reason(stalled ? "connectionStalled" : "connectionCut"), undefined, error);
  }
  if (growing.position < file.bytes) throw new TransientError(reason("connectionEnded"));
}

/** Counts the tries that brought nothing, and waits longer after each. */
class Patience {
  readonly #options: DownloadOptions;
  #fruitless = 0;
  #fromStart = 0;

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  /** @throws GptOssError `download-failed` when it has run out */
  async wait({ failure, bytes, fromStart }: Piece, position: number): Promise<void> {
    if (failure === undefined) return;
    this.#fruitless = bytes > 0 ? 1 : this.#fruitless + 1;
    // a server that gives no ranges and always breaks off would make us begin for ever
    if (bytes > 0 && fromStart) this.#fromStart++;
    if (this.#fruitless >= MOST_TRIES || this.#fromStart >= MOST_TRIES) throw this.#giveUp(failure, position);
    const { delay = defaultDelay, signal, onNotice } = this.#options;
    const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#fruitless - 1));
    const wait = Math.max(failure.retryAfterMs ?? 0, backoff);
    onNotice?.(reason("tryingAgain", failure.problem, duration(wait / 1000)));
    await delay(wait, signal);
  }

  #giveUp(failure: TransientError, keptBytes: number): GptOssError {
    const { model, file, target, environment } = this.#options;
    const address = hubFileUrl(model, file, hubEndpoint(environment));
    return downloadFailed(failure, { file, keptBytes, address, target });
  }
}

async function defaultDelay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  // an abort ends the wait; the next request reports it
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}
