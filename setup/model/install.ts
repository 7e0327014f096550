import { GptOssError, systemCodeOf } from "../../src/errors.ts";
import { failed, type Phrase, reason } from "../../src/failures/failure.ts";
import type { Environment } from "../folders.ts";
import { formatBytes } from "../format.ts";
import { type Lease, withLock } from "../lock.ts";
import { freeDisk } from "../platform.ts";
import type { ProgressListener } from "../progress.ts";
import { CATALOGUE, type ModelEntry, type ModelFile, modelBytes, shippedModelPath } from "./catalogue.ts";
import { download, type DownloadOptions } from "./download.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { hubCacheFolder, HubRepository } from "./hub-cache.ts";
import { forgetVerified, hasPinnedHash, rememberVerified, isKnownToBeVerified } from "./verified-files.ts";

/** No byte for so long: the connection has stalled. */
const SILENCE_MS = 30_000;

export interface ModelOptions {
  readonly model: ModelEntry;
  /** Our own cache folder, where it is remembered which files were verified. */
  readonly cacheFolder: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

export interface InstallOptions extends ModelOptions {
  readonly onNotice?: ((notice: Phrase) => void) | undefined;
  readonly delay?: DownloadOptions["delay"];
  readonly silenceMs?: number | undefined;
}

export interface InstallResult {
  /** The file to point a server at. */
  readonly path: string;
  readonly fetchedBytes: number;
}

/**
 * Fetches all files of a model that are not here yet, into the Hugging Face cache.
 * @throws GptOssError as `download` does
 */
export async function installModel(options: InstallOptions): Promise<InstallResult> {
  const { model, environment, signal, onNotice } = options;
  const repository = repositoryOf(model, environment);
  if (repository === undefined) return { path: shippedModelPath(model), fetchedBytes: 0 };
  let fetchedBytes = 0;
  const paths: string[] = [];
  await checkDisk(repository, options);
  const client = await createHttpClient(environment, options.silenceMs ?? SILENCE_MS);
  try {
    for (const file of model.files) {
      const fetchFile = (lease: Lease) =>
        installFile(repository, file, client, { ...options, signal: lease.signal, beforeRename: lease.ensureHeld });
      const { path, bytes } = await withLock(
        repository.lock(file),
        reason("downloading", file.name),
        signal,
        fetchFile,
        { onWait: (holder) => onNotice?.(reason("waitingForDownload", holder, file.name)) },
      ).catch((error: unknown) => {
        throw asWritingFailure(error, repository);
      });
      paths.push(path);
      fetchedBytes += bytes;
    }
  } finally {
    await client.close();
  }
  const [path] = paths;
  if (path === undefined) throw new Error(`${model.name} has no files`);
  return { path, fetchedBytes };
}

/** A cache folder that can't be used, such as one with a file in a folder's place. */
function asWritingFailure(error: unknown, { folder }: HubRepository): unknown {
  const code = GptOssError.isInstance(error) ? undefined : systemCodeOf(error);
  return code === undefined ? error : failed("downloadNotWritten", [folder, code], { cause: error });
}

/** All of a model's files have to fit before the first byte of any is fetched. */
async function checkDisk({ folder }: HubRepository, { model, environment }: InstallOptions): Promise<void> {
  const missing = await bytesToFetch({ model, environment });
  const free = await freeDisk(folder);
  if (free >= missing) return;
  throw failed("noRoomForModel", [model.name, formatBytes(missing), formatBytes(free), folder]);
}

/** One file, under its lock: another process may have fetched it meanwhile. */
async function installFile(
  repository: HubRepository,
  file: ModelFile,
  client: HttpClient,
  options: InstallOptions & Pick<DownloadOptions, "beforeRename">,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const present = await findFile(repository, file, options);
  if (present !== undefined) return { path: present, bytes: 0 };
  const target = repository.blob(file);
  const fetched = await download({ ...options, file, client, partial: repository.partial(file), target });
  await rememberVerified(target, file, options.cacheFolder);
  const commit = fetched.commit ?? options.model.source?.revision ?? "main";
  return { path: await repository.publish(file, commit), bytes: fetched.fetchedBytes };
}

/** Path of the model's first file, if all of them are here with the right hashes; nothing is fetched. */
export async function findInstalledModel(options: ModelOptions): Promise<string | undefined> {
  const { model, environment } = options;
  const repository = repositoryOf(model, environment);
  if (repository === undefined) return shippedModelPath(model);
  const paths: string[] = [];
  for (const file of model.files) {
    const path = await findFile(repository, file, options);
    if (path === undefined) return undefined;
    paths.push(path);
  }
  return paths[0];
}

/** A file that is here under a name and has the pinned hash; one of the right length and wrong hash is said to be so. */
async function findFile(
  repository: HubRepository,
  file: ModelFile,
  options: ModelOptions,
): Promise<string | undefined> {
  let path = await repository.snapshotPath(file);
  if (path === undefined && (await repository.hasBlob(file))) {
    // a download that was stopped after its last byte got its hash, and before its name
    path = await repository.publish(file, options.model.source?.revision ?? "main");
  }
  if (path === undefined) return undefined;
  if (await hasPinnedHash(path, file, options)) return path;
  throw failed("damagedModel", [path, file.name, options.model.name]);
}

/** Bytes that installing a model would still fetch. */
export async function bytesToFetch({
  model,
  environment,
}: Pick<ModelOptions, "model" | "environment">): Promise<number> {
  const repository = repositoryOf(model, environment);
  if (repository === undefined) return 0;
  let missing = 0;
  for (const file of model.files) {
    if ((await repository.snapshotPath(file)) !== undefined || (await repository.hasBlob(file))) continue;
    missing += file.bytes - Math.min(file.bytes, await repository.partialBytes(file));
  }
  return missing;
}

export interface ModelHolding {
  readonly model: ModelEntry;
  /** Bytes of finished files and of partial ones. */
  readonly installedBytes: number;
  readonly partialBytes: number;
  /** Files that are here and are known to have the pinned SHA-256; the demo model's come with the package. */
  readonly verified: boolean;
}

/** The models of the catalogue of which something is here. */
export async function listInstalledModels(
  environment: Environment,
  cacheFolder: string,
): Promise<readonly ModelHolding[]> {
  const holdings: ModelHolding[] = [];
  for (const model of CATALOGUE) {
    const repository = repositoryOf(model, environment);
    if (repository === undefined) {
      holdings.push({ model, installedBytes: modelBytes(model), partialBytes: 0, verified: true });
      continue;
    }
    let installedBytes = 0;
    let partialBytes = 0;
    let verified = true;
    for (const file of model.files) {
      const path = await repository.snapshotPath(file);
      if (path !== undefined || (await repository.hasBlob(file))) installedBytes += file.bytes;
      verified &&= path !== undefined && (await isKnownToBeVerified(path, file, cacheFolder));
      partialBytes += await repository.partialBytes(file);
    }
    if (installedBytes + partialBytes > 0) holdings.push({ model, installedBytes, partialBytes, verified });
  }
  return holdings;
}

/** Takes a model's files away, finished and partial. */
export async function removeModel({ model, cacheFolder, environment }: ModelOptions): Promise<void> {
  const repository = repositoryOf(model, environment);
  if (repository === undefined) return;
  await repository.remove(model.files);
  for (const file of model.files) await forgetVerified(file, cacheFolder);
}

function repositoryOf({ source }: ModelEntry, environment: Environment): HubRepository | undefined {
  return source && new HubRepository(hubCacheFolder(environment), source.repository);
}
