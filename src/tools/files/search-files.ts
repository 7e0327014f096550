import { lstat } from "node:fs/promises";
import { foldText } from "../../terminal/unicode.ts";
import { MOST_FILE_BYTES, textOf, type ToolFolder, walk, type FoundEntry } from "./tool-folder.ts";

const MOST_MATCHES = 100;
const MOST_FILES = 5_000;
const LINE_CHARACTERS = 300;
/** A line is folded in parts of this size, so that one line of 10 MB needs little memory. */
const PART_CHARACTERS = 100_000;

interface Search {
  readonly path: string;
  readonly query: string;
  /** By `performance.now()`; what was found by then is the answer. */
  readonly deadline: number;
}

/** The lines that contain the query, for the model. @throws ToolError */
export async function searchFiles(folder: ToolFolder, { path, query, deadline }: Search): Promise<string> {
  const wanted = foldText(query);
  const matches: string[] = [];
  let files = 0;
  let tooLarge = 0;
  const cut = (note: string) => [...matches, `[cut: ${note}]`].join("\n");
  for await (const entry of walk(folder, path, undefined)) {
    if (performance.now() > deadline) return cut(`the time was over after ${files} files; name a smaller folder`);
    if (entry.kind !== "file") continue;
    if (++files > MOST_FILES) return cut(`the first ${MOST_FILES} files were searched`);
    if ((await sizeOf(entry.path)) > MOST_FILE_BYTES) {
      tooLarge++;
      continue;
    }
    const text = await textOf(folder, entry.path);
    if (text === undefined) continue;
    let number = 0;
    for (const { start, end } of lineRanges(text)) {
      number++;
      const found = placeOf(wanted, text, start, end);
      if (found === undefined) continue;
      if (matches.length === MOST_MATCHES) return cut(`the first ${MOST_MATCHES} lines are shown`);
      matches.push(`${folder.show(entry.path)}:${number}: ${excerpt(text, start, end, found)}`);
    }
  }
  const note = tooLarge === 0 ? "" : `not searched since larger than ${MOST_FILE_BYTES} bytes: ${tooLarge} files`;
  if (matches.length > 0) return note === "" ? matches.join("\n") : cut(note);
  return `[no line of ${files - tooLarge} files contains this${note === "" ? "" : `; ${note}`}]`;
}

async function sizeOf(path: string): Promise<number> {
  return await lstat(path).then(
    ({ size }) => size,
    () => 0, // it is gone, which is found when it is opened
  );
}

/** Where in the line the part begins that contains the text. */
function placeOf(wanted: string, text: string, start: number, end: number): number | undefined {
  for (let from = start; from < end; from += PART_CHARACTERS) {
    // parts overlap: the text may stand where one ends, with forms that folding makes shorter
    const part = text.slice(from, Math.min(end, from + PART_CHARACTERS + 4 * wanted.length));
    const folded = foldText(part);
    const at = folded.indexOf(wanted);
    // folding changes lengths little in most texts
    if (at >= 0) return Math.min(end, from + Math.min(at, part.length));
  }
  return undefined;
}

/** A long line is shown from a little before the place that was found. */
function excerpt(text: string, start: number, end: number, found: number): string {
  if (end - start <= LINE_CHARACTERS) return text.slice(start, end);
  const from = Math.max(start, Math.min(found - 100, end - LINE_CHARACTERS));
  // half a character at either end is left out
  const shown = text.slice(from, from + LINE_CHARACTERS).replaceAll(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, "");
  return `${from > start ? "…" : ""}${shown}${from + LINE_CHARACTERS < end ? "…" : ""}`;
}

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

/** Where each line of a text begins and ends, without its line break: an array of all lines can take more memory than there is. */
export function* lineRanges(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const next = found < 0 ? text.length : found;
    yield { start, end: found > start && text[found - 1] === "\r" ? found - 1 : next };
    start = next + 1;
  }
}
