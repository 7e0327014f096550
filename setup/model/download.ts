import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../../src/platform/folders.ts";
import { GptOssError, systemCodeOf } from "../../src/errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../../src/i18n/error-messages.ts";
import { duration } from "../../src/terminal/format.ts";
import type { ProgressListener } from "../../src/terminal/progress.ts";
import { GrowingFile } from "./growing-file.ts";
import {
  hubEndpoint,
  hubFileUrl,
  type HubOptions,
  type OpenFile,
  openFile,
  anotherLength,
  downloadError,
} from "./hub.ts";
import type { ModelFile } from "../../src/llama-server/model-catalogue.ts";
import { type HttpResponse, TransientError } from "./http-client.ts";

/** Tries in a row that bring no byte before the download gives up; the waits between them double from one second on. */
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface DownloadOptions extends HubOptions {
  /** Where the bytes grow, and where the file stands once its hash is right. */
  readonly partial: string;
  readonly target: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly onNotice?: ((notice: LocalizedText) => void) | undefined;
  /** Called before the file gets its name, or is thrown away; throws when that is not ours to do any more. */
  readonly beforeRename?: (() => void) | undefined;
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
 * Fetches one file with resume and SHA-256; stopped at any byte, the next call continues there.
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
    options.beforeRename?.();
    onNotice?.(errorDetail("fetchingAnew", file.name));
    await rm(partial, { force: true });
    fetched = await fetchWhole(options);
    fetchedBytes += fetched.fetchedBytes;
  }
  options.beforeRename?.();
  if (fetched.hash !== file.sha256) {
    await rm(partial, { force: true });
    throw createError("wrongHash", [file.name, fetched.hash]);
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
    const answers: Answers = { etag: undefined };
    let pieces = growing.position > 0 ? 1 : 0;
    let commit: string | undefined;
    let fetchedBytes = 0;
    const patience = new Patience(options);
    while (growing.position < file.bytes) {
      const piece = await fetchRest(growing, options, answers);
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

/** What the answers of one download have said of the file so far. */
interface Answers {
  etag: string | undefined;
}

/** One request: from where the file ends to its end, or as far as it gets. */
async function fetchRest(growing: GrowingFile, options: DownloadOptions, answers: Answers): Promise<Piece> {
  const start = growing.position;
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
    acceptAnswer(opened, start, options, answers);
    await takeBody(growing, opened.response, options);
    return pieceUntilNow();
  } catch (error) {
    if (options.signal?.aborted) throw createError("interrupted", [errorDetail("downloadOf", options.file.name)]);
    if (error instanceof TransientError) return pieceUntilNow(error);
    throw error;
  } finally {
    await growing.flush();
  }
}

/**
 * Takes an answer only if it says itself that it is the file: its length, the part that was asked for, or its hash. What is
 * on disk stays there in any case; only the SHA-256 of the whole can show that it is wrong.
 * @throws TransientError, GptOssError `download-corrupt`
 */
function acceptAnswer(
  { response, host }: OpenFile,
  position: number,
  { file }: DownloadOptions,
  answers: Answers,
): void {
  try {
    const { status } = response;
    const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.header("content-range") ?? "") ?? [];
    if (status !== 200 && total !== undefined && total !== "*" && Number(total) !== file.bytes)
      throw anotherLength(file, Number(total));
    if (status === 416) throw new TransientError(errorDetail("noRestOfFile", status));
    const encoding = response.header("content-encoding") ?? "identity";
    const isFile = status === 206 ? from !== undefined : status === 200 && isSaidToBe(file, response);
    if (!isFile || encoding !== "identity") throw new TransientError(errorDetail("notSaidToBeFile", host));
    if (status === 206 && Number(from) !== position) throw new TransientError(errorDetail("otherPart"));
    const etag = response.header("etag");
    if (etag !== undefined && answers.etag !== undefined && etag !== answers.etag)
      throw new TransientError(errorDetail("changedFile", host));
    answers.etag ??= etag;
  } catch (error) {
    response.discard();
    throw error;
  }
}

/** By the length, or by the hash where a proxy left the length out. */
function isSaidToBe({ bytes, sha256 }: ModelFile, { header }: HttpResponse): boolean {
  const hashes = [header("etag"), header("x-linked-etag")];
  return Number(header("content-length")) === bytes || hashes.some((hash) => hash?.toLowerCase().includes(sha256));
}

/** A host that gives no ranges sends the whole file: what is here already is read past. */
async function takeBody(growing: GrowingFile, { body, status }: HttpResponse, options: DownloadOptions): Promise<void> {
  const { file, onProgress } = options;
  const known = status === 200 ? growing.position : 0;
  let skipped = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const fresh = chunk.subarray(Math.min(chunk.byteLength, known - skipped));
      skipped += chunk.byteLength - fresh.byteLength;
      if (fresh.byteLength === 0) {
        onProgress?.({ activity: "downloading", done: skipped, total: file.bytes, unit: "bytes" });
        continue;
      }
      if (growing.position + fresh.byteLength > file.bytes) throw createError("tooManyBytes", [file.bytes, file.name]);
      await growing.append(fresh);
    }
  } catch (error) {
    if (GptOssError.isInstance(error)) throw error;
    const stalled = (systemCodeOf(error) ?? "").includes("TIMEOUT");
    throw new TransientError(errorDetail(stalled ? "connectionStalled" : "connectionCut"), undefined, error);
  }
  if (growing.position < file.bytes) throw new TransientError(errorDetail("connectionEnded"));
}

/** Counts the tries that brought nothing, and waits longer after each. */
class Patience {
  readonly #options: DownloadOptions;
  #fruitless = 0;

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  /** @throws GptOssError `download-failed` when it has run out */
  async wait({ failure, bytes }: Piece, position: number): Promise<void> {
    if (failure === undefined) return;
    this.#fruitless = bytes > 0 ? 1 : this.#fruitless + 1;
    if (this.#fruitless >= MOST_TRIES) throw this.#giveUp(failure, position);
    const { delay = defaultDelay, signal, onNotice } = this.#options;
    const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#fruitless - 1));
    const wait = Math.max(failure.retryAfterMs ?? 0, backoff);
    onNotice?.(errorDetail("tryingAgain", failure.problem, duration(wait / 1000)));
    await delay(wait, signal);
  }

  #giveUp(failure: TransientError, keptBytes: number): GptOssError {
    const { model, file, target, environment } = this.#options;
    const address = hubFileUrl(model, file, hubEndpoint(environment));
    return downloadError(failure, { file, keptBytes, address, target });
  }
}

async function defaultDelay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  // an abort ends the wait; the next request reports it
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}
