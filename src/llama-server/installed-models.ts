import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { createError } from "../i18n/error-messages.ts";
import type { Environment } from "../platform/folders.ts";
import { findRegularUserFile } from "../platform/user-file.ts";
import type { ProgressListener } from "../terminal/progress.ts";
import { hubCacheFolder, HubRepository, forgetVerified, hasPinnedHash, isKnownToBeVerified } from "./hub-cache.ts";
import {
  CATALOGUE,
  type ModelEntry,
  type ModelFile,
  modelBytes,
  shippedModelPath,
  findModel,
} from "./model-catalogue.ts";
import {
  entryOf,
  type FileModel,
  findRecordedModel,
  isHubModel,
  readModelRecord,
  type RecordedModel,
} from "./model-record.ts";

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
  throw createError("damagedModel", [path, file.name, options.model.name]);
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

/** The models of the catalogue, and those that the user added from the Hub, of which something is here. */
export async function listInstalledModels(
  environment: Environment,
  cacheFolder: string,
): Promise<readonly InstalledModel[]> {
  const holdings: InstalledModel[] = [];
  const recorded = await readModelRecord(environment);
  for (const model of [...CATALOGUE, ...recorded.filter(isHubModel).map(entryOf)]) {
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

/** A file of the user's that has a name. */
export interface NamedFile extends FileModel {
  /** Undefined when the file is missing. */
  readonly bytes: number | undefined;
}

/** The user's files that have a name. */
export async function listNamedFiles(environment: Environment): Promise<readonly NamedFile[]> {
  const recorded = await readModelRecord(environment);
  return recorded
    .filter((model): model is FileModel => !isHubModel(model))
    .map((model) => Object.assign({ bytes: bytesOfFile(model.path) }, model));
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

/** A model that is here and can be loaded. */
export interface LocalModel {
  /** Name for people and for the server's alias. */
  readonly name: string;
  /** Absolute path of the GGUF; of the first shard where there are several. */
  readonly path: string;
  /** Bytes of all its files. */
  readonly bytes: number;
  /** Its catalogue entry; undefined for a file of the user's. */
  readonly entry: ModelEntry | undefined;
}

export interface ChooseModelOptions {
  /** A catalogue name or the path of a GGUF; the best one installed when left out. */
  readonly wanted?: string | undefined;
  readonly cache: string;
  readonly environment: Environment;
}

/** Which installed model is used when none is named; then those that the user added, then the demo model, which is always there. */
const PREFERENCE = ["gpt-oss-20b", "gpt-oss-120b"] as const;

/**
 * The model to load: the one that is named, else the first installed of gpt-oss-20b, gpt-oss-120b, those that the user added, and demo.
 * @throws GptOssError `model-missing` when the model is not installed or the file does not exist
 */
export async function chooseModel(options: ChooseModelOptions): Promise<LocalModel> {
  const { wanted, environment } = options;
  if (wanted !== undefined) {
    return (
      (await chooseFromCatalogue(wanted, options)) ?? (await chooseRecorded(wanted, options)) ?? chooseFile(wanted)
    );
  }
  for (const name of PREFERENCE) {
    const entry = findModel(name);
    const model = entry && (await openEntry(entry, options));
    if (model !== undefined) return model;
  }
  for (const recorded of await readModelRecord(environment)) {
    const model = await openRecorded(recorded, options);
    if (model !== undefined) return model;
  }
  const demo = findModel("demo");
  const model = demo && (await openEntry(demo, options));
  if (model !== undefined) return model;
  throw new Error("the demo model is missing from the package");
}

async function chooseFromCatalogue(wanted: string, options: ChooseModelOptions): Promise<LocalModel | undefined> {
  const entry = findModel(wanted);
  if (entry === undefined) return undefined;
  const model = await openEntry(entry, options);
  if (model !== undefined) return model;
  throw createError("modelNotInstalled", [entry.name]);
}

/** A model that the user added, by its name or in the words that it was asked for; none of them ends like a file. */
async function chooseRecorded(wanted: string, options: ChooseModelOptions): Promise<LocalModel | undefined> {
  const isReference = wanted.startsWith("hf:");
  if (wanted.endsWith(".gguf") && !isReference) return undefined;
  const recorded = await findRecordedModel(wanted, options.environment);
  if (recorded === undefined && isReference) throw createError("modelNotInstalled", [wanted]);
  if (recorded === undefined) {
    const added = (await readModelRecord(options.environment)).map(({ name }) => name);
    throw createError("unknownModel", [wanted, [...CATALOGUE.map(({ name }) => name), ...added].join(", ")]);
  }
  const model = await openRecorded(recorded, options);
  if (model !== undefined) return model;
  if (isHubModel(recorded)) throw createError("modelNotInstalled", [recorded.name]);
  throw createError("namedFileMissing", [recorded.name, recorded.path]);
}

async function openRecorded(recorded: RecordedModel, options: ChooseModelOptions): Promise<LocalModel | undefined> {
  if (isHubModel(recorded)) return await openEntry(entryOf(recorded), options);
  const bytes = bytesOfFile(recorded.path);
  return bytes === undefined ? undefined : { ...recorded, bytes, entry: undefined };
}

async function openEntry(
  entry: ModelEntry,
  { cache, environment }: ChooseModelOptions,
): Promise<LocalModel | undefined> {
  const path = await findInstalledModel({ model: entry, cacheFolder: cache, environment });
  if (path === undefined) return undefined;
  return { name: entry.name, path, bytes: modelBytes(entry), entry };
}

/** @throws GptOssError `model-missing` when it does not exist, `usage` for a folder or a pipe */
export function chooseFile(wanted: string): LocalModel {
  const file = findRegularUserFile(wanted);
  const names = CATALOGUE.map(({ name }) => name).join(", ");
  if (file === undefined) throw createError("noModelFile", [resolve(wanted), names]);
  return { name: basename(file.absolute, ".gguf"), path: file.absolute, bytes: file.bytes, entry: undefined };
}

function bytesOfFile(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}
