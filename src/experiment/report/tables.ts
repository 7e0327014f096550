import stringWidth from "string-width";
import type { ReportWords } from "../../i18n/catalogue.ts";
import { showableText } from "../../terminal/untrusted-text.ts";
import type { Results } from "../results/results.ts";
import { armsInOrder, type Column, shownColumns, conclusionsOf, titleOf } from "./columns.ts";

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

/** The summary as Markdown, for a pull request or a notebook. */
export function renderMarkdown(results: Results, words: ReportWords): string {
  const columns = shownColumns(results, words);
  const flips = results.comparisons.filter(({ gained, lost }) => gained.length + lost.length > 0);
  return [
    `# ${escapeMarkdown(titleOf(results, words))}`,
    "",
    ...(results.experiment.description === undefined ? [] : [escapeMarkdown(results.experiment.description), ""]),
    markdownRow(columns.map(({ title }) => title)),
    markdownRow(columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...armsInOrder(results).map((arm) => markdownRow(columns.map(({ cell }) => escapeMarkdown(cell(arm, results))))),
    "",
    ...conclusionsOf(results, words).map((sentence) => `- ${escapeMarkdown(sentence)}`),
    ...flips.flatMap(({ arm, baseline, gained, lost }) => [
      "",
      words.flipsOf(
        escapeMarkdown(arm),
        escapeMarkdown(baseline),
        [...gained.map((id) => `+${escapeMarkdown(id)}`), ...lost.map((id) => `−${escapeMarkdown(id)}`)].join(", "),
      ),
    ]),
    "",
    words.method,
    "",
  ].join("\n");
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Names and sentences come from a definition, which must not write markup. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`).replaceAll("\n", " ");
}
