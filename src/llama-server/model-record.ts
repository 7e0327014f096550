import { rename, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { GptOssError, systemCodeOf } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { dataFolder, type Environment, makeFolder } from "../platform/folders.ts";
import { withLock } from "../platform/lock.ts";
import { findModel, type ModelEntry, modelBytes, SAMPLING } from "./model-catalogue.ts";
import { LLAMA_CPP } from "./llama-cpp-version.ts";

const nameSchema = z.string().refine(isModelName);
/** It becomes part of a path below the cache folder, whoever wrote the record. */
const fileNameSchema = z.string().refine(isSafeFileName);

const hubModelSchema = z.object({
  name: nameSchema,
  /** What the user asked for: `hf:OWNER/REPO:QUANT`. */
  request: z.string(),
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  /** The commit that the name of a branch led to. */
  revision: z.string().regex(/^[0-9a-f]{40}$/),
  files: z
    .array(
      z.object({
        name: fileNameSchema,
        bytes: z.number().int().nonnegative(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1),
});
const fileModelSchema = z.object({ name: nameSchema, path: z.string() });
const recordSchema = z.object({ version: z.literal(1), models: z.array(z.union([hubModelSchema, fileModelSchema])) });

/** A model of a repository on the Hub, pinned when it was first set up. */
export type HubModel = z.infer<typeof hubModelSchema>;
/** A file of the user's that was given a name. */
export type FileModel = z.infer<typeof fileModelSchema>;
export type RecordedModel = HubModel | FileModel;

export function isHubModel(model: RecordedModel): model is HubModel {
  return "repository" in model;
}

/** Whether a model can have this name: one word without signs that a shell reads, and nothing that looks like a file. */
export function isModelName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name) && name.length <= 100 && !/\.gguf$/i.test(name);
}

/** Whether the name of a repository's file is a path that stays below the folder it is put into. */
export function isSafeFileName(name: string): boolean {
  return /^[^\p{C}\\]+$/u.test(name) && name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** The models that the user added to those of the catalogue, oldest first. @throws GptOssError `usage` for a damaged record */
export async function readModelRecord(environment: Environment): Promise<readonly RecordedModel[]> {
  const path = recordPath(environment);
  if (path === undefined) return [];
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, "utf8"))).models;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) throw createError("badModelRecord", [path]);
    const code = systemCodeOf(error);
    if (code === "ENOENT") return [];
    throw code === undefined ? error : createError("modelRecordNotRead", [path, code], { cause: error });
  }
}

/** The recorded model of this name, or the one that was asked for in these words. */
export async function findRecordedModel(wanted: string, environment: Environment): Promise<RecordedModel | undefined> {
  const models = await readModelRecord(environment);
  return models.find((model) => model.name === wanted || (isHubModel(model) && model.request === wanted));
}

/**
 * Adds a model to the record. A model that is there already, by its files, changes its name.
 * @throws GptOssError `usage` when another model has the name
 */
export async function recordModel(model: RecordedModel, environment: Environment): Promise<void> {
  await changeRecord(environment, (models) => {
    const others = models.filter((other) => !isSameModel(other, model) && !isMovedFile(other, model));
    if (isReservedName(model.name) || others.some(({ name }) => name === model.name)) {
      throw createError("modelNameTaken", [model.name]);
    }
    return [...others, model];
  });
}

/** Removes a name from the record; files stay where they are. */
export async function forgetModel(name: string, environment: Environment): Promise<void> {
  await changeRecord(environment, (models) => models.filter((model) => model.name !== name));
}

/** Whether a name belongs to the catalogue or to a build, which `setup --list` shows in the same list. */
function isReservedName(name: string): boolean {
  return findModel(name) !== undefined || name.startsWith(`${LLAMA_CPP.tag}-`);
}

function isSameModel(one: RecordedModel, other: RecordedModel): boolean {
  if (!isHubModel(one) || !isHubModel(other)) return !isHubModel(one) && !isHubModel(other) && one.path === other.path;
  return one.repository === other.repository && hashesOf(one) === hashesOf(other);
}

/** A name of a file can be given to another file: nothing is lost by it. */
function isMovedFile(one: RecordedModel, other: RecordedModel): boolean {
  return !isHubModel(one) && !isHubModel(other) && one.name === other.name;
}

function hashesOf({ files }: Pick<HubModel, "files">): string {
  return files.map(({ sha256 }) => sha256).join(" ");
}

/** What a model takes beside its weights: compute buffers, a small context and the system. */
const ROOM_BYTES = 4e9;

/** A recorded model in the form of the catalogue. */
export function entryOf({ name, repository, revision, files }: HubModel): ModelEntry {
  const wantedMemory = modelBytes({ files }) + ROOM_BYTES;
  return { name, files, source: { repository, revision }, sampling: SAMPLING, wantedMemory };
}

async function changeRecord(
  environment: Environment,
  change: (models: readonly RecordedModel[]) => readonly RecordedModel[],
): Promise<void> {
  const path = recordPath(environment);
  if (path === undefined) throw createError("noFolderForModelRecord", []);
  try {
    makeFolder(dirname(path));
    await withLock(`${path}.lock`, errorDetail("recordingModel"), undefined, async ({ ensureHeld }) => {
      const models = change(await readModelRecord(environment));
      const draft = `${path}.${process.pid}.tmp`;
      await writeFile(draft, `${JSON.stringify({ version: 1, models }, undefined, 2)}\n`);
      ensureHeld();
      await rename(draft, path);
    });
  } catch (error) {
    const code = GptOssError.isInstance(error) ? undefined : systemCodeOf(error);
    throw code === undefined ? error : createError("modelRecordNotWritten", [path, code], { cause: error });
  }
}

/** Undefined for an account without a home folder, where nothing can have been recorded. */
function recordPath(environment: Environment): string | undefined {
  try {
    return join(dataFolder(environment, process.platform === "darwin" ? "darwin" : "linux"), "models.json");
  } catch (error) {
    if (GptOssError.isInstance(error)) return undefined;
    throw error;
  }
}
