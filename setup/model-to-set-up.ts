import { createError } from "../src/i18n/error-messages.ts";
import { ggufFactsOf } from "../src/gguf/gguf-facts.ts";
import { chooseFile } from "../src/llama-server/installed-models.ts";
import { CATALOGUE, findModel, type ModelEntry } from "../src/llama-server/model-catalogue.ts";
import {
  entryOf,
  findRecordedModel,
  type HubModel,
  isHubModel,
  isModelName,
  type RecordedModel,
  readModelRecord,
} from "../src/llama-server/model-record.ts";
import type { Environment } from "../src/platform/folders.ts";
import { findHubModel, shortNameOf } from "./model/hub-models.ts";
import { createHttpClient } from "./model/http-client.ts";

/** What `setup --model` and `--name` stand for. */
export interface ModelToSetUp {
  readonly name: string;
  /** What is downloaded; undefined for a file of the user's. */
  readonly entry: ModelEntry | undefined;
  /** Path of a file of the user's. */
  readonly path: string | undefined;
  /** What is written into the user's record of models; undefined for a model of the catalogue. */
  readonly record: RecordedModel | undefined;
}

export interface ModelToSetUpOptions {
  /** A name, `hf:OWNER/REPO…` or the path of a GGUF. */
  readonly wanted: string;
  /** The name to give it. */
  readonly name?: string | undefined;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing from the Hub for so long: the connection has stalled. */
const SILENCE_MS = 30_000;

/**
 * Finds out what is to be set up. The Hub is asked only about a model that was not set up before: what is recorded is pinned.
 * @throws GptOssError `usage` for an unknown or ambiguous name; as `findHubModel` does
 */
export async function findModelToSetUp(options: ModelToSetUpOptions): Promise<ModelToSetUp> {
  const { wanted, name, environment } = options;
  if (name !== undefined && !isModelName(name)) throw createError("badModelName", [name]);
  const entry = findModel(wanted);
  if (entry !== undefined) return ofCatalogue(entry, name);
  if (wanted.endsWith(".gguf") && !wanted.startsWith("hf:")) return await ofFile(wanted, options);
  const recorded = await findRecordedModel(wanted, environment);
  if (recorded !== undefined) return ofRecord(recorded, name);
  if (!wanted.startsWith("hf:")) {
    const added = (await readModelRecord(environment)).map((model) => model.name);
    const names = [...CATALOGUE.map((candidate) => candidate.name), ...added].join(", ");
    throw createError("unknownModelToSetUp", [wanted, names]);
  }
  return await ofHub(options);
}

function ofCatalogue(entry: ModelEntry, name: string | undefined): ModelToSetUp {
  if (name !== undefined && name !== entry.name) throw createError("catalogueNameFixed", [entry.name]);
  return { name: entry.name, entry, path: undefined, record: undefined };
}

function ofRecord(recorded: RecordedModel, name = recorded.name): ModelToSetUp {
  const record = { ...recorded, name };
  return isHubModel(record)
    ? { name, entry: entryOf(record), path: undefined, record }
    : { name, entry: undefined, path: record.path, record };
}

async function ofFile(wanted: string, { name, environment }: ModelToSetUpOptions): Promise<ModelToSetUp> {
  const { path } = chooseFile(wanted);
  ggufFactsOf(path); // damaged files and missing parts are found here
  const before = (await readModelRecord(environment)).find((model) => !isHubModel(model) && model.path === path);
  return ofRecord({ name: name ?? before?.name ?? shortNameOf(path), path });
}

async function ofHub({ wanted, name, environment, signal }: ModelToSetUpOptions): Promise<ModelToSetUp> {
  const client = await createHttpClient(environment, SILENCE_MS);
  let found: HubModel;
  try {
    found = await findHubModel(wanted, { environment, client, signal });
  } finally {
    await client.close();
  }
  const known = CATALOGUE.find((entry) => isSameModel(found, entry));
  if (known !== undefined) return ofCatalogue(known, name);
  const before = (await readModelRecord(environment)).find(
    (model) => isHubModel(model) && isSameModel(found, entryOf(model)),
  );
  return ofRecord({ ...found, name: name ?? before?.name ?? found.name });
}

function isSameModel({ repository, files }: HubModel, { source, files: others }: ModelEntry): boolean {
  const isSameRepository = source?.repository.toLowerCase() === repository.toLowerCase();
  return isSameRepository && files.map(({ sha256 }) => sha256).join() === others.map(({ sha256 }) => sha256).join();
}
