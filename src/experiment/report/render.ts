import type { Results } from "../results/results.ts";
import { renderCsv } from "./csv.ts";
import type { Format } from "./formats.ts";
import { renderHtml } from "./html.ts";
import { renderJunit } from "./junit.ts";
import { renderLabels } from "./labels.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderTable } from "./table.ts";

const RENDERERS: Readonly<Record<Format, (results: Results) => string>> = {
  table: renderTable,
  markdown: renderMarkdown,
  csv: renderCsv,
  json: (results) => `${JSON.stringify(results, undefined, 2)}\n`,
  junit: renderJunit,
  html: renderHtml,
  labels: renderLabels,
};

/** A report as text. */
export function render(results: Results, format: Format): string {
  return RENDERERS[format](results);
}
