import type { Results } from "../results/results.ts";
import { renderCsv } from "./csv.ts";
import type { Format } from "./formats.ts";
import { renderHtml } from "./html.ts";
import { renderJunit } from "./junit.ts";
import { renderLabels } from "./labels.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderTable } from "./table.ts";
import { type ReportWords, reportWordsIn } from "./words/index.ts";

const RENDERERS: Readonly<Record<Format, (results: Results, words: ReportWords) => string>> = {
  table: renderTable,
  markdown: renderMarkdown,
  csv: renderCsv,
  json: (results) => `${JSON.stringify(results, undefined, 2)}\n`,
  junit: renderJunit,
  html: renderHtml,
  labels: renderLabels,
};

/** A report as text. Formats for programs are the same in every language. */
export function render(results: Results, format: Format, language: ReportWords["language"] = "en"): string {
  return RENDERERS[format](results, reportWordsIn(format === "junit" ? "en" : language));
}
