import { join } from "node:path";
import type { ToolFolder } from "./tool-folder.ts";

export interface FoundEntry {
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** Never of interest, and large. */
const SKIPPED = new Set([".git", "node_modules"]);
const DEEPEST = 12;

/** Everything under a folder, name by name; links are named and not followed. */
export async function* walk(
  folder: ToolFolder,
  path: string,
  signal: AbortSignal | undefined,
  depth = DEEPEST,
): AsyncGenerator<FoundEntry> {
  // located anew: it may have been swapped for a link since it was listed
  const { here, entries } = await folder.entries(path);
  for (const entry of entries) {
    signal?.throwIfAborted();
    const found = join(here, entry.name);
    if (entry.isSymbolicLink()) yield { path: found, kind: "link" };
    else if (entry.isFile()) yield { path: found, kind: "file" };
    else if (!entry.isDirectory()) yield { path: found, kind: "other" };
    else {
      yield { path: found, kind: "folder" };
      if (depth > 1 && !SKIPPED.has(entry.name)) yield* walk(folder, found, signal, depth - 1);
    }
  }
}
