import { lineRanges } from "../files/search-files.ts";
import { textOf, type ToolFolder, walk } from "../files/tool-folder.ts";
import { SearchIndex } from "../search-index.ts";

/** A search in all text files of a folder, in a thread that can be ended. */
export interface PassageTask {
  /** Where the folder really is. */
  readonly root: string;
  readonly query: string;
  readonly maxResults: number;
  /** Milliseconds after which what was read so far is searched. */
  readonly timeMs: number;
}

/** Lines of a file that fit a question. */
export interface FoundPassage {
  /** From the folder on. */
  readonly path: string;
  /** The first line, from 0. */
  readonly line: number;
  readonly text: string;
}

const PASSAGE_LINES = 12;
const PASSAGE_CHARACTERS = 1_500;
const MAX_PASSAGES = 20_000;

/** The passages that fit best, each of another place. */
export async function searchPassages(folder: ToolFolder, task: PassageTask, deadline: number): Promise<FoundPassage[]> {
  const passages: FoundPassage[] = [];
  for await (const entry of walk(folder, ".", undefined)) {
    if (performance.now() > deadline || passages.length >= MAX_PASSAGES) break;
    const text = entry.kind === "file" ? await textOf(folder, entry.path) : undefined;
    if (text !== undefined) passages.push(...passagesOf(folder.show(entry.path), text));
  }
  return new SearchIndex(passages).search(task.query, task.maxResults).map(({ item }) => item);
}

function passagesOf(path: string, text: string): FoundPassage[] {
  const passages: FoundPassage[] = [];
  let line = 0;
  let number = 0;
  let open = "";
  for (const { start, end } of lineRanges(text)) {
    open += `${text.slice(start, Math.min(end, start + PASSAGE_CHARACTERS))}\n`;
    number++;
    if (number - line < PASSAGE_LINES && open.length < PASSAGE_CHARACTERS) continue;
    passages.push({ path, line, text: open });
    open = "";
    line = number;
  }
  return open.trim() === "" ? passages : [...passages, { path, line, text: open }];
}
