import { widthOf } from "../../text/width.ts";

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
