import { relative, sep } from "node:path";
import { showableLine } from "../../terminal/untrusted-text.ts";
import { lineRanges } from "../files/search-files.ts";
import { textOf, type ToolFolder } from "../files/tool-folder.ts";
import { ToolError } from "../tool-result.ts";
import { IgnoreRules } from "./gitignore.ts";

/** What looks at a project, in a thread that can be ended. */
export interface BrowseTask {
  /** Where the project's folder really is. */
  readonly root: string;
  readonly path: string;
  /** Folders below are listed down to this depth. */
  readonly depth: number;
  /** Lines that match are listed instead. */
  readonly query?: string | undefined;
  readonly maxResults?: number | undefined;
  /** Milliseconds after which what was found so far is the answer. */
  readonly timeMs: number;
}

interface ProjectEntry {
  readonly path: string;
  readonly depth: number;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly name: string;
}

const MAX_ENTRIES = 1_000;
const MAX_DEPTH = 16;
const LINE_CHARACTERS = 300;

/** The names in a folder, each with two spaces for every level, folders with `/`. @throws ToolError */
export async function printTree(folder: ToolFolder, { path, depth }: BrowseTask, deadline: number): Promise<string> {
  const lines: string[] = [];
  for await (const entry of walkProject(folder, path, Math.min(depth, MAX_DEPTH))) {
    if (lines.length === MAX_ENTRIES || performance.now() > deadline) {
      lines.push(`[cut: the first ${lines.length} entries are shown; name a folder in it]`);
      break;
    }
    const mark = { file: "", folder: "/", link: " (a link)", other: " (no regular file)" }[entry.kind];
    lines.push(`${"  ".repeat(entry.depth)}${showableLine(entry.name)}${mark}`);
  }
  return lines.length === 0 ? "[the folder is empty]" : lines.join("\n");
}

/** Lines that match a pattern, as `file:line:text`: for machines without ripgrep. @throws ToolError */
export async function searchProject(folder: ToolFolder, task: BrowseTask, deadline: number): Promise<string> {
  const { path, query = "", maxResults = 20 } = task;
  const pattern = patternOf(query);
  const found: string[] = [];
  for await (const file of filesIn(folder, path)) {
    if (performance.now() > deadline) return [...found, "[cut: the time was over; name a smaller folder]"].join("\n");
    const text = await textOf(folder, file);
    if (text === undefined) continue;
    let number = 0;
    for (const { start, end } of lineRanges(text)) {
      number++;
      const line = text.slice(start, Math.min(end, start + 10 * LINE_CHARACTERS));
      if (!pattern.test(line)) continue;
      if (found.length === maxResults) return [...found, cutNote(maxResults)].join("\n");
      found.push(`${folder.show(file)}:${number}:${shortLine(line)}`);
    }
  }
  return found.length === 0 ? NOTHING_FOUND : found.join("\n");
}

export const NOTHING_FOUND = "[no line matches]";

export function cutNote(maxResults: number): string {
  return `[cut: the first ${maxResults} lines are shown; raise max_results or name a smaller folder]`;
}

export function shortLine(line: string): string {
  return line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line;
}

function patternOf(query: string): RegExp {
  try {
    return new RegExp(query, "u");
  } catch {
    // a pattern of another language, or plain text
    return new RegExp(query.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`), "u");
  }
}

async function* filesIn(folder: ToolFolder, path: string): AsyncGenerator<string> {
  const real = await folder.locate(path);
  const entries = await folder.entries(real).catch((error: unknown) => {
    if (error instanceof ToolError) return undefined; // a file
    throw error;
  });
  if (entries === undefined) {
    yield real;
    return;
  }
  for await (const entry of walkProject(folder, real, MAX_DEPTH)) if (entry.kind === "file") yield entry.path;
}

/** Everything that .gitignore does not exclude, name by name; links are named and not followed. */
export async function* walkProject(folder: ToolFolder, path: string, depth: number): AsyncGenerator<ProjectEntry> {
  const start = await folder.locate(path);
  let rules = new IgnoreRules();
  const parts = relative(folder.root, start)
    .split(sep)
    .filter((part) => part !== "");
  for (let length = 0; length < parts.length; length++) {
    rules = await withRulesOf(folder, parts.slice(0, length), rules);
  }
  yield* walkLevel(folder, start, 0, depth, rules);
}

async function* walkLevel(
  folder: ToolFolder,
  path: string,
  level: number,
  depth: number,
  outer: IgnoreRules,
): AsyncGenerator<ProjectEntry> {
  const { here, entries } = await folder.entries(path);
  const parts = relative(folder.root, here)
    .split(sep)
    .filter((part) => part !== "");
  const rules = await withRulesOf(folder, parts, outer);
  for (const entry of entries) {
    if (entry.name === ".git") continue;
    if (rules.ignores([...parts, entry.name].join("/"), entry.isDirectory())) continue;
    const found = { path: here + sep + entry.name, depth: level, name: entry.name };
    if (entry.isSymbolicLink()) yield { ...found, kind: "link" };
    else if (entry.isFile()) yield { ...found, kind: "file" };
    else if (!entry.isDirectory()) yield { ...found, kind: "other" };
    else {
      yield { ...found, kind: "folder" };
      if (level + 1 < depth) yield* walkLevel(folder, found.path, level + 1, depth, rules);
    }
  }
}

async function withRulesOf(folder: ToolFolder, parts: readonly string[], rules: IgnoreRules): Promise<IgnoreRules> {
  const text = await textOf(folder, [folder.root, ...parts, ".gitignore"].join(sep));
  return text === undefined ? rules : rules.with(parts.join("/"), text);
}
