import { lstat } from "node:fs/promises";
import { z } from "zod";
import { type AgentTool, defineTool } from "../define-tool.ts";
import type { ToolFolder } from "./tool-folder.ts";
import { type FoundEntry, walk } from "./walk.ts";

const MOST_ENTRIES = 300;

/** Lists what is in the folder, with sizes. */
export function listFilesTool(folder: ToolFolder): AgentTool {
  return defineTool({
    name: "list_files",
    description: "Lists files and folders with their sizes, folders in folders too. Links are named and not followed.",
    schema: z.object({ path: z.string().optional().describe("a folder; everything when left out") }),
    async run({ path = "." }, signal) {
      const lines: string[] = [];
      for await (const entry of walk(folder, path, signal)) {
        if (lines.length === MOST_ENTRIES) {
          lines.push(`[cut: the first ${MOST_ENTRIES} entries are shown; list a folder in it]`);
          break;
        }
        lines.push(await describe(folder, entry));
      }
      return lines.length === 0 ? "[the folder is empty]" : lines.join("\n");
    },
  });
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
