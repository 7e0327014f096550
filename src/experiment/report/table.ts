import stringWidth from "string-width";
import type { Results } from "../results/results.ts";
import { showableText } from "../../text/showable-text.ts";
import { armsInOrder, type Column, shownColumns } from "./columns.ts";
import { conclusionsOf, titleOf } from "./sentences.ts";
import type { ReportWords } from "./words/index.ts";

const GAP = "  ";

/** The report for a terminal; Japanese characters count as the two columns that they take. */
export function renderTable(results: Results, words: ReportWords): string {
  const sentences = conclusionsOf(results, words);
  const text = [
    titleOf(results, words),
    "",
    ...tableLines(results, words),
    ...checkLines(results, words),
    ...(sentences.length > 0 ? ["", ...sentences] : []),
    "",
    words.method,
    "",
  ].join("\n");
  // names come from a file, and what is said of a failed cell from a server
  return showableText(text);
}

function tableLines(results: Results, words: ReportWords): readonly string[] {
  const columns = shownColumns(results, words);
  const rows = armsInOrder(results).map((arm) => columns.map(({ cell }) => cell(arm, results)));
  return alignRows(columns, rows);
}

/** Mean of every check by arm, when there is more than one. */
function checkLines({ checks, arms }: Results, words: ReportWords): readonly string[] {
  if (checks.length < 2) return [];
  const columns: Pick<Column, "title" | "align">[] = [
    { title: words.columns.check, align: "left" },
    ...arms.map(({ id }) => ({ title: id, align: "right" as const })),
  ];
  const rows = checks.map(({ name, weight }) => [
    weight === 0 ? words.shownOnly(name) : name,
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
