import { failed } from "../i18n/error-messages.ts";
import type { Environment } from "../platform/folders.ts";
import type { ProgressListener } from "../terminal/progress.ts";
import { CATALOGUE, type ModelEntry, type ModelFile, modelBytes, shippedModelPath } from "./model-catalogue.ts";
import { hubCacheFolder, HubRepository } from "./hub-cache.ts";
import { forgetVerified, hasPinnedHash, isKnownToBeVerified } from "./verified-files.ts";

export interface ModelOptions {
  readonly model: ModelEntry;
  /** Our own cache folder, where it is remembered which files were verified. */
  readonly cacheFolder: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
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
export async function findFile(
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

export interface InstalledModel {
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
): Promise<readonly InstalledModel[]> {
  const holdings: InstalledModel[] = [];
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

export function repositoryOf({ source }: ModelEntry, environment: Environment): HubRepository | undefined {
  return source && new HubRepository(hubCacheFolder(environment), source.repository);
}
