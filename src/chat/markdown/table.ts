import { LineWrapper } from "../../terminal/line-wrapper.ts";
import { asItIs, both, type Paint, type Style } from "../../terminal/style.ts";
import { type Alignment, marginsOf, widthOf } from "../../terminal/text-width.ts";
import { type Span, spansOf, tableIn } from "./inline.ts";

/** A cell on screen: its lines, each with what it looks like and how wide it is. */
type CellLines = readonly { readonly shown: string; readonly width: number }[];

const NARROWEST_COLUMN = 4;
/** What stands between two columns: ` │ `. */
const SEPARATOR_WIDTH = 3;

/**
 * A table as lines, with columns aligned by the width that characters take on screen. Where it is too wide cells are broken into lines,
 * and where even that is too narrow each row becomes a list of `header: value`. Undefined when the source is not a table.
 */
export function tableLines(source: string, columns: number, style: Style): string[] | undefined {
  const table = tableIn(source);
  if (table === undefined) return undefined;
  const cells = [table.header, ...table.rows].map((row) =>
    row.map(({ tokens }) => spansOf(tokens, (text) => text, style)),
  );
  const natural = table.header.map((_, index) => Math.max(1, ...cells.map((row) => widthOfSpans(row[index] ?? []))));
  const available = columns - SEPARATOR_WIDTH * (natural.length - 1);
  if (available < NARROWEST_COLUMN * natural.length) return asRecords(cells, style);
  const widths = shrink(natural, available);
  const [header = [], ...rows] = cells.map((row) => widths.map((width, index) => cellLines(row[index] ?? [], width)));
  const alignments = table.align.map((align) => align ?? "left");
  const bold = header.map((lines) => lines.map(({ shown, width }) => ({ shown: style.bold(shown), width })));
  const rule = style.dim(widths.map((width) => "─".repeat(width)).join("─┼─"));
  const isBroken = rows.some((row) => row.some((cell) => cell.length > 1));
  const lines = [...rowLines(bold, widths, alignments, style), rule];
  for (const [index, row] of rows.entries()) {
    if (isBroken && index > 0) lines.push(rule);
    lines.push(...rowLines(row, widths, alignments, style));
  }
  return lines;
}

function widthOfSpans(spans: readonly Span[]): number {
  const lines = spans
    .map(({ text }) => text)
    .join("")
    .split("\n");
  return Math.max(...lines.map((line) => widthOf(line)));
}

/** Takes from the widest columns until all fit. */
function shrink(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  for (let excess = widths.reduce((sum, width) => sum + width, 0) - available; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return widths;
}

function cellLines(spans: readonly Span[], width: number): CellLines {
  const lines = [{ shown: "", width: 0 }];
  const wrapper = new LineWrapper({
    columns: () => width,
    write(text) {
      if (text === "\n") lines.push({ shown: "", width: 0 });
      else {
        const line = lines.at(-1);
        if (line) Object.assign(line, { shown: line.shown + text, width: line.width + widthOf(text) });
      }
    },
  });
  for (const { text, paint } of spans) wrapper.write(text, paint);
  wrapper.flush();
  return lines;
}

function rowLines(
  cells: readonly CellLines[],
  widths: readonly number[],
  alignments: readonly Alignment[],
  style: Style,
): string[] {
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, index) => {
        const { shown, width: taken } = cells[index]?.[line] ?? { shown: "", width: 0 };
        const [before, behind] = marginsOf(taken, width, alignments[index]);
        return before + shown + behind;
      })
      .join(style.dim(" │ "))
      .trimEnd(),
  );
}

function asRecords(cells: readonly (readonly Span[])[][], style: Style): string[] {
  const [header = [], ...rows] = cells;
  const names = header.map((spans) => textOf(spans, style.bold));
  return rows
    .map((row) => names.map((name, column) => `${name}: ${textOf(row[column] ?? [], asItIs)}`).join("\n"))
    .join("\n\n")
    .split("\n");
}

function textOf(spans: readonly Span[], own: Paint): string {
  return spans.map(({ text, paint }) => both(own, paint)(text.replaceAll("\n", " "))).join("");
}

const DELIMITER = /^ *\|?(?: *:?-+:? *\|)* *:?-+:? *\|? *$/;

/** Where the cells of a line without a `|` at its beginning end: at each `|` that is neither escaped nor in code. -1 where there is none. */
function firstBar(line: string): number {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === "|") return at;
    if (line[at] === "\\") at++;
    else if (line[at] === "`") {
      const mark = /^`+/.exec(line.slice(at))?.[0] ?? "";
      const end = line.indexOf(mark, at + mark.length);
      if (end < 0) return -1;
      at = end + mark.length - 1;
    }
  }
  return -1;
}

/** Whether a line may be the header of a table, or a row of one. */
export function hasBar(line: string): boolean {
  return firstBar(line) >= 0;
}

/** Whether a line that is being shown has turned out to be a table's header, of which nothing stands on another line of the screen yet. */
export function isHeaderBeginning(line: string, column: number, columns: number): boolean {
  const bar = firstBar(line);
  return (
    bar >= 0 &&
    !/<br/i.test(line.slice(0, bar)) &&
    column + widthOf(line.slice(0, bar).replaceAll("\t", "    ")) <= columns
  );
}

/** Whether the line below a header makes it one: `---|:--:`. */
export function isDelimiterOf(header: string, line: string): boolean {
  return line.includes("|") && DELIMITER.test(line) && cellsIn(header) === cellsIn(line);
}

/** The same for the beginning of such a line. */
export function mayBeDelimiter(beginning: string): boolean {
  return /^[ :|-]*$/.test(beginning);
}

function cellsIn(line: string): number {
  const inside = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  let count = 1;
  for (let rest = inside, bar = firstBar(rest); bar >= 0; bar = firstBar(rest)) {
    count++;
    rest = rest.slice(bar + 1);
  }
  return count;
}
