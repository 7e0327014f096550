import type { ReportText } from "../../i18n/catalogue.ts";
import { escapeHtml, showableText } from "../../terminal/untrusted-text.ts";
import { describeReason } from "../checks/check-reason.ts";
import { MARKS, statusOf, statusOfCheck } from "../results/answer-pairs.ts";
import type { CellResult, Results } from "../results/results.ts";
import { checkRows, conclusionsOf, shownColumns, titleOf, variantsInOrder } from "./tables.ts";

/** A table of thousands of answers takes browsers many seconds; charts and filters need JavaScript in any case. */
const MOST_ANSWERS = 500;

/** The report for a browser without JavaScript: conclusions, and plain tables of variants, checks and answers. */
export function renderPlainPage(results: Results, words: ReportText): string {
  const { page } = words;
  const columns = shownColumns(results, words);
  const variants = variantsInOrder(results).map((variant) => columns.map(({ cell }) => cell(variant, results)));
  const [checkHead, ...checks] = checkRows(results, words);
  const cells = results.cells.slice(0, MOST_ANSWERS);
  const isWhole = cells.length === results.cells.length;
  return [
    `<h1>${text(titleOf(results, words))}</h1>`,
    ...(results.experiment.description === undefined ? [] : [`<p>${text(results.experiment.description)}</p>`]),
    `<p class="note">${text(page.withoutScript)}</p>`,
    `<ul>${conclusionsOf(results, words)
      .map((sentence) => `<li>${text(sentence)}</li>`)
      .join("")}</ul>`,
    table(
      page.variantsCaption,
      columns.map(({ title }) => title),
      variants,
    ),
    ...(checkHead ? [table(page.checksCaption, checkHead, checks)] : []),
    ...(isWhole ? [] : [`<p class="note">${text(page.firstOf(cells.length, results.cells.length))}</p>`]),
    table(
      page.answersTitle,
      [...page.head, page.checks],
      cells.map((cell) => answerRow(cell, words)),
    ),
    `<p class="method">${text(words.method)}</p>`,
  ].join("\n");
}

function answerRow(cell: CellResult, { statuses, page, reasons }: ReportText): readonly string[] {
  const status = statusOf(cell);
  const score = cell.score === null ? "" : ` ${cell.score.toFixed(2)}`;
  return [
    `${cell.case} #${cell.repeat}`,
    cell.variant,
    `${MARKS[status]} ${statuses[status]}${score}`,
    [
      cell.error ?? "",
      cell.answer?.final ?? (cell.error === undefined ? page.notAskedYet : ""),
      ...(cell.answer?.toolCalls ?? []).map((call) => `${call.name}(${call.arguments})`),
    ]
      .filter(Boolean)
      .join("\n"),
    cell.checks
      .map((given) => `${MARKS[statusOfCheck(given)]} ${given.check}: ${describeReason(given, reasons)}`)
      .join("\n"),
  ];
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => {
    const [first = "", ...rest] = cells.map((cell) => text(cell).replaceAll("\n", "<br>"));
    return `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  };
  const titles = head.map((title) => `<th scope="col">${text(title)}</th>`).join("");
  return (
    `<div class="scroll"><table><caption>${text(caption)}</caption>` +
    `<thead><tr>${titles}</tr></thead><tbody>\n${rows.map(line).join("\n")}\n</tbody></table></div>`
  );
}

function text(given: string): string {
  return escapeHtml(showableText(given));
}
