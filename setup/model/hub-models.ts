import { createError } from "../../src/i18n/error-messages.ts";
import type { HubModel } from "../../src/llama-server/model-record.ts";
import { formatBytes } from "../../src/terminal/format.ts";
import { padTo, widthOf } from "../../src/terminal/text-width.ts";
import { findCommit, type HubApiOptions, type ListedFile, listHubFiles } from "./hub-api.ts";

/** A model on the Hub as a user names it: `hf:OWNER/REPO[:QUANT or FILE][@REVISION]`. */
export interface HubReference {
  /** `OWNER/REPO`. */
  readonly repository: string;
  /** A quantization such as `Q4_K_M`, or a file. */
  readonly selection: string | undefined;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const REFERENCE = /^hf:([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?::([^@\s]+))?(?:@([\w./-]+))?$/;

/** @throws GptOssError `usage` for anything of another form */
export function parseHubReference(text: string): HubReference {
  const [, repository, selection, revision = "main"] = REFERENCE.exec(text) ?? [];
  if (repository === undefined || `${repository}/${revision}`.includes("..")) {
    throw createError("badHubReference", [text]);
  }
  return { repository, selection, revision };
}

/**
 * Asks the Hub which model a reference means, and pins it: the commit, and the length and SHA-256 of each file.
 * @param request what the user wrote
 * @throws GptOssError `usage` when no model or several match, `model-gated` or `download-failed`
 */
export async function findHubModel(request: string, options: Omit<HubApiOptions, "repository">): Promise<HubModel> {
  const reference = parseHubReference(request);
  const { repository } = reference;
  const revision = await findCommit(reference.revision, { ...options, repository });
  const models = groupParts(await listHubFiles(revision, { ...options, repository }));
  const { path, files, missingParts } = chooseOne(models, reference);
  if (missingParts > 0) throw createError("hubPartsMissing", [path, missingParts, repository]);
  const pinned = files.map(({ name, bytes, sha256 }) => {
    if (sha256 === undefined) throw createError("hubWithoutHash", [name, repository]);
    return { name, bytes, sha256 };
  });
  return { name: shortNameOf(path), request, repository, revision, files: pinned };
}

/** A name that a command line takes without quotes, from the path of a file: `UD/gpt-oss-Q4.gguf` becomes `gpt-oss-Q4`. */
export function shortNameOf(path: string): string {
  const stem = path.replace(PART, "").split("/").at(-1) ?? "";
  const word = stem.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[^\p{L}\p{N}]+/u, "");
  return word.replace(/(\.gguf)+$/i, "").slice(0, 80) || "model";
}

/** One model: a file, or all parts of a split one. */
interface ListedModel {
  /** Of the file; of a split model without the number of the part. */
  readonly path: string;
  /** `Q4_K_M`; undefined where the name does not say. */
  readonly quantization: string | undefined;
  readonly files: readonly ListedFile[];
  readonly missingParts: number;
}

const ENDING = /\.gguf$/i;
const PART = /-(\d{5})-of-(\d{5})(?=\.gguf$)/i;
const QUANTIZATION = /(?:^|[-._/])((?:UD-)?(?:I?Q\d\w*|TQ\d\w*|MXFP4\w*|BF16|FP?16|FP?32))\.gguf$/i;
/** Projectors of images and importance matrices are GGUF files, but not models. */
const NO_MODEL = /(?:^|\/)[^/]*(?:mmproj|imatrix)[^/]*$/i;

function groupParts(files: readonly ListedFile[]): readonly ListedModel[] {
  const groups = new Map<string, ListedFile[]>();
  for (const file of files) {
    if (!ENDING.test(file.name) || NO_MODEL.test(file.name)) continue;
    const key = file.name.replace(PART, (_, _part, count: string) => `-of-${count}`);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].map((group) => {
    const sorted = group.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const first = sorted[0]?.name ?? "";
    const path = first.replace(PART, "");
    return {
      path,
      quantization: QUANTIZATION.exec(path)?.[1],
      files: sorted,
      missingParts: Number(PART.exec(first)?.[2] ?? 1) - sorted.length,
    };
  });
}

function chooseOne(models: readonly ListedModel[], { repository, selection }: HubReference): ListedModel {
  if (models.length === 0) throw createError("hubWithoutModels", [repository]);
  const matches = selection === undefined ? models : matchesOf(selection, models);
  const [first] = matches;
  if (first === undefined) throw createError("hubSelectionUnknown", [selection ?? "", repository, describe(models)]);
  if (matches.length === 1) return first;
  const asked = selection === undefined ? repository : `${repository}:${selection}`;
  const example = `hf:${repository}:${choiceOf(first, matches)}`;
  throw createError("hubAmbiguous", [asked, matches.length, describe(matches), example]);
}

/** The models that the first of these rules finds: a path, the name of a file, a quantization, the end of a name. */
function matchesOf(selection: string, models: readonly ListedModel[]): readonly ListedModel[] {
  const wanted = withoutEnding(selection.replace(PART, "")).toLowerCase();
  const nameOf = ({ path }: ListedModel) => withoutEnding(path).toLowerCase();
  const rules: readonly ((model: ListedModel) => boolean)[] = [
    ({ path }) => withoutEnding(path) === withoutEnding(selection.replace(PART, "")),
    (model) => nameOf(model) === wanted || nameOf(model).split("/").at(-1) === wanted,
    ({ quantization }) => quantization?.toLowerCase() === wanted,
    (model) => ["-", ".", "_"].some((before) => nameOf(model).endsWith(before + wanted)),
  ];
  return rules.map((rule) => models.filter(rule)).find((matches) => matches.length > 0) ?? [];
}

function withoutEnding(name: string): string {
  return name.replace(ENDING, "");
}

/** One line for each: what to write behind the colon, and the size. */
function describe(models: readonly ListedModel[]): string {
  const rows = models.map((model) => [choiceOf(model, models), formatBytes(bytesOf(model))] as const);
  const width = Math.max(...rows.map(([choice]) => widthOf(choice)));
  return rows.map(([choice, bytes]) => `\n  ${padTo(choice, width)}  ${bytes.padStart(8)}`).join("");
}

/** The quantization where only one model has it, else the path. */
function choiceOf({ path, quantization }: ListedModel, models: readonly ListedModel[]): string {
  const alike = models.filter((other) => other.quantization?.toLowerCase() === quantization?.toLowerCase());
  return quantization !== undefined && alike.length === 1 ? quantization : path;
}

function bytesOf({ files }: ListedModel): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
