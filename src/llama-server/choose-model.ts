import { basename, resolve } from "node:path";
import { CATALOGUE, findModel, type ModelEntry, modelBytes } from "./model-catalogue.ts";
import { findInstalledModel } from "./installed-models.ts";
import type { Environment } from "../platform/folders.ts";
import { failed } from "../i18n/error-messages.ts";
import { findRegularUserFile } from "../platform/user-file.ts";

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

/** Which installed model is used when none is named; the demo model is always there. */
const PREFERENCE = ["gpt-oss-20b", "gpt-oss-120b", "demo"] as const;

/**
 * The model to load: the one that is named, else the first installed of gpt-oss-20b, gpt-oss-120b and demo.
 * @throws GptOssError `model-missing` when it is not installed or no such file is there
 */
export async function chooseModel(options: ChooseModelOptions): Promise<LocalModel> {
  const { wanted } = options;
  if (wanted !== undefined) return (await chooseFromCatalogue(wanted, options)) ?? chooseFile(wanted);
  for (const name of PREFERENCE) {
    const entry = findModel(name);
    const model = entry && (await openEntry(entry, options));
    if (model !== undefined) return model;
  }
  throw new Error("the demo model is missing from the package");
}

async function chooseFromCatalogue(wanted: string, options: ChooseModelOptions): Promise<LocalModel | undefined> {
  const entry = findModel(wanted);
  if (entry === undefined) return undefined;
  const model = await openEntry(entry, options);
  if (model !== undefined) return model;
  throw failed("modelNotInstalled", [entry.name]);
}

async function openEntry(
  entry: ModelEntry,
  { cache, environment }: ChooseModelOptions,
): Promise<LocalModel | undefined> {
  const path = await findInstalledModel({ model: entry, cacheFolder: cache, environment });
  if (path === undefined) return undefined;
  return { name: entry.name, path, bytes: modelBytes(entry), entry };
}

function chooseFile(wanted: string): LocalModel {
  const names = CATALOGUE.map(({ name }) => name).join(", ");
  if (!wanted.endsWith(".gguf")) {
    throw failed("unknownModel", [wanted, names]);
  }
  const file = findRegularUserFile(wanted);
  if (file === undefined) throw failed("noModelFile", [resolve(wanted), names]);
  return { name: basename(file.absolute, ".gguf"), path: file.absolute, bytes: file.bytes, entry: undefined };
}
