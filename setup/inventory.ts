import { existsSync } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../src/errors/errors.ts";
import { createError, errorDetail } from "../src/i18n/error-messages.ts";
import { padTo, widthOf } from "../src/terminal/text-width.ts";
import { findBuild } from "../src/llama-server/find-server.ts";
import { type Environment, llamaFolders } from "../src/platform/folders.ts";
import { formatBytes } from "../src/terminal/format.ts";
import { withLock } from "../src/platform/lock.ts";
import { listInstalledModels, listNamedFiles, removeModel } from "../src/llama-server/installed-models.ts";
import { forgetModel, isHubModel, readModelRecord } from "../src/llama-server/model-record.ts";
import { BACKENDS, buildName } from "../src/platform/platform.ts";
import { LLAMA_CPP } from "../src/llama-server/llama-cpp-version.ts";
import type { SetupText } from "../src/i18n/catalogue.ts";

export interface InventoryOptions {
  readonly cache: string;
  readonly environment: Environment;
  readonly words: SetupText;
}

interface Item {
  readonly name: string;
  readonly bytes: number;
  readonly note: string;
  /** Undefined for what can't be taken away. */
  readonly remove: (() => Promise<void>) | undefined;
  /** The sentence about it, where it is not the usual one. */
  readonly removed?: string;
}

/** What setup has put on this machine, one line each: name, size, what it is. */
export async function listInventory(options: InventoryOptions): Promise<readonly string[]> {
  const items = await takeInventory(options);
  const width = Math.max(...items.map(({ name }) => widthOf(name)));
  return items.map(({ name, bytes, note }) => `${padTo(name, width)}  ${formatBytes(bytes).padStart(8)}  ${note}`);
}

/**
 * Takes away a build, the source or a model.
 * @returns the sentence that says so
 * @throws GptOssError `usage` when nothing of that name is there
 */
export async function removeFromInventory(name: string, options: InventoryOptions): Promise<string> {
  const items = await takeInventory(options);
  const item = items.find((candidate) => candidate.name === name);
  if (item === undefined) {
    const names = items.filter(({ remove }) => remove !== undefined).map((candidate) => candidate.name);
    throw createError("notInstalled", [name, names.join(", ")]);
  }
  if (item.remove === undefined) throw createError("notRemovable", [name]);
  await item.remove();
  return item.removed ?? options.words.inventory.removed(name, formatBytes(item.bytes));
}

async function takeInventory(options: InventoryOptions): Promise<readonly Item[]> {
  return [
    ...(await builds(options)),
    ...(await source(options)),
    ...(await models(options)),
    ...(await namedFiles(options)),
  ];
}

async function builds({ cache, words }: InventoryOptions): Promise<Item[]> {
  const items: Item[] = [];
  const names = BACKENDS.flatMap((backend) => [buildName({ backend }), buildName({ backend, rpc: true })]);
  for (const name of names) {
    const folders = llamaFolders(cache, LLAMA_CPP.tag, name);
    const finished = await findBuild(folders);
    const present = [folders.build, folders.buildTree].filter((folder) => existsSync(folder));
    if (present.length === 0) continue;
    items.push({
      name: `${LLAMA_CPP.tag}-${name}`,
      bytes: await sizeOf(present),
      note: finished ? `llama-server ${finished.record.version}` : words.inventory.unfinishedBuild,
      remove: () => removeFolders(folders.lock, present),
    });
  }
  return items;
}

async function source({ cache, words }: InventoryOptions): Promise<Item[]> {
  const folders = llamaFolders(cache, LLAMA_CPP.tag, "cpu");
  const present = [folders.source, `${folders.source}.partial`, folders.downloads].filter((folder) =>
    existsSync(folder),
  );
  if (present.length === 0) return [];
  return [
    {
      name: `${LLAMA_CPP.tag}-source`,
      bytes: await sizeOf(present),
      note: words.inventory.source,
      remove: () => removeFolders(folders.lock, present),
    },
  ];
}

async function models({ cache, environment, words: { inventory } }: InventoryOptions): Promise<Item[]> {
  const installed = await listInstalledModels(environment, cache);
  const recorded = (await readModelRecord(environment)).filter(isHubModel);
  return installed.map(({ model, installedBytes, partialBytes }) => {
    const { name, source: home } = model;
    const request = recorded.find((candidate) => candidate.name === name)?.request;
    const note = partialBytes > 0 ? inventory.partOfModel : inventory.model;
    return {
      name,
      bytes: installedBytes + partialBytes,
      note:
        home === undefined ? inventory.shippedModel : request === undefined ? note : inventory.fromHub(note, request),
      remove:
        home === undefined
          ? undefined
          : async () => {
              await removeModel({ model, cacheFolder: cache, environment });
              if (request !== undefined) await forgetModel(name, environment);
            },
    };
  });
}

/** Removing one removes its name; the file is the user's. */
async function namedFiles({ environment, words: { inventory } }: InventoryOptions): Promise<Item[]> {
  return (await listNamedFiles(environment)).map(({ name, path, bytes }) => ({
    name,
    bytes: bytes ?? 0,
    note: bytes === undefined ? inventory.missingFile(path) : inventory.ownFile(path),
    removed: inventory.nameRemoved(name, path),
    remove: () => forgetModel(name, environment),
  }));
}

async function removeFolders(lock: string, folders: readonly string[]): Promise<void> {
  await withLock(lock, errorDetail("buildingLlamaCpp"), undefined, async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });
}

/** Bytes of all files below some folders; links count as themselves; what can't be read, or goes away in the meantime, counts as nothing. */
async function sizeOf(paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of paths) {
    const status = await ifReadable(lstat(path));
    if (!status?.isDirectory()) bytes += status?.size ?? 0;
    else bytes += await sizeOf(((await ifReadable(readdir(path))) ?? []).map((name) => join(path, name)));
  }
  return bytes;
}

async function ifReadable<Result>(look: Promise<Result>): Promise<Result | undefined> {
  return await look.catch((error: unknown) => {
    if (systemCodeOf(error) !== undefined) return undefined;
    throw error;
  });
}
