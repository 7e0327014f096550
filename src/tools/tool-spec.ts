import type { ErrorDetail, GptOssError } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";

/** What `--tools` names, and what each needs after a colon. */
const KINDS = {
  calculator: "nothing",
  clock: "nothing",
  /** read_file, list_files, search_files and, when asked, write_file. */
  files: "folder",
  /** read_file, list_files and search_files. */
  read: "folder",
  /** remember (asks) and recall. */
  notes: "nothing",
  /** search, open and find of gpt-oss's browser, over the text files of a folder. */
  browser: "folder",
  /** python, isolated where the machine can; otherwise it asks each time. */
  python: "nothing",
  /** repo_browser's tools and, when asked, apply_patch: those that gpt-oss was trained with for projects. */
  code: "folder",
  /** run_command: asks each time. */
  command: "folder",
  /** fetch_url: asks for each host. */
  fetch: "nothing",
  /** All tools of the MCP servers in a file, or in the user's own mcp.json. */
  mcp: "file",
} as const;

/** A name that a tool list may hold. */
export type ToolKind = keyof typeof KINDS;

/** One word of a tool list: a kind, and the folder or file that it works on. */
export interface ToolRequest {
  readonly kind: ToolKind;
  readonly path?: string | undefined;
}

/** Names that a tool list may hold. */
export const TOOL_KINDS = Object.keys(KINDS) as readonly ToolKind[];

const NEEDED = { nothing: "", folder: ":PATH", file: ":FILE" };

/** A tool list's words as help shows them. */
export const TOOL_WORDS: readonly string[] = TOOL_KINDS.map((kind) => kind + NEEDED[KINDS[kind]]);

/**
 * Reads `calculator,clock,files:PATH`. A comma inside a path is written `\,`; `~/` is the user's home folder.
 * @throws GptOssError `usage` that names the word
 */
export function parseToolSpec(text: string, home?: string): ToolRequest[] {
  const words = text
    .split(/(?<!\\),/)
    .map((word) => word.trim().replaceAll(String.raw`\,`, ","))
    .filter((word) => word !== "");
  if (words.length === 0) throw wrong(errorDetail("noToolNamed"));
  return words.map((word) => parseToolWord(word, home));
}

/** Words of a line that a person types: spaces or commas between them, quotes or `\\` where a path has some. */
export function splitToolWords(line: string): string[] {
  return Array.from(line.matchAll(/(?:\\.|"[^"]*"|[^\s,、\\"])+/g), ([word]) =>
    word.replaceAll(/\\(.)|"/g, (_match, escaped: string | undefined) => escaped ?? ""),
  );
}

/** One word of such a list. @throws GptOssError `usage` that names it */
export function parseToolWord(word: string, home: string | undefined): ToolRequest {
  const colon = word.indexOf(":");
  const name = colon < 0 ? word : word.slice(0, colon);
  const path = colon < 0 ? undefined : word.slice(colon + 1);
  const kind = TOOL_KINDS.find((known) => known === name);
  if (kind === undefined) throw wrong(errorDetail("unknownTool", JSON.stringify(name)));
  const needs = KINDS[kind];
  if (needs === "folder" && !path) throw wrong(errorDetail("toolNeedsFolder", kind));
  if (needs === "nothing" && path !== undefined) throw wrong(errorDetail("toolTakesNoPath", kind));
  return { kind, ...(path && { path: home === undefined ? path : path.replace(/^~(?=\/|$)/, home) }) };
}

function wrong(what: ErrorDetail): GptOssError {
  return createError("badTools", [what]);
}
