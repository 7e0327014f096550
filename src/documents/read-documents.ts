import { stat } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { failed } from "../failures/failure.ts";
import { textOf } from "../tools/files/read-text.ts";
import { ToolFolder } from "../tools/files/tool-folder.ts";
import { walk } from "../tools/files/walk.ts";

/** A text file, by the name under which it is cited. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

const MOST_FILES = 10_000;

/**
 * Reads a file, or all text files of a folder and of the folders in it; links are not followed, and what is no text is passed over.
 * @throws GptOssError `usage` when there is nothing to read
 */
export async function readDocuments(path: string, signal?: AbortSignal): Promise<TextFile[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw failed("unreadableDocuments", [path], { cause: error });
  });
  if (found.isFile()) {
    const folder = await ToolFolder.open(dirname(path));
    const text = await textOf(folder, basename(path));
    if (text === undefined) throw failed("noTextFile", [path]);
    return [{ path: basename(path), text }];
  }
  const folder = await ToolFolder.open(path);
  const files: TextFile[] = [];
  for await (const entry of walk(folder, ".", signal)) {
    if (entry.kind !== "file" || basename(entry.path).startsWith(".")) continue;
    const text = await textOf(folder, entry.path);
    if (text !== undefined) files.push({ path: relative(folder.root, entry.path), text });
    if (files.length === MOST_FILES) break;
  }
  if (files.length === 0) throw failed("noTextFiles", [path]);
  return files;
}
