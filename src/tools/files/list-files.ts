import { lstat } from "node:fs/promises";
import type { ToolFolder } from "./tool-folder.ts";
import { type FoundEntry, walk } from "./walk.ts";

const MOST_ENTRIES = 300;

/** @param deadline by `performance.now()` */
export async function listFiles(folder: ToolFolder, path: string, deadline: number): Promise<string> {
  const lines: string[] = [];
  for await (const entry of walk(folder, path, undefined)) {
    if (lines.length === MOST_ENTRIES || performance.now() > deadline) {
      lines.push(`[cut: the first ${lines.length} entries are shown; list a folder in it]`);
      break;
    }
    lines.push(await describe(folder, entry));
  }
  return lines.length === 0 ? "[the folder is empty]" : lines.join("\n");
}

async function describe(folder: ToolFolder, { path, kind }: FoundEntry): Promise<string> {
  const name = folder.show(path);
  if (kind === "folder") return `${name}/`;
  if (kind !== "file") return `${name} (${kind === "link" ? "a link" : "no regular file"})`;
  const size = await lstat(path).then(
    (found) => `${found.size} bytes`,
    () => "gone",
  );
  return `${name} (${size})`;
}
