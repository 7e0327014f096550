import { ToolError } from "../tool-result.ts";

/** The lines of one change, with the mark that each begins with. */
export interface HunkLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
  /** An empty line, which may stand for an empty line of the file, or only separate changes. */
  readonly isBare?: boolean;
}

/** One change of a file: where to look, and what is there before and after. */
export interface Hunk {
  /** Lines of the file to look for first, each behind the one before: a class, then a function. */
  readonly anchors: readonly string[];
  /** From the header of a unified diff: the line, counted from 1, where the change was. */
  readonly lineHint: number | undefined;
  readonly lines: readonly HunkLine[];
  /** The change is at the end of the file. */
  readonly isAtEnd: boolean;
}

/** What a patch does with one file. */
export type PatchSection =
  | { readonly kind: "add"; readonly path: string; readonly content: string }
  | { readonly kind: "delete"; readonly path: string }
  | {
      readonly kind: "update";
      readonly path: string;
      readonly moveTo: string | undefined;
      readonly hunks: readonly Hunk[];
    };

const SECTION = /^\*\*\* (Add|Delete|Update) File: *(.+?) *$/;
const MOVE = /^\*\*\* Move to: *(.+?) *$/;
const BEGIN = /^(?:\*\*\* ?)?Begin Patch *$/;
const END = /^(?:\*\*\* ?)?End Patch *$/;
const END_OF_FILE = /^\*\*\* End of File *$/;
/** `@@ -1,3 +1,4 @@ heading` of a unified diff. */
const UNIFIED = /^@@+ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@/;

/**
 * Reads a patch in the language that gpt-oss was trained with. It may lack its envelope, have CRLF line breaks, headers of unified diffs,
 * or empty lines in place of empty context lines; it may also be a whole unified diff, or stand in a fenced block or a here document.
 * @throws ToolError that says which line is wrong
 */
export function parsePatch(given: string): readonly PatchSection[] {
  const lines = unwrapPatch(given);
  if (!lines.some((line) => SECTION.test(line)) && isUnifiedDiff(lines)) return readUnifiedDiff(lines);
  const sections = readSections(lines);
  if (sections.length > 0) return sections;
  throw new ToolError(
    "The patch names no file. Begin with *** Begin Patch and a line such as *** Update File: src/a.txt, and end with *** End Patch.",
  );
}

/** The lines of the patch itself, without what stands around it. */
function unwrapPatch(given: string): readonly string[] {
  const lines = given.replaceAll("\r\n", "\n").split("\n");
  const begin = lines.findIndex((line) => BEGIN.test(line.trim()));
  const inside = lines.slice(begin + 1);
  const end = inside.findLastIndex((line) => END.test(line.trim()));
  if (end >= 0) return inside.slice(0, end);
  return withoutFrame(inside);
}

/** Without the last line of a fenced block or of a here document, and without empty lines at the end. */
function withoutFrame(lines: readonly string[]): readonly string[] {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const word = /<<-?\s*['"]?(\w+)['"]?\s*$/.exec(first)?.[1];
  const last = lines.findLastIndex((line) => line.trim() !== "");
  const closing = lines[last]?.trim() ?? "";
  const isFrame = closing.startsWith("```") || closing === word;
  return lines.slice(0, isFrame ? last : last + 1);
}

interface OpenSection {
  readonly kind: string;
  readonly path: string;
  readonly lines: { readonly text: string; readonly number: number }[];
}

function readSections(lines: readonly string[]): readonly PatchSection[] {
  const sections: OpenSection[] = [];
  for (const [index, text] of lines.entries()) {
    const [, kind, path] = SECTION.exec(text) ?? [];
    if (kind !== undefined && path !== undefined) sections.push({ kind, path, lines: [] });
    else if (sections.length > 0) sections.at(-1)?.lines.push({ text, number: index + 1 });
  }
  return sections.map(readSection);
}

function readSection({ kind, path, lines }: OpenSection): PatchSection {
  // empty lines between two sections belong to neither
  const used = lines.slice(0, lines.findLastIndex(({ text }) => text.trim() !== "") + 1);
  if (kind === "Add") return { kind: "add", path, content: addedText(path, used) };
  if (kind === "Delete") {
    const [extra] = used;
    if (extra !== undefined)
      throw new ToolError(`Nothing can follow *** Delete File: ${path}, but a line does: ${quoted(extra.text)}.`);
    return { kind: "delete", path };
  }
  const moveTo = MOVE.exec(used[0]?.text ?? "")?.[1];
  const hunks = readHunks(path, moveTo === undefined ? lines : lines.slice(1));
  if (hunks.length === 0 && moveTo === undefined)
    throw new ToolError(`The section of ${path} changes nothing: it has no lines with - or +.`);
  return { kind: "update", path, moveTo, hunks };
}

function addedText(path: string, lines: OpenSection["lines"]): string {
  const wrong = lines.find(({ text }) => text !== "" && !text.startsWith("+"));
  if (wrong !== undefined) {
    throw new ToolError(
      `Every line of the new file ${path} begins with +, but this one does not: ${quoted(wrong.text)}.`,
    );
  }
  return lines.map(({ text }) => `${text.slice(1)}\n`).join("");
}

interface HunkDraft {
  anchors: string[];
  lineHint: number | undefined;
  lines: HunkLine[];
  isAtEnd: boolean;
}

function readHunks(path: string, lines: OpenSection["lines"]): readonly Hunk[] {
  const hunks: HunkDraft[] = [];
  let open: HunkDraft | undefined;
  const begin = () => {
    open = { anchors: [], lineHint: undefined, lines: [], isAtEnd: false };
    hunks.push(open);
    return open;
  };
  for (const { text } of lines) {
    if (text.startsWith("@@")) {
      // several in a row narrow the place down
      if (open === undefined || open.lines.length > 0 || open.isAtEnd) open = begin();
      const hint = UNIFIED.exec(text)?.[1];
      const anchor = text.replace(/^@@+/, "").replace(/ @@$/, "").trim();
      if (hint !== undefined) open.lineHint = Number(hint);
      else if (anchor !== "" && anchor !== "@@") open.anchors.push(anchor);
    } else if (END_OF_FILE.test(text)) {
      (open ?? begin()).isAtEnd = true;
    } else if (!text.startsWith("\\ No newline")) {
      if (open === undefined || open.isAtEnd) open = text.trim() === "" ? open : begin();
      open?.lines.push(hunkLine(path, text));
    }
  }
  return hunks.filter((hunk) => hunk.lines.some(({ mark }) => mark !== " "));
}

function hunkLine(path: string, text: string): HunkLine {
  const mark = text.charAt(0);
  if (mark === "") return { mark: " ", text: "", isBare: true };
  if (mark === " " || mark === "-" || mark === "+") return { mark, text: text.slice(1) };
  throw new ToolError(
    `A line of a change in ${path} begins with neither a space, nor - nor +: ${quoted(text)}. Put a space before lines that stay.`,
  );
}

/** Whether the text is a unified diff: its headers name the files. */
function isUnifiedDiff(lines: readonly string[]): boolean {
  return lines.some((_, index) => unifiedHeaderAt(lines, index) !== undefined);
}

/** `--- a/x` and `+++ b/x`, and the header of a hunk. */
function unifiedHeaderAt(
  lines: readonly string[],
  at: number,
): { readonly before: string; readonly after: string } | undefined {
  const before = /^--- ([^\t]+)/.exec(lines[at] ?? "")?.[1];
  const after = /^\+\+\+ ([^\t]+)/.exec(lines[at + 1] ?? "")?.[1];
  if (before === undefined || after === undefined || !(lines[at + 2] ?? "").startsWith("@@")) return undefined;
  return { before: plainPath(before), after: plainPath(after) };
}

function plainPath(written: string): string {
  return written.trim().replace(/^[ab]\//, "");
}

const NO_FILE = "/dev/null";

function readUnifiedDiff(lines: readonly string[]): readonly PatchSection[] {
  const starts = lines.flatMap((_, index) => {
    const header = unifiedHeaderAt(lines, index);
    return header === undefined ? [] : [{ index, ...header }];
  });
  return starts.map(({ index, before, after }, position): PatchSection => {
    const end = starts[position + 1]?.index ?? lines.length;
    const body = lines.slice(index + 2, end).filter((text) => !/^(?:diff --git |index [0-9a-f]+\.\.)/.test(text));
    while (body.at(-1)?.trim() === "") body.pop();
    const hunks = readHunks(
      after,
      body.map((text, number) => ({ text, number })),
    );
    if (after === NO_FILE) return { kind: "delete", path: before };
    if (before !== NO_FILE) {
      return { kind: "update", path: before, moveTo: after === before ? undefined : after, hunks };
    }
    const added = hunks.flatMap((hunk) => hunk.lines.map(({ text }) => `${text}\n`));
    return { kind: "add", path: after, content: added.join("") };
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
