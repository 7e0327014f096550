import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { packageFile } from "../../../setup/package-folder.ts";
import { systemCodeOf } from "../../errors.ts";
import { failed } from "../../failures/failure.ts";

export interface ExperimentFile {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** It comes with the package, so that what it runs is trusted. */
  readonly shipped: boolean;
}

const shippedFolder = packageFile("prompts/experiments");

/** What can be run by name: the current folder's `prompts/experiments/`, then what ships with the package. */
export function listExperiments(folder: string): readonly ExperimentFile[] {
  const own = resolve(folder, "prompts/experiments");
  const found = [...new Set([own, shippedFolder])].flatMap((directory) =>
    experimentFilesIn(directory).map((file) => ({
      name: basename(file).replace(/\.ya?ml$/i, ""),
      path: join(directory, file),
      shipped: directory === shippedFolder,
    })),
  );
  return found.filter(({ name }, index) => found.findIndex((other) => other.name === name) === index);
}

function experimentFilesIn(directory: string): readonly string[] {
  let files: readonly string[];
  try {
    files = readdirSync(directory);
  } catch (error) {
    // a folder that is not there, is a file or can't be read has no experiments to offer
    if (systemCodeOf(error) === undefined) throw error;
    return [];
  }
  return files.filter((file) => /\.ya?ml$/i.test(file)).toSorted();
}

/**
 * Finds an experiment by the path of its YAML file, or by name.
 * @throws GptOssError `usage` that lists what there is
 */
export function findExperiment(nameOrPath: string, folder: string): ExperimentFile {
  if (/\.ya?ml$/i.test(nameOrPath)) {
    const path = resolve(folder, nameOrPath);
    if (!existsSync(path)) throw failed("noExperimentFile", [path]);
    return { name: basename(path).replace(/\.ya?ml$/i, ""), path, shipped: path.startsWith(join(shippedFolder, "/")) };
  }
  const all = listExperiments(folder);
  const found = all.find(({ name }) => name === nameOrPath);
  if (found) return found;
  throw failed("unknownExperiment", [nameOrPath, all.map(({ name }) => name).join(", ")]);
}
