import { ToolError } from "../tool-result.ts";
import type { Hunk, HunkLine } from "./patch-language.ts";

/** How lines of a patch and of a file are compared: exactly, then without white space at the end, then without any around. */
const COMPARISONS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
];

/**
 * The text of a file after the changes, each looked for behind the one before. Lines that stay are the file's own, whatever white space
 * the patch has for them. New lines end as the file's lines do.
 * @throws ToolError that says which change did not match, and what stands in the file
 */
export function applyHunks(path: string, text: string, hunks: readonly Hunk[]): string {
  const ending = text.includes("\r\n") ? "\r" : "";
  const endsInBreak = text === "" || text.endsWith("\n");
  const lines = text.split("\n");
  if (endsInBreak) lines.pop();
  const result: string[] = [];
  let done = 0;
  for (const [index, hunk] of hunks.entries()) {
    const place = findHunk(lines, hunk, done);
    if (place === undefined) throw new ToolError(describeMismatch(path, lines, hunks, index, done));
    result.push(...lines.slice(done, place.at));
    let at = place.at;
    for (const { mark, text: line } of place.lines) {
      if (mark === "+") result.push(line + ending);
      else {
        if (mark === " ") result.push(lines[at] ?? "");
        at++;
      }
    }
    done = at;
  }
  result.push(...lines.slice(done));
  return result.length === 0 ? "" : result.join("\n") + (endsInBreak ? "\n" : "");
}

interface FoundHunk {
  readonly at: number;
  /** Without empty lines at the end that the file does not have. */
  readonly lines: readonly HunkLine[];
}

function findHunk(lines: readonly string[], hunk: Hunk, from: number): FoundHunk | undefined {
  const start = findAnchors(lines, hunk.anchors, from);
  if (start === undefined) return undefined;
  const insertion = hunk.lines.filter(({ isBare }) => !isBare);
  if (insertion.every(({ mark }) => mark === "+")) return { at: insertionPlace(lines, hunk, start), lines: insertion };
  const candidates = candidatesOf(hunk.lines);
  // the place that a unified diff names, when the lines are there
  const hinted = (hunk.lineHint ?? 0) - 1;
  const fitting = candidates.find((candidate) => findSequence(lines, oldLines(candidate), hinted) === hinted);
  if (hinted >= from && fitting !== undefined) return { at: hinted, lines: fitting };
  for (const candidate of candidates) {
    const wanted = oldLines(candidate);
    // the line that was looked for may be repeated as the first line of the change
    for (const first of hunk.anchors.length > 0 ? [start, start - 1] : [start]) {
      const at = findLines(lines, wanted, first, hunk.isAtEnd);
      if (at !== undefined && at >= from) return { at, lines: candidate };
    }
  }
  return undefined;
}

/** What the file has before the change. */
function oldLines(lines: readonly HunkLine[]): readonly string[] {
  return lines.filter(({ mark }) => mark !== "+").map(({ text }) => text);
}

/** As it is, then without empty lines at its end: they may only separate it from what follows. */
function candidatesOf(lines: readonly HunkLine[]): readonly (readonly HunkLine[])[] {
  const last = lines.findLastIndex(({ isBare }) => !isBare);
  return last === lines.length - 1 ? [lines] : [lines, lines.slice(0, last + 1)];
}

/** The line behind the last of the lines that are looked for; undefined when one is not there. */
function findAnchors(lines: readonly string[], anchors: readonly string[], from: number): number | undefined {
  let at = from;
  for (const anchor of anchors) {
    const found = findSequence(lines, [anchor], at);
    if (found === undefined) return undefined;
    at = found + 1;
  }
  return at;
}

/** Lines to insert beside none that stay: behind the line that was looked for, at a line of a unified diff, or at the end. */
function insertionPlace(lines: readonly string[], { anchors, lineHint, isAtEnd }: Hunk, start: number): number {
  if (isAtEnd) return lines.length;
  if (anchors.length > 0) return start;
  return lineHint === undefined ? lines.length : Math.min(Math.max(start, lineHint), lines.length);
}

function findLines(
  lines: readonly string[],
  wanted: readonly string[],
  from: number,
  isAtEnd: boolean,
): number | undefined {
  const end = lines.length - wanted.length;
  if (isAtEnd && end >= from && findSequence(lines, wanted, end) === end) return end;
  return findSequence(lines, wanted, from);
}

function findSequence(lines: readonly string[], wanted: readonly string[], from: number): number | undefined {
  for (const comparable of COMPARISONS) {
    const sought = wanted.map(comparable);
    for (let at = Math.max(0, from); at + sought.length <= lines.length; at++) {
      if (sought.every((line, offset) => line === comparable(withoutReturn(lines[at + offset] ?? "")))) return at;
    }
  }
  return undefined;
}

/** The line breaks of the file are not the patch's concern. */
function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Lines of the file that an answer shows. */
const MAX_SHOWN = 12;

function describeMismatch(
  path: string,
  lines: readonly string[],
  hunks: readonly Hunk[],
  index: number,
  from: number,
): string {
  const hunk = hunks[index];
  if (hunk === undefined) return `${path} does not match.`;
  const which = `Change ${index + 1} of ${hunks.length} in ${path} does not match, so nothing was changed.`;
  const missing = hunk.anchors.find(
    (_, position) => findAnchors(lines, hunk.anchors.slice(0, position + 1), from) === undefined,
  );
  if (missing !== undefined) {
    const isBefore = findAnchors(lines, [missing], 0) !== undefined;
    const why = isBefore ? "stands before the last change; order the changes as the file does" : "is not in the file";
    return `${which} The line after @@ ${why}: ${missing}`;
  }
  const wanted = oldLines(hunk.lines);
  const earlier = findSequence(lines, wanted, 0);
  if (earlier !== undefined) {
    return `${which} Its lines stand at line ${earlier + 1}, before the place of the change before or of the line after @@. Order the changes as the file does.`;
  }
  const near = nearestPlace(lines, wanted);
  const shown = lines.slice(near, near + Math.min(MAX_SHOWN, Math.max(wanted.length, 3)));
  const actual = shown.map((line, offset) => `${near + offset + 1}: ${withoutReturn(line)}`);
  const expected = wanted.slice(0, MAX_SHOWN);
  return `${which} These lines were not found:\n${expected.join("\n")}\n\nThe file has there:\n${actual.join("\n") || "[nothing: the file is empty]"}`;
}

/** Where most of the lines stand in their order, white space aside. */
function nearestPlace(lines: readonly string[], wanted: readonly string[]): number {
  const positions = new Map<string, number[]>();
  for (const [offset, line] of wanted.entries()) {
    const key = line.trim();
    if (key !== "") positions.set(key, [...(positions.get(key) ?? []), offset]);
  }
  const votes = new Map<number, number>();
  for (const [at, line] of lines.entries()) {
    for (const offset of positions.get(line.trim()) ?? []) votes.set(at - offset, (votes.get(at - offset) ?? 0) + 1);
  }
  const [best] = [...votes].toSorted(([, one], [, other]) => other - one);
  return Math.max(0, best?.[0] ?? 0);
}
