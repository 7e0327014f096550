import { z } from "zod";
import { type AgentTool, defineTool } from "../define-tool.ts";
import { textOf } from "./read-text.ts";
import type { ToolFolder } from "./tool-folder.ts";
import { walk } from "./walk.ts";

const MOST_MATCHES = 100;
const MOST_FILES = 5_000;
const LINE_CHARACTERS = 300;

/** Finds text in the files of the folder: plain text and no pattern, so that no search can run for ever. */
export function searchFilesTool(folder: ToolFolder): AgentTool {
  return defineTool({
    name: "search_files",
    description:
      "Finds lines of text files that contain a text, upper and lower case alike. Gives file, line number and line.",
    schema: z.object({
      query: z.string().min(1).describe("plain text, no pattern"),
      path: z.string().optional().describe("a folder; everything when left out"),
    }),
    async run({ query, path = "." }, signal) {
      const wanted = fold(query);
      const matches: string[] = [];
      let files = 0;
      for await (const entry of walk(folder, path, signal)) {
        if (entry.kind !== "file") continue;
        if (++files > MOST_FILES) return withNote(matches, `the first ${MOST_FILES} files were searched`);
        for (const match of await matchesIn(folder, entry.path, wanted)) {
          if (matches.length === MOST_MATCHES) return withNote(matches, `the first ${MOST_MATCHES} lines are shown`);
          matches.push(match);
        }
      }
      return matches.length === 0 ? `[no line of ${files} files contains this]` : matches.join("\n");
    },
  });
}

async function matchesIn(folder: ToolFolder, path: string, wanted: string): Promise<string[]> {
  const text = await textOf(folder, path);
  if (text === undefined || !fold(text).includes(wanted)) return [];
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (!fold(line).includes(wanted)) return [];
    return [`${folder.show(path)}:${index + 1}: ${line.slice(0, LINE_CHARACTERS)}`];
  });
}

/** Full and half width, upper and lower case are the same. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function withNote(matches: readonly string[], note: string): string {
  return [...matches, `[cut: ${note}]`].join("\n");
}
