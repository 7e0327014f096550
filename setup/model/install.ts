import { GptOssError, systemCodeOf } from "../../src/errors/errors.ts";
import { failed, type Phrase, reason } from "../../src/i18n/error-messages.ts";
import { formatBytes } from "../../src/terminal/format.ts";
import { type Lease, withLock } from "../../src/platform/lock.ts";
import { freeDisk } from "../../src/platform/platform.ts";
import { type ModelFile, shippedModelPath } from "../../src/llama-server/model-catalogue.ts";
import { download, type DownloadOptions } from "./download.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import type { HubRepository } from "../../src/llama-server/hub-cache.ts";
import { bytesToFetch, findFile, type ModelOptions, repositoryOf } from "../../src/llama-server/installed-models.ts";
import { rememberVerified } from "../../src/llama-server/verified-files.ts";

/** No byte for so long: the connection has stalled. */
const SILENCE_MS = 30_000;

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
