import { z } from "zod";
import { beginningOf } from "../../text/beginning-of.ts";
import { RESULT_BYTES } from "../budget.ts";
import { type AgentTool, defineTool } from "../define-tool.ts";
import { ToolFailure } from "../failure.ts";
import { readText } from "./read-text.ts";
import { lineRanges } from "./line-ranges.ts";
import type { ToolFolder } from "./tool-folder.ts";

/** What the note at the end of a page takes. */
const NOTE_BYTES = 200;

/** Reads a text file of the folder, with its line numbers, a page at a time. */
export function readFileTool(folder: ToolFolder): AgentTool {
  return defineTool({
    name: "read_file",
    description: "Reads a text file. Lines come with their numbers; of a long file a page comes, and where to read on.",
    schema: z.object({
      path: z.string().describe("from the folder on, such as docs/notes.md"),
      from_line: z.number().int().min(1).optional().describe("where to begin; 1 when left out"),
    }),
    async run({ path, from_line: from = 1 }) {
      const handle = await folder.openFile(path);
      try {
        return pageOf(await readText(handle, path), from);
      } finally {
        await handle.close();
      }
    },
  });
}

/** As many numbered lines as fit, and a note where the rest begins. */
export function pageOf(text: string, from: number, bytes: number = RESULT_BYTES - NOTE_BYTES): string {
  if (text === "") return "[the file is empty]";
  const page: string[] = [];
  let left = bytes;
  let number = 0;
  for (const { start, end } of lineRanges(text)) {
    number++;
    if (number < from || left <= 0) continue;
    const line = `${number}\t${text.slice(start, Math.min(end, start + left))}`;
    const size = Buffer.byteLength(line) + 1;
    if (size <= left && end - start <= left) {
      page.push(line);
      left -= size;
    } else {
      // a line that no page could hold is cut
      if (page.length === 0) page.push(`${beginningOf(line, left)} [the rest of line ${number} is cut]`);
      left = 0;
    }
  }
  if (from > number) throw new ToolFailure(`The file has ${number} lines.`);
  const next = from + page.length;
  return next > number ? page.join("\n") : [...page, `[cut: read on with from_line ${next} of ${number}]`].join("\n");
}
