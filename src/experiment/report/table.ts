import stringWidth from "string-width";
import type { Results } from "../results/results.ts";
import { showableText } from "../../text/showable-text.ts";
import { armsInOrder, type Column, shownColumns } from "./columns.ts";
import { conclusionsOf, METHOD, titleOf } from "./sentences.ts";

const GAP = "  ";

/** The report for a terminal; Japanese characters count as the two columns that they take. */
export function renderTable(results: Results): string {
  const sentences = conclusionsOf(results);
  const text = [
    titleOf(results),
    "",
    ...tableLines(results),
    ...checkLines(results),
    ...(sentences.length > 0 ? ["", ...sentences] : []),
    "",
    METHOD,
    "",
  ].join("\n");
  // names come from a file, and what is said of a failed cell from a server
  return showableText(text);
}

function tableLines(results: Results): readonly string[] {
  const columns = shownColumns(results);
  const rows = armsInOrder(results).map((arm) => columns.map(({ cell }) => cell(arm, results)));
  return alignRows(columns, rows);
}

/** Mean of every check by arm, when there is more than one. */
function checkLines({ checks, arms }: Results): readonly string[] {
  if (checks.length < 2) return [];
  const columns: Pick<Column, "title" | "align">[] = [
    { title: "check", align: "left" },
    ...arms.map(({ id }) => ({ title: id, align: "right" as const })),
  ];
  const rows = checks.map(({ name, weight }) => [
    weight === 0 ? `${name} (shown only)` : name,
    ...arms.map((arm) => {
      const score = arm.checks[name];
      return typeof score === "number" ? score.toFixed(2) : "—";
    }),
  ]);
  return ["", ...alignRows(columns, rows)];
}

function alignRows(
  columns: readonly Pick<Column, "title" | "align">[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => stringWidth(row[index] ?? ""))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? "left"))
      .join(GAP)
      .trimEnd();
  const [head = "", ...body] = all.map(line);
  return [head, widths.map((width) => "─".repeat(width)).join(GAP), ...body];
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "left" ? text + space : space + text;
}
