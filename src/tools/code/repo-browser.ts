import { relative } from "node:path";
import { z } from "zod";
import { beginningOf } from "../../terminal/unicode.ts";
import type { AgentTool } from "../define-tool.ts";
import { runFolderTask, TIME_MS } from "../files/file-tools.ts";
import { lineRanges } from "../files/search-files.ts";
import { readText, type ToolFolder } from "../files/tool-folder.ts";
import { createNativeTool } from "../native-tool.ts";
import { RESULT_BYTES, ToolError } from "../tool-result.ts";
import type { BrowseTask } from "./browse-folder.ts";
import { searchWithRipgrep } from "./ripgrep.ts";

/** The namespace in which gpt-oss looks at a project. */
export const REPO_BROWSER = {
  namespace: "repo_browser",
  namespaceDescription: "Repository browsing tools for exploring code structure.",
} as const;

/** Where the programs are looked for that the tools use. */
export interface RepoBrowserOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const MAX_RESULTS = 200;

/** `print_tree`, `search`, `open_file` and `list_dir`: they read inside the folder, and leave out what .gitignore excludes. */
export function repoBrowserTools(folder: ToolFolder, { environment }: RepoBrowserOptions): AgentTool[] {
  const browse = async (task: Omit<BrowseTask, "root" | "timeMs">, signal: AbortSignal | undefined) => {
    const input: BrowseTask = { ...task, root: folder.root, timeMs: TIME_MS };
    return await runFolderTask("src/tools/code/browse-folder.worker.ts", input, signal);
  };
  const depth = z.number().int().min(1);
  return [
    createNativeTool({
      ...REPO_BROWSER,
      function: "print_tree",
      description: "Prints the tree of files and folders.",
      schema: z.object({ path: z.string().default("").describe("Empty for the root."), depth: depth.default(3) }),
      run: async (task, signal) => await browse({ ...task, path: task.path || "." }, signal),
    }),
    createNativeTool({
      ...REPO_BROWSER,
      function: "list_dir",
      description: "Lists a folder.",
      schema: z.object({ path: z.string().default("").describe("Empty for the root."), depth: depth.default(1) }),
      run: async (task, signal) => await browse({ ...task, path: task.path || "." }, signal),
    }),
    createNativeTool({
      ...REPO_BROWSER,
      function: "search",
      description: "Searches for lines that match a regular expression. Gives file:line:text.",
      schema: z.object({
        path: z.string().default("").describe("A file or folder; empty for everything."),
        query: z.string().min(1),
        max_results: z.number().int().min(1).default(20),
      }),
      renamed: { pattern: "query" },
      async run({ path, query, max_results: wanted }, signal) {
        const maxResults = Math.min(wanted, MAX_RESULTS);
        const real = await folder.locate(path || ".");
        const options = { environment, timeMs: TIME_MS, signal };
        const relativePath = `./${relative(folder.root, real)}`;
        const found = await searchWithRipgrep({ root: folder.root, path: relativePath, query, maxResults, ...options });
        return found ?? (await browse({ path: real, depth: 16, query, maxResults }, signal));
      },
    }),
    createNativeTool({
      ...REPO_BROWSER,
      function: "open_file",
      description: "Shows a text file, or the lines of it from line_start to line_end.",
      schema: z.object({
        path: z.string(),
        line_start: z.number().int().optional().describe("From 1."),
        line_end: z.number().int().optional(),
        line_numbers: z.boolean().default(true),
      }),
      renamed: { file_path: "path", start_line: "line_start", end_line: "line_end" },
      async run({ path, line_start: from, line_end: to, line_numbers: isNumbered }) {
        const handle = await folder.openFile(path);
        try {
          return linesOf(await readText(handle, folder.show(await folder.locate(path))), { from, to, isNumbered });
        } finally {
          await handle.close();
        }
      },
    }),
  ];
}

interface LineRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly isNumbered: boolean;
}

/** What the note at the end takes. */
const NOTE_BYTES = 200;

/** As many lines as fit, and a note where the rest begins. @throws ToolError for a line that the file does not have */
function linesOf(text: string, { from: wanted = 1, to: last = -1, isNumbered }: LineRange): string {
  const from = Math.max(1, wanted);
  const to = last < 1 ? Infinity : last;
  if (text === "") return "[the file is empty]";
  const shown: string[] = [];
  let left = RESULT_BYTES - NOTE_BYTES;
  let number = 0;
  let next: number | undefined;
  for (const { start, end } of lineRanges(text)) {
    number++;
    if (number < from || number > to || next !== undefined) continue;
    const line = `${isNumbered ? `${number}\t` : ""}${text.slice(start, Math.min(end, start + left + 1))}`;
    const size = Buffer.byteLength(line) + 1;
    if (size <= left) {
      shown.push(line);
      left -= size;
    } else if (shown.length === 0) {
      // a line that no answer could hold
      shown.push(`${beginningOf(line, left)} [the rest of line ${number} is cut]`);
      left = 0;
    } else next = number;
  }
  if (from > number) throw new ToolError(`The file has ${number} lines.`);
  if (next === undefined) return shown.join("\n");
  return [...shown, `[cut: read on with line_start ${next} of ${number}]`].join("\n");
}
